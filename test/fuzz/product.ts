import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { expect } from 'vitest';
import type { SiteAnswer } from '../../schemas/site.ts';
import { createApi } from '../support/api.ts';
import { freePort, spawnProduct } from '../support/process.ts';
import { eventually } from '../support/product.ts';
import { createService } from '../support/service.ts';
import type { Keys } from './bodies.ts';
import { mostMegabytes, mostProductMegabytes } from './settings.ts';

export type Stats = Record<'received' | 'stored' | 'duplicate' | 'rejected' | 'waiting', number>;
export type FuzzedProduct = Awaited<ReturnType<typeof startProduct>>;

const childrenOf = (pid: number): number[] => {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
};
/**
 * Megabytes that a process holds for itself; 0 on systems that do not tell. Without the files that it maps: pages of the log stay in memory for as
 * long as nobody needs the room.
 */
const heldBy = (pid: number): number => {
  const file = `/proc/${pid}/status`;
  const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
};

const lookMilliseconds = 100;

/** The most that the product, and it with its engine, held at any look. */
const watchMemory = (product: number, engine: number) => {
  const peak = { product: 0, all: 0 };
  const look = (): void => {
    const own = heldBy(product);
    peak.product = Math.max(peak.product, own);
    peak.all = Math.max(
      peak.all,
      childrenOf(engine)
        .map(heldBy)
        .reduce((sum, each) => sum + each, own),
    );
  };
  const timer = setInterval(look, lookMilliseconds);
  return { peak, stop: (): void => clearInterval(timer) };
};

/**
 * The whole product in a process of its own, its engine in another, whose door the test has a key to: it looks at the warehouse past all of our
 * code. `close` ends and removes it.
 */
export const startProduct = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-fuzz-'));
  const address = `127.0.0.1:${await freePort()}`;
  const warehouseUrl = `http://tests:warehouse-of-the-tests@${address}/default`;
  const engine = await createService({
    name: 'engine',
    kind: 'engine',
    folder,
    environment: { CLICKHOUSE_URL: warehouseUrl },
    healthUrl: `http://${address}/ping`,
  });
  await engine.start();
  await engine.ready();
  const port = await freePort();
  const product = await spawnProduct({
    dataDir: join(folder, 'product'),
    port,
    environment: { CLICKHOUSE_URL: warehouseUrl },
  });
  const memory = watchMemory(product.pid, engine.pid());
  const warehouse = createClient({ url: warehouseUrl, request_timeout: 60_000 });
  const close = async (): Promise<void> => {
    memory.stop();
    await warehouse.close();
    await product.kill9();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  };

  const api = createApi(product.base);
  const statsOf = (site: string): Promise<Stats> => api('GET', `/api/sites/${site}/ingest/stats`);
  return {
    port,
    base: product.base,
    close,
    output: product.output,
    /** Megabytes. */
    peak: memory.peak,
    /** It runs, answers, and did not outgrow its cap; nothing in its log is our bug. */
    checkHealth: async (): Promise<void> => {
      expect(product.isRunning(), product.output()).toBe(true);
      const health = await fetch(`${product.base}/health/ready`);
      expect(health.status, await health.text()).toBe(200);
      expect(product.output()).not.toMatch(/request failed|"level":50/);
      expect(memory.peak.product, 'megabytes of the product').toBeLessThan(mostProductMegabytes);
      expect(memory.peak.all, 'megabytes with the engine').toBeLessThan(mostMegabytes);
    },
    createSite: async (id: string): Promise<Keys> => {
      const site = await api<SiteAnswer>('POST', '/api/sites', { id, name: id });
      return { writeKey: site.writeKeys[0] ?? '', secretKey: site.secretKeys[0] ?? '' };
    },
    /** The list that an operator sees. */
    rejected: (site: string, cursor = '') =>
      api<{ rejected: { event: string }[]; nextCursor: string | null }>(
        'GET',
        `/api/sites/${site}/rejected?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      ),
    /** Events that have come in. */
    received: async (site: string): Promise<number> => (await statsOf(site)).received,
    /** Waits until nothing waits any more; the books must balance. */
    settled: (site: string, received: number, seconds = 120): Promise<Stats> =>
      eventually(async () => {
        const stats = await statsOf(site);
        expect(stats).toMatchObject({ waiting: 0, received });
        expect(stats.stored + stats.duplicate + stats.rejected).toBe(received);
        return stats;
      }, seconds),
    /** Rows as the engine itself has them. */
    rows: async <T>(query: string): Promise<T[]> => {
      const answer = await warehouse.query({ query, format: 'JSONEachRow' });
      return (await answer.json()) as T[];
    },
  };
};
