import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { Automation } from '../../schemas/automation.ts';
import type { Platform } from '../platform/platform.ts';
import { createClient } from './client.ts';
import { loadHistory } from './history.ts';
import { createLive } from './live.ts';
import { mountShop } from './shop.ts';
import { ensureAutomation, ensureSite, siteId, writeKey } from './site.ts';

export type Demo = {
  /** Resolves when the history is loaded. */
  ready: Promise<void>;
  close(): Promise<void>;
};

/** Between two lines about the history in the terminal. */
const progressMilliseconds = 3000;

/** Kept nowhere: made anew from the installation's own secret at each start. */
const demoSecretKey = (secret: string): string =>
  `sk_demo_${createHmac('sha256', secret).update('secret key of the demo shop').digest('base64url').slice(0, 32)}`;

/** Where this process itself reaches the server, once it listens. */
const ownAddress = (platform: Platform): { loopback: string; publicUrl: string } => {
  const address = platform.http.app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : platform.config.port;
  const listened = typeof address === 'object' && address !== null ? address.address : '127.0.0.1';
  const host =
    listened === '0.0.0.0'
      ? '127.0.0.1'
      : listened === '::'
        ? '[::1]'
        : listened.includes(':')
          ? `[${listened}]`
          : listened;
  return { loopback: `http://${host}:${port}`, publicUrl: platform.config.publicUrl ?? `http://localhost:${port}` };
};

/**
 * The demo shop: its site, its pages at /demo, its history, its visitors. Everything it knows comes from the public routes, as
 * for any shop. History and visitors begin when the server listens; they never hold up the start.
 */
export const start = async (
  platform: Platform,
  { basketRescue, progress = () => {} }: { basketRescue: Automation; progress?: (line: string) => void },
): Promise<Demo> => {
  const { config, clock, http, telemetry } = platform;
  const settings = config.demo ?? { seed: 0, days: 0 };
  const secretKey = demoSecretKey(config.secretKey);
  const stopping = new AbortController();
  const { signal } = stopping;
  await ensureSite(platform, createHash('sha256').update(secretKey).digest('hex'));

  const warn = (error: unknown) => telemetry.logger.warn({ err: error }, 'the demo was refused something');
  const clientTo = (baseUrl: string) => createClient({ baseUrl, clock, signal });
  mountShop(platform, { client: () => clientTo(ownAddress(platform).loopback), secretKey, writeKey, siteId });

  const loadPast = async (): Promise<void> => {
    const { loopback, publicUrl } = ownAddress(platform);
    await ensureAutomation(platform, basketRescue, `${publicUrl}/demo/basket`);
    let spokenAt = Number.NEGATIVE_INFINITY;
    const sent = await loadHistory({
      client: clientTo(loopback),
      secretKey,
      folder: join(config.dataDir, 'demo'),
      ...settings,
      now: clock.now(),
      baseUrl: publicUrl,
      signal,
      progress: (loaded, days) => {
        if (clock.now() - spokenAt < progressMilliseconds) return;
        spokenAt = clock.now();
        progress(`Demo shop: ${loaded} of ${days} days of history loaded`);
      },
    });
    if (sent > 0) progress(`Demo shop: ${sent.toLocaleString('en')} events of history are in; visitors come in now.`);
  };
  const receiveVisitors = (): Promise<void> => {
    const { loopback, publicUrl } = ownAddress(platform);
    const { outbox } = platform;
    const { seed } = settings;
    const client = clientTo(loopback);
    return createLive({
      client,
      clock,
      outbox,
      writeKey,
      secretKey,
      site: siteId,
      seed,
      baseUrl: publicUrl,
      signal,
      warn,
    }).run();
  };

  const listening = Promise.withResolvers<void>();
  // The port is known to the server a moment after it listens.
  http.app.addHook('onListen', async () => listening.resolve());
  http.app.addHook('preClose', async () => stopping.abort());
  signal.addEventListener('abort', () => listening.resolve(), { once: true });

  const ready = listening.promise
    .then(() => (signal.aborted ? undefined : loadPast()))
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  const living = ready
    .catch((error: unknown) => {
      warn(error);
      progress('Demo shop: its history could not be loaded; the next start goes on with it.');
    })
    .then(() => (signal.aborted ? undefined : receiveVisitors()));
  return {
    ready,
    close: async () => {
      stopping.abort();
      await living;
    },
  };
};
