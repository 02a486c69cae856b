import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createShiftedClock } from '../../../test/support/clock.ts';
import { systemClock } from '../clock.ts';
import { createTelemetry } from '../telemetry.ts';
import { logContract } from './contract.ts';
import { createEmbeddedLog } from './embedded.ts';
import { lockFolder } from './folder-lock.ts';
import type { ConsumerHandlers, EventLog, LogRecord, StoredRecord } from './log.ts';
import { partitionOf } from './record-bytes.ts';

const open = (path: string) =>
  createEmbeddedLog({ path, clock: systemClock, telemetry: createTelemetry({ logLevel: 'silent' }) });

logContract('embedded log', open);

test('keys spread over the partitions', () => {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 10_000; index += 1) {
    const partition = partitionOf(`shop/user-${index}`, 4);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) expect(count).toBeGreaterThan(2_000);
});

test('a second process is told who has the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  const log = await open(folder);
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  await expect(open(folder)).rejects.toThrow(`in use by process ${process.pid}`);
});

test('kill -9 leaves no lock behind, and of those that come at the same time one gets the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const holder = `
    const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)});
    try {
      lockFolder(${JSON.stringify(folder)});
      process.stdout.write('mine');
      setInterval(() => {}, 1000);
    } catch (error) {
      process.stdout.write(error.message);
    }`;
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: said.toString() };
  };
  for (let round = 0; round < 2; round += 1) {
    const all = await Promise.all([start(), start(), start()]);
    const owners = all.filter(({ said }) => said === 'mine');
    expect(owners.length).toBe(1);
    const late = await start();
    expect(late.said).toContain(`${folder} is in use by process ${owners[0]?.child.pid}`);
    for (const { child } of all) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }
  lockFolder(folder).release();
});

test('a group has one consumer in a process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  const log = await open(folder);
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const handlers: ConsumerHandlers = {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async () => undefined,
    failed: (error) => expect.fail(String(error)),
  };
  await expect(
    log.consume('actions', 'group', { ...handlers, assigned: () => Promise.reject(new Error('not yet')) }),
  ).rejects.toThrow('not yet');
  await log.consume('actions', 'group', handlers);
  await expect(log.consume('actions', 'group', handlers)).rejects.toThrow(
    'the group group has its consumer of actions',
  );
});

test('a record that does not fit is refused alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  const log = await open(folder);
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const good: LogRecord = { key: 'a', label: 'shop', count: 1, value: Buffer.from('good') };
  for (const bad of [{ key: 'k'.repeat(70_000) }, { label: 'l'.repeat(3000) }, { count: -1 }])
    await expect(log.append('rejected', [good, { ...good, ...bad }])).rejects.toThrow();
  await log.append('rejected', [good]);
  expect(await log.lag('rejected', 'group'), 'nothing of a refused append').toBe(1);
});

test('what every group has done with goes after a week, what one still needs stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  const clock = createShiftedClock();
  const start = () => createEmbeddedLog({ path: folder, clock, telemetry: createTelemetry({ logLevel: 'silent' }) });
  const read = async (from: EventLog, group: string, upTo: number) => {
    const got: StoredRecord[] = [];
    const consumer = await from.consume('rejected', group, {
      assigned: async () => undefined,
      revoked: async () => undefined,
      records: async (batch) => void got.push(...batch),
      failed: (error) => expect.fail(String(error)),
    });
    await expect.poll(() => got.at(-1)?.offset).toBe(upTo - 1);
    return { consumer, offsets: got.map(({ offset }) => offset), got };
  };
  const opened: EventLog[] = [];
  onTestFinished(async () => {
    for (const each of opened) await each.close();
    await rm(folder, { recursive: true, force: true });
  });
  const before = await start();
  for (let index = 0; index < 1200; index += 100)
    await before.append(
      'rejected',
      Array.from({ length: 100 }, () => ({ key: 'k', label: 'shop', count: 1, value: Buffer.from('x') })),
    );
  const slow = await read(before, 'slow', 1200);
  await slow.consumer.commit(slow.got.slice(699, 700));
  const quick = await read(before, 'quick', 1200);
  await quick.consumer.commit(quick.got.slice(-1));
  await before.close();

  // "slow" is not there in this life of the log, but it will come back.
  const log = await start();
  opened.push(log);
  const again = await log.consume('rejected', 'quick', {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async () => undefined,
    failed: (error) => expect.fail(String(error)),
  });
  clock.advance(8 * 86_400_000);
  await expect.poll(() => log.lag('rejected', 'look'), { timeout: 20_000 }).toBe(500);
  expect((await read(log, 'slow', 1200)).offsets[0]).toBe(700);
  await again.close();
});

/** Appends for ever and prints each number once its record is durable. */
const appender = (folder: string, round: number): string => `
  const { createEmbeddedLog } = await import(${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)});
  const { createTelemetry } = await import(${JSON.stringify(new URL('../telemetry.ts', import.meta.url).href)});
  const { systemClock } = await import(${JSON.stringify(new URL('../clock.ts', import.meta.url).href)});
  const log = await createEmbeddedLog({ path: ${JSON.stringify(folder)}, clock: systemClock, telemetry: createTelemetry({ logLevel: 'silent' }) });
  const write = async (writer) => {
    for (let index = 0; ; index += 1) {
      const id = '${round}-' + writer + '-' + index;
      await log.append('events', [{ key: 'writer-' + writer, label: 'shop', count: 2, value: Buffer.from(id + 'x'.repeat(5000)) }]);
      process.stdout.write(id + '\\n');
    }
  };
  for (let writer = 0; writer < 8; writer += 1) write(writer);
`;

test('what was acknowledged survives kill -9, in order, without a gap', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const acknowledged: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', appender(folder, round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
    child.kill('SIGKILL');
    await once(child, 'close');
    // The last line may be cut off.
    acknowledged.push(...Buffer.concat(output).toString().split('\n').slice(0, -1));
  }
  const log = await open(folder);
  const got: StoredRecord[] = [];
  await log.consume('events', 'check', {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async (batch) => void got.push(...batch),
    failed: (error) => expect.fail(String(error)),
  });
  const all = await log.lag('events', 'nobody');
  await expect.poll(() => got.length).toBe(all);
  const ids = got.map(({ value }) => value.toString().replace(/x+$/, ''));
  const there = new Set(ids);
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
  for (let writer = 0; writer < 8; writer += 1) {
    const own = got.filter(({ key }) => key === `writer-${writer}`);
    const numbers = own.map(({ value }) => value.toString().replace(/x+$/, '').split('-').map(Number));
    const sorted = numbers.toSorted(
      (left, right) => (left[0] ?? 0) - (right[0] ?? 0) || (left[2] ?? 0) - (right[2] ?? 0),
    );
    expect(numbers).toEqual(sorted);
  }
  for (const partition of [0, 1, 2, 3]) {
    const offsets = got.filter((each) => each.partition === partition).map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.map((_, index) => index));
  }
  await log.close();
});

/** Appends until the disk takes no more, tells what it knows then, and lives on. */
const filler = (folder: string): string => `
  const { createEmbeddedLog } = await import(${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)});
  const { createTelemetry } = await import(${JSON.stringify(new URL('../telemetry.ts', import.meta.url).href)});
  const { systemClock } = await import(${JSON.stringify(new URL('../clock.ts', import.meta.url).href)});
  const log = await createEmbeddedLog({ path: ${JSON.stringify(folder)}, clock: systemClock, telemetry: createTelemetry({ logLevel: 'silent' }) });
  const record = { key: 'k', label: 'shop', count: 1, value: Buffer.alloc(20_000) };
  const told = { taken: 0, codes: [] };
  const fill = async () => {
    while (told.taken < 2000)
      try {
        await log.append('rejected', [record]);
        told.taken += 1;
      } catch (error) {
        return told.codes.push(error.code);
      }
  };
  await Promise.all(Array.from({ length: 8 }, fill));
  await new Promise((resolve) => setTimeout(resolve, 200));
  told.later = await log.append('rejected', [record]).catch((error) => error.code);
  told.ping = await log.ping().then(() => 'ok', (error) => error.message);
  await log.close();
  process.stdout.write(JSON.stringify(told));
`;

test('a full disk is told, ends nothing, and what was acknowledged is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // The shell's limit of a file's size is a disk that is full: both make the write fail.
  const limited = [
    '-c',
    'ulimit -f 20000 && exec "$0" "$@"',
    process.execPath,
    '--input-type=module',
    '-e',
    filler(folder),
  ];
  const child = spawn('sh', limited, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = await once(child, 'close');
  expect(code, Buffer.concat(errors).toString()).toBe(0);
  const told = JSON.parse(Buffer.concat(output).toString()) as { taken: number; ping: string };
  expect(told).toMatchObject({ codes: Array.from({ length: 8 }, () => 'unavailable'), later: 'unavailable' });
  expect(told.ping).toMatch(/^ok$|cannot write: Error: /);
  const log = await open(folder);
  expect(told.taken).toBeGreaterThan(100);
  const there = await log.lag('rejected', 'group');
  expect(there, 'what was refused may be there, what was taken is').toBeGreaterThanOrEqual(told.taken);
  expect(there).toBeLessThanOrEqual(told.taken + 8);
  await log.append('rejected', [{ key: 'k', label: 'shop', count: 1, value: Buffer.from('room again') }]);
  await log.close();
});
