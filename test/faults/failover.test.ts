import { expect, onTestFailed, test } from 'vitest';
import { long, pause } from '../support/faults.ts';
import { type Installation, type Stats, startInstallation } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { eventually } from '../support/product.ts';
import { reckon } from '../support/reckoning.ts';
import { lacksBroker } from '../support/servers.ts';

/** Seconds for what takes a few on an idle machine. */
const patience = 180;

const spooled = async ({ collectors }: Installation): Promise<number> => {
  const texts = await Promise.all(collectors.map(async ({ base }) => (await fetch(`${base}/metrics`)).text()));
  return texts.reduce((sum, text) => sum + Number(/^desirepath_spool_bytes (\d+)/m.exec(text)?.[1] ?? Number.NaN), 0);
};

test.skipIf(lacksBroker({ isKilled: true }))(
  'of three brokers any one may die: events go on into the warehouse; with two gone they are kept on disk until one is back',
  { timeout: long(1_800_000, 900_000) },
  async () => {
    const installation = await startInstallation({
      brokers: 3,
      kills: ['brokers'],
      environment: { KAFKA_REPLICATION: '3', KAFKA_MIN_INSYNC_REPLICAS: '2' },
    });
    onTestFailed(() => console.log(installation.output()));
    const { kafka, collectors, api, writeKey } = installation;
    const load = startLoad(
      collectors.map(({ base }) => base),
      writeKey,
      { users: 4 },
    );
    const stored = async (): Promise<number> => (await api<Stats>('GET', '/api/sites/shop/ingest/stats')).stored;
    await pause(2000);
    for (let round = 0; round < long(5, 1); round += 1)
      for (const node of kafka.nodes.slice(0, long(3, 1))) {
        await node.kill9();
        const soFar = load.acknowledged.length;
        await eventually(async () => {
          if ((await stored()) < soFar + 500 || (await spooled(installation)) > 0)
            throw new Error(`${await spooled(installation)} bytes in the spool, ${await stored()} of ${soFar} stored`);
        }, patience);
        await node.start();
        await eventually(async () => {
          if (!(await node.isListening())) throw new Error('the broker does not listen');
        }, patience);
        await pause(4000);
      }

    const [first, second] = kafka.nodes;
    await Promise.all([first?.kill9(), second?.kill9()]);
    const before = load.acknowledged.length;
    await eventually(async () => {
      expect(load.acknowledged.length, 'events are taken').toBeGreaterThan(before + 500);
      expect(await spooled(installation), 'on disk').toBeGreaterThan(0);
    }, patience);
    await Promise.all([first?.start(), second?.start()]);
    await pause(5000);
    await load.stop();
    const stats = await reckon(installation, load.acknowledged);
    console.log(
      `${long(15, 1) + 2} kills of brokers: ${load.acknowledged.length} acknowledged after ${load.counts.retries} retries, ${JSON.stringify(stats)}`,
    );
  },
);
