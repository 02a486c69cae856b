import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Environment } from '../../schemas/config.ts';
import type { SiteAnswer } from '../../schemas/site.ts';
import type { Clock } from '../../services/platform/clock.ts';
import { createConfig, readEnvironment } from '../../services/platform/config.ts';
import { startProduct } from '../../services/product.ts';
import { adminToken, createApi } from './api.ts';

/** Asks until the answer is right: tests wait for a condition, not for time. */
export const eventually = async <T>(check: () => Promise<T>, seconds = 20): Promise<T> => {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

/**
 * The whole product on a temporary folder and a free port, as `npm start` runs it but for the clock and the demo. It is
 * closed and its folder removed when the test is over, unless `dataDir` is given.
 */
export const createTestProduct = async (
  options: { environment?: Partial<Record<keyof Environment, string>>; clock?: Clock; dataDir?: string } = {},
) => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'desirepath-')));
  const config = createConfig(
    readEnvironment({ PORT: '0', DATA_DIR: dataDir, ADMIN_TOKEN: adminToken, ...options.environment }),
  );
  const product = await startProduct(config, options.clock === undefined ? {} : { clock: options.clock });
  const base = `http://127.0.0.1:${product.port}`;
  const closing: { promise: Promise<void> | null } = { promise: null };
  const close = (): Promise<void> => (closing.promise ??= product.close());
  onTestFinished(async () => {
    await close();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  }, 30_000);

  const api = createApi(base);

  const createSite = (id = 'shop'): Promise<SiteAnswer> => api('POST', '/api/sites', { id, name: 'Shop' }, 201);

  /** Waits until every event that was acknowledged is a row (or counted otherwise). */
  const settled = (site = 'shop', received?: number) =>
    eventually(async () => {
      const stats = await api<Record<'received' | 'stored' | 'duplicate' | 'rejected' | 'waiting', number>>(
        'GET',
        `/api/sites/${site}/ingest/stats`,
      );
      if (stats.waiting !== 0 || (received !== undefined && stats.received !== received))
        throw new Error(`not settled: ${JSON.stringify(stats)}`);
      return stats;
    });

  return { ...product, base, dataDir, api, createSite, settled, close };
};
