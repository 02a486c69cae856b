import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { adminToken } from '../support/api.ts';
import { long } from '../support/faults.ts';
import { freePort, spawnProduct } from '../support/process.ts';
import { eventually } from '../support/product.ts';

const kills = long(100, 6);
const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };

const post = async (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(5000) });

/** A client that retries as real ones do: the same messageIds until somebody answers 200. */
const sendForEver = (base: string, writeKey: string, acknowledged: Set<string>, signal: AbortSignal) => {
  const send = async (client: number): Promise<void> => {
    for (let batch = 0; !signal.aborted; batch += 1) {
      const ids = Array.from({ length: 20 }, (_, index) => `c${client}-b${batch}-${index}`);
      const body = {
        writeKey,
        sentAt: new Date().toISOString(),
        batch: ids.map((messageId) => ({ type: 'track', event: 'Tick', userId: `user-${client}`, messageId })),
      };
      for (let isAcknowledged = false; !isAcknowledged && !signal.aborted; ) {
        try {
          isAcknowledged = (await post(`${base}/v1/batch`, body)).status === 200;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      if (!signal.aborted) for (const id of ids) acknowledged.add(id);
    }
  };
  return Promise.all([1, 2, 3, 4].map(send));
};

test(`no acknowledged event is lost and none is stored twice through ${kills} kills`, {
  timeout: 120_000 + kills * 10_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desirepath-kill-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const port = await freePort();
  let product = await spawnProduct({ dataDir, port });
  onTestFinished(() => product.kill9());
  const site = (await (await post(`${product.base}/api/sites`, { id: 'shop', name: 'Shop' })).json()) as {
    writeKeys: string[];
  };
  const acknowledged = new Set<string>();
  const stop = new AbortController();
  const clients = sendForEver(product.base, site.writeKeys[0] ?? '', acknowledged, stop.signal);

  for (let round = 0; round < kills; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 2000));
    await product.kill9();
    product = await spawnProduct({ dataDir, port });
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  stop.abort();
  await clients;

  const stats = await eventually(async () => {
    const answer = await fetch(`${product.base}/api/sites/shop/ingest/stats`, { headers });
    const figures = (await answer.json()) as Record<string, number>;
    if (figures['waiting'] !== 0) throw new Error(`still waiting: ${JSON.stringify(figures)}`);
    return figures;
  }, 60);
  expect(stats['received']).toBe((stats['stored'] ?? 0) + (stats['duplicate'] ?? 0) + (stats['rejected'] ?? 0));
  const stored = await storedIds(product.base);
  expect(stored.length, 'each once').toBe(new Set(stored).size);
  const kept = new Set(stored);
  expect(
    [...acknowledged].filter((id) => !kept.has(id)),
    'lost',
  ).toEqual([]);
  console.log(`${kills} kills, ${acknowledged.size} acknowledged, ${JSON.stringify(stats)}`);
  expect(await product.interrupt(), product.output()).toBe(0);
});

/** Every message id that the four users' timelines show. */
const storedIds = async (base: string): Promise<string[]> => {
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${base}/api/sites/shop/${path}`, { headers })).json()) as T;
  const { persons } = await get<{ persons: { id: string }[] }>('persons?limit=50');
  const ids: string[] = [];
  for (const { id } of persons)
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { events: { messageId: string }[]; nextCursor: string | null } = await get(
        `persons/${id}/events?limit=500${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      ids.push(...page.events.map(({ messageId }) => messageId));
      cursor = page.nextCursor;
    }
  return ids;
};
