import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFailed, test } from 'vitest';
import { isFull, long, pause } from '../support/faults.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { eventually } from '../support/product.ts';
import { reckon } from '../support/reckoning.ts';
import { lacksBroker } from '../support/servers.ts';

/** A member that the brokers have not heard of for so long is dealt out: see kafka-consumer.ts. */
const sessionMilliseconds = 10_000;
const megabyte = 1_000_000;

const onBroker = test.skipIf(lacksBroker());
const onOwnBroker = test.skipIf(lacksBroker({ isKilled: true }));

const begin = async (options: Parameters<typeof startInstallation>[0] = {}): Promise<Installation> => {
  const installation = await startInstallation(options);
  onTestFailed(() => console.log(installation.output()));
  return installation;
};

const basesOf = ({ collectors }: Installation): string[] => collectors.map(({ base }) => base);

onBroker(
  'a sink that stands still beyond its session and wakes up writes nothing twice, and sinks that come and go lose nothing',
  { timeout: long(900_000, 300_000) },
  async () => {
    const installation = await begin();
    const { sinks, apart } = installation;
    const load = startLoad(basesOf(installation), installation.writeKey);
    for (let round = 0; round < long(8, 1); round += 1) {
      for (const sink of sinks.slice(0, long(2, 1))) {
        await pause(2000);
        sink.signal('SIGSTOP');
        await pause(sessionMilliseconds + 6000);
        sink.signal('SIGCONT');
      }
      const more = await apart.create(`sink-more-${round}`, 'sink');
      await apart.start(more);
      await pause(2000);
      expect(await sinks[0]?.stop(), sinks[0]?.output()).toBe(0);
      await pause(2000);
      await more.kill9();
      await sinks[0]?.start();
      await pause(1000);
    }
    await load.stop();
    const stats = await reckon(installation, load.acknowledged);
    console.log(`sinks stopped, added, removed: ${load.acknowledged.length} acknowledged, ${JSON.stringify(stats)}`);
  },
);

onOwnBroker(
  'with the broker away events are acknowledged and kept on disk, and all of them arrive in order when it is back',
  {
    timeout: 300_000,
  },
  async () => {
    const installation = await begin({ kills: ['brokers'] });
    const { kafka, analytics } = installation;
    const load = startLoad(basesOf(installation), installation.writeKey);
    await pause(2000);
    await kafka.nodes[0]?.kill9();
    await pause(1000);
    const before = load.acknowledged.length;
    await pause(long(60_000, 8000));
    expect(load.acknowledged.length - before, 'events are taken while the broker is away').toBeGreaterThan(1000);
    const ready = await fetch(`${installation.collectors[0]?.base}/health/ready`);
    expect(ready.status, 'a collector that spools is ready').toBe(200);
    expect((await fetch(`${analytics.base}/health/live`)).status).toBe(200);
    await kafka.nodes[0]?.start();
    await pause(3000);
    await load.stop();
    const stats = await reckon(installation, load.acknowledged);
    console.log(
      `broker away for ${long(60, 8)} s: ${load.acknowledged.length} acknowledged after ${load.counts.retries} retries, ${JSON.stringify(stats)}`,
    );
  },
);

onOwnBroker(
  'a disk that is full under the spool is told with 503 and Retry-After; what was acknowledged is not lost',
  {
    timeout: 300_000,
  },
  async () => {
    const installation = await begin({ kills: ['brokers'], diskBytes: 28 * megabyte });
    const [small] = installation.collectors;
    if (small === undefined) throw new Error('no collector');
    const load = startLoad([small.base], installation.writeKey, { paddingBytes: 4000, pauseMilliseconds: 0 });
    await pause(1000);
    await installation.kafka.nodes[0]?.kill9();
    const refused = await eventually(async () => {
      const answer = await fetch(`${small.base}/v1/track`, {
        method: 'POST',
        body: JSON.stringify({
          writeKey: installation.writeKey,
          event: 'Refused',
          userId: 'late',
          properties: { padding: 'x'.repeat(4000) },
        }),
        signal: AbortSignal.timeout(15_000),
      });
      if (answer.status !== 503) throw new Error(`${answer.status}`);
      return { retryAfter: answer.headers.get('retry-after'), problem: (await answer.json()) as { detail: string } };
    }, 90);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    expect(refused.problem.detail).toContain('send them again');
    await pause(1000);
    const before = load.acknowledged.length;
    await installation.kafka.nodes[0]?.start();
    await eventually(async () => {
      if (load.acknowledged.length === before) throw new Error('nothing is taken again');
    }, 60);
    await load.stop();
    const stats = await reckon(installation, load.acknowledged);
    console.log(`spool's disk full: ${load.acknowledged.length} acknowledged, ${JSON.stringify(stats)}`);
  },
);

onBroker(
  'what something else wrote to the topics is kept as rejected and holds up nothing',
  {
    timeout: 300_000,
  },
  async () => {
    const installation = await begin();
    const kafka = new Kafka({ brokers: [...installation.kafka.brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const header = {
      v: 1,
      site: 'shop',
      receivedAt: Date.now(),
      sentAt: null,
      channel: 'server',
      type: null,
      ip: '',
      userAgent: '',
    };
    const of = (head: object, body: unknown): string =>
      `${JSON.stringify({ ...header, ...head })}\n${JSON.stringify(body)}`;
    const poison: (string | Buffer | null)[] = [
      null,
      '',
      '\n',
      'hello',
      Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x80]),
      `${'['.repeat(100_000)}\n{}`,
      of({}, '['.repeat(10)),
      `${JSON.stringify(header)}\n${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      of({ v: 2 }, { batch: [] }),
      of({ receivedAt: 1e300 }, { event: 'Tick', messageId: 'p1', userId: 'a' }),
      of({ sentAt: -1e15 }, { event: 'Tick', messageId: 'p2', userId: 'a' }),
      of({ site: '../x'.repeat(5000) }, { type: 'track', event: 'Tick', messageId: 'p3', userId: 'a' }),
      of({}, { batch: [] }),
      of({}, { batch: [null, 1, 'a'] }),
      of({}, { batch: 'no list' }),
      of(
        {},
        { type: 'track', event: 7, messageId: { a: 1 }, userId: ['b'], timestamp: 'yesterday', properties: 'none' },
      ),
      of({}, { type: 'nonsense', event: 'Tick', messageId: 'p4', userId: 'a', timestamp: '9999999-01-01' }),
      of(
        {},
        {
          type: 'track',
          event: 'Tick',
          messageId: 'p5',
          timestamp: 1e300,
          properties: { price: 1e300, quantity: 1e99 },
        },
      ),
      `${JSON.stringify(header)}\n{"__proto__":{"messageId":"p6"},"constructor":{"prototype":{"polluted":true}}}`,
    ];
    const counts = [undefined, '-5', '1e300', 'NaN', '0', '1.5', '99999999999'];
    const load = startLoad(basesOf(installation), installation.writeKey);
    await pause(1000);
    for (const topic of ['events', 'rejected', 'actions'])
      for (const [index, count] of counts.entries())
        await producer.send({
          topic: `${installation.kafka.prefix}.${topic}`,
          messages: poison.map((value) => ({
            key: `poison-${index}`,
            value,
            headers: count === undefined ? {} : { count, label: index % 2 === 0 ? 'shop' : '' },
          })),
        });
    await producer.disconnect();
    await pause(3000);
    await load.stop();
    const stats = await reckon(installation, load.acknowledged);
    expect(stats.rejected, 'kept where an operator sees them').toBeGreaterThan(0);
    const kept = await installation.rows<{ code: string; times: number }>(
      'SELECT code, count() AS times FROM rejected FINAL GROUP BY code',
    );
    console.log(`poison: ${JSON.stringify(stats)}, kept: ${JSON.stringify(kept)}`);
    for (const service of installation.services) expect(service.isRunning(), service.output()).toBe(true);
  },
);

onBroker('a topic that is read again from its first offset changes nothing', { timeout: 300_000 }, async () => {
  const installation = await begin();
  const wanted = isFull ? 500_000 : 100_000;
  const load = startLoad(basesOf(installation), installation.writeKey, { perBatch: 200, pauseMilliseconds: 0 });
  await eventually(async () => {
    if (load.acknowledged.length < wanted) throw new Error('not yet');
  }, 120);
  await load.stop();
  const before = await reckon(installation, load.acknowledged);
  for (const sink of installation.sinks) expect(await sink.stop(), sink.output()).toBe(0);
  const topic = `${installation.kafka.prefix}.events`;
  const admin = new Kafka({ brokers: [...installation.kafka.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (const groupId of [`${topic}.sink`, `${topic}.accounts`])
    await admin.setOffsets({
      groupId,
      topic,
      partitions: [0, 1, 2, 3].map((partition) => ({ partition, offset: '0' })),
    });
  const startedAt = performance.now();
  await installation.apart.start(...installation.sinks);
  await eventually(async () => {
    const [group] = await admin.fetchOffsets({ groupId: `${topic}.sink`, topics: [topic] });
    const ends = await admin.fetchTopicOffsets(topic);
    const left = ends.filter(({ partition, high }) => {
      const done = group?.partitions.find((each) => each.partition === partition)?.offset ?? '-1';
      return Number(high) > 0 && Number(done) < Number(high);
    });
    if (left.length > 0) throw new Error(`not read again: ${JSON.stringify({ group, ends })}`);
  }, 120);
  await admin.disconnect();
  const after = await reckon(installation, load.acknowledged);
  expect(after).toEqual(before);
  console.log(
    `read again from offset 0: ${load.acknowledged.length} events in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${JSON.stringify(after)}`,
  );
});
