/**
 * The embedded log's appends of 17 KB values against a plain file that is appended to and synced in groups, in one run, and how fast a
 * consumer reads them back: `node test/bench/log.ts`.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../services/platform/clock.ts';
import { createEmbeddedLog } from '../../services/platform/log/embedded.ts';
import { createTelemetry } from '../../services/platform/telemetry.ts';
import { createSampleBatch } from './sample-batch.ts';

const writers = 64;
const seconds = Number(process.env['BENCH_SECONDS'] ?? 4);
const rounds = 3;
const value = Buffer.from(createSampleBatch());

type Append = (writer: number) => Promise<unknown>;
type Rate = { perSecond: number; p99Milliseconds: number };

const measure = async (append: Append): Promise<Rate> => {
  const waits: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const write = async (writer: number): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now();
      await append(writer);
      waits.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const perSecond = waits.length / ((performance.now() - start) / 1000);
  waits.sort((left, right) => left - right);
  return { perSecond, p99Milliseconds: waits[Math.floor(waits.length * 0.99)] ?? Number.NaN };
};

/** The limit: whatever comes while one write and its fdatasync are under way shares the next. */
const measureFile = async (folder: string): Promise<Rate> => {
  const file = await open(join(folder, 'plain'), 'a');
  let waiting: { bytes: Buffer; done: () => void }[] = [];
  let isBusy = false;
  const flush = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await file.writev(group.map(({ bytes }) => bytes));
      await file.datasync();
      for (const { done } of group) done();
    }
    isBusy = false;
  };
  const rate = await measure(
    () =>
      new Promise<void>((done) => {
        waiting.push({ bytes: value, done });
        if (!isBusy) void flush();
      }),
  );
  await file.close();
  return rate;
};

const measureLog = async (folder: string): Promise<{ append: Rate; readMegabytesPerSecond: number }> => {
  const log = await createEmbeddedLog({
    path: join(folder, 'log'),
    clock: systemClock,
    telemetry: createTelemetry({ logLevel: 'error' }),
  });
  const append = await measure((writer) =>
    log.append('events', [{ key: `shop/person-${writer}`, label: 'shop', count: 20, value }]),
  );
  const expected = await log.lag('events', 'bench');
  const all = Promise.withResolvers<void>();
  let records = 0;
  let bytes = 0;
  const start = performance.now();
  await log.consume('events', 'bench', {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async (batch) => {
      for (const record of batch) bytes += record.value.length;
      records += batch.length;
      if (records === expected) all.resolve();
    },
    failed: all.reject,
  });
  await all.promise;
  const readMegabytesPerSecond = bytes / 1e6 / ((performance.now() - start) / 1000);
  await log.close();
  return { append, readMegabytesPerSecond };
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const shown = ({ perSecond, p99Milliseconds }: Rate): string =>
  `${perSecond.toFixed(0).padStart(6)} appends/s, p99 ${p99Milliseconds.toFixed(1)} ms`;

console.log(`values of ${value.length} bytes; ${writers} writers, ${seconds} s, ${rounds} rounds`);
const files: number[] = [];
const logs: number[] = [];
const reads: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-bench-'));
  try {
    const file = await measureFile(folder);
    console.log(`plain file ${shown(file)}`);
    const { append, readMegabytesPerSecond } = await measureLog(folder);
    console.log(`log        ${shown(append)}; read back at ${readMegabytesPerSecond.toFixed(0)} MB/s`);
    files.push(file.perSecond);
    logs.push(append.perSecond);
    reads.push(readMegabytesPerSecond);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
console.log(
  `log / plain file = ${((median(logs) / median(files)) * 100).toFixed(0)} % (${median(logs).toFixed(0)} appends/s; read ${median(reads).toFixed(0)} MB/s)`,
);
