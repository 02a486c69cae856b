/**
 * The sink, from a filled log to committed rows, against a plain JSONEachRow insert of the same rows, in one run:
 * `node test/bench/sink.ts [events]`. The event loop's delay is measured while the sink runs, in the process that runs it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import { z } from 'zod';
import { eventColumns } from '../../schemas/event.ts';
import { createConfig, readEnvironment } from '../../services/platform/config.ts';
import type { LogRecord } from '../../services/platform/log/log.ts';
import { createPlatform, type Platform } from '../../services/platform/platform.ts';
import { createEmbeddedEngine } from '../../services/platform/warehouse/embedded.ts';
import { sql } from '../../services/platform/warehouse/sql.ts';
import { start } from '../../services/sink/sink.ts';
import { createSampleBatch } from './sample-batch.ts';

const eventsOfRecord = 20;
/** Names of columns in each row make JSONEachRow twice as large: with more rows the embedded engine comes to its memory limit. */
const rowsOfInsert = 10_000;

type Platforms = { platform: Platform; close(): Promise<void> };

const open = (dataDir: string): Promise<Platforms> =>
  createPlatform(
    createConfig(
      readEnvironment({ PORT: '0', DATA_DIR: dataDir, ADMIN_TOKEN: 'token-of-the-bench', LOG_LEVEL: 'warn' }),
    ),
  );

/** Fills the log with as many events, each with an id of its own; one in 200 records is sent again, as clients do. */
const fill = async ({ log }: Platform, events: number): Promise<number> => {
  const { batch } = JSON.parse(createSampleBatch()) as { batch: Record<string, unknown>[] };
  const receivedAt = Date.now();
  const head = {
    v: 1,
    site: 'shop',
    receivedAt,
    sentAt: receivedAt,
    channel: 'browser',
    type: null,
    ip: '203.0.113.7',
  };
  const header = JSON.stringify({
    ...head,
    userAgent: 'Mozilla/5.0 (iPhone) AppleWebKit Version/17.0 Mobile Safari/604',
  });
  let bytes = 0;
  let pending: LogRecord[] = [];
  for (let record = 0; record * eventsOfRecord < events; record += 1) {
    const device = `device-${(record * 7919) % Math.ceil(events / 60)}`;
    const isAgain = record % 200 === 199;
    const own = batch.map((event, index) => ({
      ...event,
      anonymousId: isAgain ? `device-${((record - 1) * 7919) % Math.ceil(events / 60)}` : device,
      messageId: `ajs-next-${isAgain ? record - 1 : record}-${index}-5f0c6a0e-7f0e-4a59`,
      timestamp: new Date(receivedAt - (record % 500_000) * 1000).toISOString(),
    }));
    const value = Buffer.from(`${header}\n${JSON.stringify({ batch: own })}`);
    bytes += value.length;
    pending.push({ key: `shop/${own[0]?.anonymousId}`, label: 'shop', count: eventsOfRecord, value });
    if (pending.length === 500) {
      await log.append('events', pending);
      pending = [];
    }
  }
  await log.append('events', pending);
  return bytes;
};

const Counts = z.object({ stored: z.coerce.number(), duplicate: z.coerce.number() });
const countRows = async ({ warehouse }: Platform) =>
  (
    await warehouse.query(
      sql`SELECT (SELECT count() FROM events) AS stored, (SELECT count() FROM duplicates) AS duplicate`,
      Counts,
    )
  ).rows[0] ?? { stored: 0, duplicate: 0 };

/** Without the pages of the log's file that the system keeps mapped. */
const ownMemoryMb = (): number => Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1e3;

/** In a process of its own, so that its event loop and memory are the sink's. */
const runSink = async (folder: string, events: number) => {
  const { platform, close } = await open(folder);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  const sink = await start(platform);
  for (let lag = 1; lag > 0; lag = await platform.log.lag('events', 'sink'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - startedAt) / 1000;
  delay.disable();
  const memoryMb = ownMemoryMb();
  const counts = await countRows(platform);
  await sink.close();
  await close();
  return {
    ratePerSecond: events / seconds,
    ...counts,
    // The monitor counts from its own resolution on.
    p50: delay.percentile(50) / 1e6 - 5,
    p99: delay.percentile(99) / 1e6 - 5,
    most: delay.max / 1e6 - 5,
    memoryMb,
  };
};

/** The same rows, read back as NDJSON and inserted by the client into a table of the same shape: nothing parsed, decided or committed. */
const runPlain = async (folder: string): Promise<number> => {
  const telemetry = { logger: console, metrics: null } as never;
  const engine = await createEmbeddedEngine({ path: join(folder, 'warehouse'), telemetry });
  const client = createClient({ url: engine.url, request_timeout: 120_000, log: { level: 127 as never } });
  const columns = eventColumns.join(', ');
  await client.command({ query: 'CREATE TABLE plain AS events' });
  const bodies: Buffer[] = [];
  const { total } = (
    await (
      await client.query({ query: 'SELECT count() AS total FROM events', format: 'JSONEachRow' })
    ).json<{
      total: string;
    }>()
  )[0] ?? { total: '0' };
  const pieces = Math.ceil(Number(total) / rowsOfInsert);
  for (let piece = 0; piece < pieces; piece += 1) {
    // By hash: without an order, LIMIT and OFFSET would give some rows twice and others never.
    const query = `SELECT ${columns} FROM events WHERE cityHash64(message_id) % ${pieces} = ${piece}`;
    bodies.push(Buffer.from(await (await client.query({ query, format: 'JSONEachRow' })).text()));
  }
  const { Readable } = await import('node:stream');
  const startedAt = performance.now();
  for (const body of bodies) {
    const query = `INSERT INTO plain (${columns}) FORMAT JSONEachRow`;
    const { stream } = await client.exec({ query, values: Readable.from([body], { objectMode: false }) });
    stream.resume();
    await once(stream, 'close');
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const inserted = await (await client.query({ query: 'SELECT count() AS n FROM plain', format: 'JSONEachRow' })).json<{
    n: string;
  }>();
  if (inserted[0]?.n !== total) throw new Error(`plain insert: ${inserted[0]?.n} of ${total} rows`);
  await client.command({ query: 'DROP TABLE plain SYNC' });
  await client.close();
  await engine.close();
  return Number(total) / seconds;
};

const inChild = async (kind: string, folder: string, events: number): Promise<Record<string, number>> => {
  const child = fork(fileURLToPath(import.meta.url), [kind, folder, String(events)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [answer] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${kind} ended without an answer`))),
  ])) as [Record<string, number>];
  await once(child, 'exit');
  return answer;
};

const compare = async (events: number): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'desirepath-bench-'));
  try {
    const { bytes = 0 } = await inChild('fill', folder, events);
    console.log(`${events} events of ${(bytes / events).toFixed(0)} bytes on the log, one record in 200 sent twice`);
    const {
      ratePerSecond = 0,
      stored,
      duplicate,
      p50 = 0,
      p99 = 0,
      most = 0,
      memoryMb = 0,
    } = await inChild('sink', folder, events);
    console.log(
      `sink   ${ratePerSecond.toFixed(0)} events/s (${stored} stored, ${duplicate} duplicates), ${memoryMb.toFixed(0)} MB`,
    );
    console.log(
      `       event loop delay p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, most ${most.toFixed(1)} ms (p99 to reach: 50)`,
    );
    const rates: number[] = [];
    for (let round = 0; round < 3; round += 1)
      rates.push((await inChild('plain', folder, events))['rate'] ?? Number.NaN);
    const plain = rates.toSorted((a, b) => a - b)[1] ?? Number.NaN;
    console.log(
      `plain  ${plain.toFixed(0)} rows/s (JSONEachRow, ${rowsOfInsert} rows an insert; median of ${rates.map((rate) => rate.toFixed(0)).join(', ')})`,
    );
    console.log(`sink / plain = ${((ratePerSecond / plain) * 100).toFixed(0)} % (to reach: 50 %)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const [kind = '400000', folder = '', events = '0'] = process.argv.slice(2);
const answer = async (): Promise<object> => {
  if (kind === 'plain') return { rate: await runPlain(folder) };
  if (kind === 'sink') return runSink(folder, Number(events));
  const { platform, close } = await open(folder);
  const bytes = await fill(platform, Number(events));
  await close();
  return { bytes };
};
if (process.send === undefined) await compare(Number(kind));
else {
  const given = await answer();
  process.send(given, () => process.exit(0));
}
