import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { createTelemetry } from '../telemetry.ts';
import { createEmbeddedLog } from './embedded.ts';
import type { EventLog, LogRecord } from './log.ts';
import { createSpool } from './spool.ts';

const record = (key: string, text: string): LogRecord => ({ key, label: 'shop', count: 1, value: Buffer.from(text) });

/** A real log that can be out of reach, behind a spool. `reopen` is a restart of the spool's process while the log lives on. */
const openBoth = async (mostBytes = 10_000_000) => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-spool-'));
  const telemetry = () => createTelemetry({ logLevel: 'silent' });
  const log = await createEmbeddedLog({ path: join(folder, 'log'), clock: systemClock, telemetry: telemetry() });
  const state = { isAway: false };
  const reachable: EventLog = {
    ...log,
    append: async (topic, records) => {
      if (state.isAway) throw new Failure('unavailable', 'The brokers cannot be reached.');
      await log.append(topic, records);
    },
    close: async () => undefined,
  };
  const open = () =>
    createSpool({ log: reachable, path: join(folder, 'spool'), mostBytes, clock: systemClock, telemetry: telemetry() });
  const opened = { spool: await open() };
  onTestFinished(async () => {
    await opened.spool.close();
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const texts: string[] = [];
  await log.consume('events', 'check', {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async (batch) => void texts.push(...batch.map(({ value }) => value.toString())),
    failed: (error) => expect.fail(String(error)),
  });
  return {
    state,
    texts,
    append: (text: string, key = 'ada') => opened.spool.append('events', [record(key, text)]),
    ping: () => opened.spool.ping(),
    reopen: async () => {
      await opened.spool.close();
      opened.spool = await open();
    },
  };
};

test('whenever the log is away and however often the process restarts: all of it arrives, once, in order', {
  timeout: 60_000,
}, async () => {
  const Step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('append' as const) },
    { weight: 2, arbitrary: fc.constantFrom('away' as const, 'back' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const both = await openBoth();
      const sent: string[] = [];
      for (const step of steps) {
        if (step === 'append') {
          const text = String(sent.length);
          sent.push(text);
          await both.append(text);
        } else if (step === 'restart') await both.reopen();
        else both.state.isAway = step === 'away';
      }
      both.state.isAway = false;
      await both.append('last');
      await expect.poll(() => both.texts.length, { timeout: 10_000, interval: 20 }).toBe(sent.length + 1);
      expect(both.texts).toEqual([...sent, 'last']);
    }),
    { numRuns: 12 },
  );
});

test('a full spool says so and when to come back, and takes events again once it has room', async () => {
  const both = await openBoth(100_000);
  both.state.isAway = true;
  const large = 'x'.repeat(20_000);
  for (let index = 0; index < 4; index += 1) await both.append(large);
  await both.ping();
  await expect(both.append(large.repeat(2))).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 10 });
  both.state.isAway = false;
  await expect.poll(() => both.texts.length, { timeout: 20_000 }).toBe(4);
  await both.append('again');
  await expect.poll(() => both.texts.at(-1)).toBe('again');
});
