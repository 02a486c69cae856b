import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { type BrowserFile, createSnippet, settingsFor } from './browser-files.ts';
import { crossOriginHeaders, preflightHeaders } from './cross-origin.ts';
import { mountLinks } from './links.ts';
import { routeOfPath, trackingPaths } from './paths.ts';
import { pixelEvent, pixelGif } from './pixel.ts';
import { createRateLimit } from './rate-limit.ts';
import { createSites } from './sites.ts';
import { createTracking, type Tracking } from './tracking.ts';

type App = Platform['http']['app'];

/**
 * Every way in: tracking in the forms of Segment's, RudderStack's and Jitsu's clients, pixels, imports, and the files that browsers load.
 * Mounts its routes; it holds nothing but a list of sites, so there is nothing to flush on close.
 */
export const start = async (platform: Platform): Promise<{ close(): Promise<void> }> => {
  const { http, log, clock, definitions, telemetry, config } = platform;
  const tracking = createTracking({
    log,
    clock,
    telemetry,
    sites: createSites({ definitions, clock }),
    rateLimit: createRateLimit(clock),
  });
  // Registered, not mounted: the parser and the hook must not reach the other services' routes.
  await http.app.register(async (app) => {
    takeBytes(app);
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(crossOriginHeaders(request.headers));
      // Clients label JSON as text, as a form, or not at all: bytes decide, so no label is refused.
      request.headers['content-type'] = 'application/octet-stream';
    });
    mountTracking(app, tracking);
    mountPixel(app, tracking);
    mountBrowserFiles(app, config.publicUrl);
    app.get('/robots.txt', async (_request, reply) => reply.type('text/plain').send('User-agent: *\nDisallow: /\n'));
  });
  await mountLinks(platform);
  return { close: async () => {} };
};

const takeBytes = (app: App): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
};

const mountTracking = (app: App, tracking: Tracking): void => {
  for (const path of trackingPaths) {
    app.options(path, async (request, reply) => reply.code(204).headers(preflightHeaders(request.headers)).send());
    app.post(path, async (request, reply) => {
      const route = routeOfPath(request.url);
      if (route === null) throw new Failure('not_found');
      const answer = await tracking.take(request, route);
      reply.type('application/json').send(JSON.stringify(answer));
      return reply;
    });
  }
  // What analytics-next counts about itself; refusing it would only make noise in shoppers' consoles.
  for (const path of ['/v1/m', '/m']) app.post(path, async () => ({ success: true }));
  app.options('/m', async (request, reply) => reply.code(204).headers(preflightHeaders(request.headers)).send());
};

const mountPixel = (app: App, tracking: Tracking): void => {
  for (const path of ['/v1/pixel/:type', '/pixel/v1/:type', '/pixel/:type'])
    app.get(path, async (request, reply) => {
      try {
        const { request: event, type } = pixelEvent(request, request.params);
        await tracking.take(event, { kind: 'pixel', type });
      } catch (error) {
        // A broken picture in a mail helps nobody; a bug is still a bug.
        if (!(error instanceof Failure)) throw error;
      }
      return reply.type('image/gif').header('cache-control', 'no-store').send(pixelGif);
    });
};

const freshSeconds = 300;
const staleSeconds = 86_400;

const cacheHeaders = (file: BrowserFile, type: string): Record<string, string> => ({
  etag: file.etag,
  'content-type': type,
  'cache-control': `public, max-age=${freshSeconds}, stale-while-revalidate=${staleSeconds}`,
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
});

const mountBrowserFiles = (app: App, publicUrl: string | null): void => {
  const snippet = createSnippet();
  for (const path of [
    '/v1/projects/:writeKey/settings',
    '/projects/:writeKey/settings',
    '/v1/projects/projects/:writeKey/settings',
  ])
    app.get<{ Params: { writeKey: string } }>(path, async ({ params, headers }, reply) => {
      const settings = settingsFor(params.writeKey, { headers, publicUrl });
      reply.headers(cacheHeaders(settings, 'application/json; charset=utf-8'));
      return headers['if-none-match'] === settings.etag ? reply.code(304).send() : reply.send(settings.text);
    });
  app.get<{ Params: { writeKey: string } }>(
    '/analytics.js/v1/:writeKey/analytics.min.js',
    async ({ params, headers }, reply) => {
      const script = snippet(params.writeKey);
      if (script === null)
        throw new Failure('not_found', 'There is no script: check the write key, and that it was built.');
      reply.headers(cacheHeaders(script, 'text/javascript; charset=utf-8'));
      return headers['if-none-match'] === script.etag ? reply.code(304).send() : reply.send(script.text);
    },
  );
};
