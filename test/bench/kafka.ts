import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { eventColumns } from '../../schemas/event.ts';
import { createApart } from '../support/apart.ts';
import { createApi } from '../support/api.ts';
import { startClickHouse } from '../support/clickhouse.ts';
import { startKafka } from '../support/kafka.ts';
import { childrenOfUs, cpuSeconds } from './cpu.ts';
import { runClient } from './run-client.ts';
import { createSampleBatch } from './sample-batch.ts';

/**
 * From HTTP through a real Apache Kafka into the warehouse, each part in a process of its own on this one machine, against two limits of the same
 * run: the bare kafkajs producer with the same records, and a bare insert of the same rows. Targets: end to end at least 70 % of
 * the slower limit; at half that load an event is seen in a funnel within 2 s (p99).
 */
const seconds = Number(process.env['SECONDS'] ?? 15);
const probeMilliseconds = 200;

const folder = await mkdtemp(join(tmpdir(), 'desirepath-bench-'));
// Processes of this one, so that what they use can be read.
const environment = { TEST_DOCKER: 'off' };
const clickHouse = await startClickHouse({ environment });
const [engine = 0] = childrenOfUs();
const kafka = await startKafka({ environment });
const broker = childrenOfUs().find((pid) => pid !== engine) ?? 0;
const apart = createApart({
  brokers: kafka.brokers,
  topicPrefix: kafka.prefix,
  warehouseUrl: clickHouse.url,
  folder,
});
const sink = await apart.create('sink', 'sink');
const collector = await apart.create('collector', 'collector');
const analytics = await apart.create('analytics', 'analytics');
await apart.start(sink, collector, analytics);

const api = createApi(analytics.base);
const { writeKeys } = await api<{ writeKeys: string[] }>('POST', '/api/sites', { id: 'bench', name: 'Bench' });
const writeKey = writeKeys[0] ?? '';
const perSecond = (events: number, milliseconds: number): number => Math.round((events / milliseconds) * 1000);
const shown = (events: number): string => events.toLocaleString('en');

/** The limit of the log: the records that the collector makes of these batches, as many in a send as fit into one. */
const measureProducer = async (): Promise<number> => {
  const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'bare', numPartitions: 4 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const value = Buffer.from(createSampleBatch());
  const state = { events: 0 };
  const startedAt = performance.now();
  while (performance.now() - startedAt < (seconds * 1000) / 3) {
    const messages = Array.from({ length: 50 }, (_, index) => ({ key: `device-${state.events + index}`, value }));
    await producer.send({ topic: 'bare', acks: -1, messages });
    state.events += messages.length * 20;
  }
  const rate = perSecond(state.events, performance.now() - startedAt);
  await producer.disconnect();
  return rate;
};

/** The limit of the warehouse: the rows that the sink wrote, read back and inserted by the client into a table of the same shape. */
const measureInsert = async (): Promise<number> => {
  const rowsOfInsert = 10_000;
  const client = createClient({ url: clickHouse.url });
  const columns = eventColumns.join(', ');
  await client.command({ query: 'CREATE TABLE plain AS events' });
  const query = `SELECT ${columns} FROM events WHERE site = 'bench' LIMIT ${rowsOfInsert}`;
  const body = Buffer.from(await (await client.query({ query, format: 'JSONEachRow' })).text());
  const state = { rows: 0 };
  const startedAt = performance.now();
  while (performance.now() - startedAt < (seconds * 1000) / 3) {
    const { stream } = await client.exec({
      query: `INSERT INTO plain (${columns}) FORMAT JSONEachRow`,
      values: Readable.from([body], { objectMode: false }),
    });
    stream.resume();
    await once(stream, 'close');
    state.rows += rowsOfInsert;
  }
  const rate = perSecond(state.rows, performance.now() - startedAt);
  await client.command({ query: 'DROP TABLE plain SYNC' });
  await client.close();
  return rate;
};

type Stats = { received: number; stored: number; duplicate: number; waiting: number };
const settled = async (): Promise<Stats> => {
  for (;;) {
    const stats = await api<Stats>('GET', '/api/sites/bench/ingest/stats');
    if (stats.waiting === 0) return stats;
    await delay(50);
  }
};

/** As fast as it is acknowledged, then until all of it is stored. */
const measureSustained = async (): Promise<number> => {
  const parts = { collector: collector.pid(), broker, sink: sink.pid(), engine };
  const before = Object.entries(parts).map(([name, pid]) => ({ name, pid, used: cpuSeconds(pid) }));
  const startedAt = performance.now();
  const client = await runClient({ port: collector.port, seconds, writeKey });
  const sentMilliseconds = performance.now() - startedAt;
  const { stored, duplicate } = await settled();
  const total = performance.now() - startedAt;
  const rate = perSecond(client.acknowledged, total);
  const acknowledged = perSecond(client.acknowledged, sentMilliseconds);
  console.log(
    `acknowledged ${shown(acknowledged)} events/s, p50 ${client.p50.toFixed(1)} ms, p99 ${client.p99.toFixed(1)} ms`,
  );
  console.log(
    `all stored   ${shown(rate)} events/s after ${(total / 1000).toFixed(1)} s; ${stored} stored, ${duplicate} duplicates, ${client.acknowledged} acknowledged`,
  );
  const used = before.map(
    ({ name, pid, used: had }) => `${name} ${(((cpuSeconds(pid) - had) * 1e6) / client.acknowledged).toFixed(1)}`,
  );
  console.log(`processor    ${used.join(', ')} µs an event`);
  return rate;
};

/** A marked event by HTTP, then a funnel of it again and again, as a dashboard would ask: milliseconds until it counts there. */
const probe = async (number: number): Promise<number> => {
  const startedAt = performance.now();
  const now = Date.now();
  const event = `Probe ${number}`;
  const body = JSON.stringify({ writeKey, type: 'track', userId: `probe-${number}`, event });
  await fetch(`${collector.base}/v1/track`, { method: 'POST', body });
  const question = {
    steps: [{ event }],
    from: new Date(now - 60_000).toISOString(),
    to: new Date(now + 60_000).toISOString(),
  };
  for (;;) {
    const { steps } = await api<{ steps: { count: number }[] }>('POST', '/api/sites/bench/funnels/query', question);
    if (steps[0]?.count === 1) return performance.now() - startedAt;
    await delay(probeMilliseconds / 4);
  }
};

const measureVisible = async (eventsPerSecond: number): Promise<void> => {
  const state = { isOver: false };
  const took: number[] = [];
  const probing = (async () => {
    for (let number = 0; !state.isOver; number += 1) {
      took.push(await probe(number));
      await delay(probeMilliseconds);
    }
  })();
  const client = await runClient({ port: collector.port, seconds: seconds * 2, writeKey, eventsPerSecond });
  state.isOver = true;
  await probing;
  await settled();
  took.sort((a, b) => a - b);
  const quantile = (share: number): string =>
    `${((took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN) / 1000).toFixed(2)} s`;
  console.log(
    `at half load ${shown(perSecond(client.acknowledged, seconds * 2000))} events/s: acknowledged p50 ${client.p50.toFixed(1)} ms, p99 ${client.p99.toFixed(1)} ms`,
  );
  console.log(
    `             seen in a funnel after p50 ${quantile(0.5)}, p99 ${quantile(0.99)} (target 2 s at most; ${took.length} events)`,
  );
};

const producer = await measureProducer();
console.log(`limit: bare kafkajs producer ${shown(producer)} events/s`);
const rate = await measureSustained();
const insert = await measureInsert();
console.log(`limit: bare insert           ${shown(insert)} rows/s (JSONEachRow)`);
console.log(
  `end to end / slower limit = ${Math.round((rate / Math.min(producer, insert)) * 100)} % (target 70 % at least)`,
);
// Each limit had all cores for itself. An event that goes through both takes the time of both, however little is done besides.
const both = 1 / (1 / producer + 1 / insert);
console.log(
  `limit: both on these cores   ${shown(Math.round(both))} events/s; end to end / both = ${Math.round((rate / both) * 100)} %`,
);
await measureVisible(rate / 2);

await apart.close();
await clickHouse.close();
await kafka.close();
await rm(folder, { recursive: true, force: true });
