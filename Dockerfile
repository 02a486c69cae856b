# One image for every service: `docker run desirepath collector`. Without a name it runs everything on the embedded log and engine.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Not `npm ci`: the lock file may lack the native parts of this machine's processor.
RUN npm install --no-audit --no-fund --ignore-scripts
COPY . .
RUN NODE_ENV=production node services/collector/snippet/build.mjs \
  && NODE_ENV=production node node_modules/vite/bin/vite.js build dashboards --config dashboards/vite.config.ts --logLevel error \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  # The image has this Node already.
  && rm -rf node_modules/node node_modules/node-bin-* node_modules/.bin/node test

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build --chown=root:root /app /app
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "services/main.ts"]
