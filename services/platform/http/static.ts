import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  // Mantine writes style elements at run time.
  "style-src 'self' 'unsafe-inline'",
  // Pictures of products come from the shops.
  "img-src 'self' data: https: http:",
  "connect-src 'self'",
  "frame-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The dashboards' files under /app; unknown paths there answer index.html, since the page routes itself. */
export const serveDashboards = async (app: FastifyInstance, folder: string): Promise<void> => {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/app', async () => 'The dashboards are not built yet: run npm start.');
    return;
  }
  const pageHeaders = {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'x-frame-options': 'DENY',
  };
  await app.register(fastifyStatic, {
    root: folder,
    prefix: '/app/',
    index: false,
    wildcard: false,
    immutable: true,
    maxAge: '365d',
    setHeaders: (reply) => void reply.headers(pageHeaders),
  });
  const page = async (_request: unknown, reply: FastifyReply) =>
    reply
      .headers({ ...pageHeaders, 'cache-control': 'no-cache' })
      .sendFile('index.html', { maxAge: 0, immutable: false, cacheControl: false });
  app.get('/app', page);
  app.get('/app/*', page);
  app.get('/', async (_request, reply) => reply.redirect('/app', 302));
};
