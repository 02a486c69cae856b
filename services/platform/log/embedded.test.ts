import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { createTelemetry } from '../telemetry.ts';
import { logContract } from './contract.ts';
import { createEmbeddedLog } from './embedded.ts';
import type { StoredRecord } from './log.ts';
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

test('what was acknowledged survives kill -9, in order, and the totals count exactly what is there', {
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
  const all = (await log.totals('events')).get('shop') ?? 0;
  await expect.poll(() => got.length * 2).toBe(all);
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
