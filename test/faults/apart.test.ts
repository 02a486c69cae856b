import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApart } from '../support/apart.ts';
import { fetchKafka, startKafka } from '../support/kafka.ts';
import { adminToken, eventually } from '../support/product.ts';

const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

type Stats = Record<'received' | 'stored' | 'duplicate' | 'rejected' | 'waiting', number>;

/** Clients as real ones are: they send the same messageIds until one of the collectors answers 200. */
const sendForEver = (bases: readonly string[], writeKey: string, acknowledged: Set<string>, signal: AbortSignal) => {
  const send = async (client: number): Promise<void> => {
    for (let batch = 0; !signal.aborted; batch += 1) {
      const ids = Array.from({ length: 20 }, (_, index) => `c${client}-b${batch}-${index}`);
      const events = ids.map((messageId) => ({ type: 'track', event: 'Tick', userId: `user-${client}`, messageId }));
      const body = JSON.stringify({ writeKey, sentAt: new Date().toISOString(), batch: events });
      for (let tries = 0; !signal.aborted; tries += 1) {
        const base = bases[(client + tries) % bases.length] ?? '';
        const request = { method: 'POST', headers, body, signal: AbortSignal.timeout(15_000) };
        const status = await fetch(`${base}/v1/batch`, request).then(
          (answer) => answer.status,
          () => 0,
        );
        if (status === 200) {
          for (const id of ids) acknowledged.add(id);
          break;
        }
        await pause(100);
      }
      await pause(20);
    }
  };
  return Promise.all([1, 2, 3, 4].map(send));
};

test.skipIf('missing' in fetchKafka())(
  'apart, on a real broker: through kills of the collectors nothing acknowledged is lost or stored twice, and every service ends cleanly',
  { timeout: 240_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'desirepath-apart-'));
    const kafka = await startKafka(1);
    const apart = await createApart({ brokers: kafka.brokers, folder });
    onTestFinished(async () => {
      await apart.close();
      await kafka.close();
      await rm(folder, { recursive: true, force: true });
    }, 30_000);
    const engine = await apart.create('engine', 'engine');
    await apart.start(engine);
    const collectors = [await apart.create('collector-1', 'collector'), await apart.create('collector-2', 'collector')];
    const sinks = [await apart.create('sink-1', 'sink'), await apart.create('sink-2', 'sink')];
    const analytics = await apart.create('analytics', 'analytics');
    await apart.start(...collectors, ...sinks, analytics);
    const created = await fetch(`${analytics.base}/api/sites`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ id: 'shop', name: 'Shop' }),
    });
    const site = (await created.json()) as { writeKeys: string[] };
    const acknowledged = new Set<string>();
    const stop = new AbortController();
    const bases = collectors.map(({ base }) => base);
    const clients = sendForEver(bases, site.writeKeys[0] ?? '', acknowledged, stop.signal);
    await pause(1000);

    for (const victim of collectors) {
      await victim.kill9();
      await pause(300);
      await victim.start();
      await pause(2000);
    }
    stop.abort();
    await clients;

    const stats = await eventually(async () => {
      const answer = await fetch(`${analytics.base}/api/sites/shop/ingest/stats`, { headers });
      const figures = (await answer.json()) as Stats;
      const isThere = figures.stored >= acknowledged.size && figures.waiting === 0;
      if (!isThere) throw new Error(`${acknowledged.size} acknowledged: ${JSON.stringify(figures)}`);
      return figures;
    }, 90);
    expect(stats.received).toBe(stats.stored + stats.duplicate + stats.rejected);
    console.log(`2 kills, ${acknowledged.size} acknowledged, ${JSON.stringify(stats)}`);
    for (const service of [...collectors, ...sinks, analytics, engine])
      expect(await service.stop(), `${service.name}: ${service.output()}`).toBe(0);
  },
);
