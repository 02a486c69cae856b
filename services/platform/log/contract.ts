import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ConsumerHandlers, EventLog, Lease, LogRecord, StoredRecord } from './log.ts';

const record = (key: string, text: string, label = 'shop', count = 1): LogRecord => ({
  key,
  label,
  count,
  value: Buffer.from(text),
});
/** A group at a broker takes seconds to come together. */
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 20 });

const textOf = ({ value }: StoredRecord): string => value.toString();

/** Collects what a consumer gets; `hold` makes it slow. */
const collector = (hold: () => Promise<void> = async () => undefined) => {
  const got: StoredRecord[] = [];
  const handlers: ConsumerHandlers = {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async (batch) => {
      got.push(...batch);
      await hold();
    },
    failed: (error) => expect.fail(String(error)),
  };
  return { got, handlers };
};

/** The promises of log.ts, as tests, for every adapter. `open` on the same folder again is a restart. */
export const logContract = (name: string, open: (folder: string) => Promise<EventLog>): void => {
  const openIn = async (): Promise<{ folder: string; log: EventLog; reopen: () => Promise<EventLog> }> => {
    const folder = await mkdtemp(join(tmpdir(), 'desirepath-log-'));
    const opened: EventLog[] = [];
    const again = async () => {
      const log = await open(folder);
      opened.push(log);
      return log;
    };
    onTestFinished(async () => {
      for (const log of opened) await log.close().catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    });
    return { folder, log: await again(), reopen: again };
  };

  test(`${name}: a key keeps its order, whoever appends at the same time`, async () => {
    const { log } = await openIn();
    const { got, handlers } = collector();
    await log.consume('events', 'group', handlers);
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(async (key) => {
        for (let index = 0; index < 40; index += 1) await log.append('events', [record(key, `${key}${index}`)]);
      }),
    );
    await poll(() => got.length).toBe(200);
    for (const key of ['a', 'b', 'c', 'd', 'e'])
      expect(got.filter((each) => each.key === key).map(textOf)).toEqual(
        Array.from({ length: 40 }, (_, index) => `${key}${index}`),
      );
    const places = new Map(got.map((each) => [`${each.partition} ${each.offset}`, each]));
    expect(places.size, 'no place twice').toBe(200);
  });

  test(`${name}: after a restart a group goes on where it committed`, async () => {
    const { log, reopen } = await openIn();
    const first = collector();
    const consumer = await log.consume('rejected', 'group', first.handlers);
    for (let index = 0; index < 10; index += 1) await log.append('rejected', [record('k', `${index}`)]);
    await poll(() => first.got.length).toBe(10);
    const fourth = first.got[3];
    if (fourth !== undefined) await consumer.commit([fourth]);
    expect(await log.lag('rejected', 'group')).toBe(6);
    await log.close();
    const second = collector();
    const again = await reopen();
    await again.consume('rejected', 'group', second.handlers);
    await again.append('rejected', [record('k', 'new')]);
    await poll(() => second.got.map(textOf)).toEqual(['4', '5', '6', '7', '8', '9', 'new']);
  });

  test(`${name}: a slow consumer holds back the log, not memory`, async () => {
    const { log } = await openIn();
    const state: { release: () => void } = { release: () => undefined };
    const { got, handlers } = collector(() => new Promise((resolve) => (state.release = resolve)));
    await log.consume('rejected', 'group', handlers);
    const large = 'x'.repeat(100_000);
    for (let index = 0; index < 30; index += 1)
      await log.append(
        'rejected',
        Array.from({ length: 10 }, () => record('k', large)),
      );
    const bytes = () => got.reduce((sum, { value }) => sum + value.length, 0);
    expect(bytes()).toBeLessThan(10_000_000);
    for (let round = 0; round < 40; round += 1) {
      state.release();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await poll(() => {
      state.release();
      return got.length;
    }).toBe(300);
    state.release();
  });

  test(`${name}: what the largest body makes is taken: one refused event of 16 MB, escaped, or many of half a megabyte`, async () => {
    const { log } = await openIn();
    const { got, handlers } = collector();
    await log.consume('rejected', 'group', handlers);
    // Chance, since a log may compress.
    const large = (bytes: number): LogRecord => ({ ...record('k', ''), value: randomBytes(bytes) });
    const all = [large(33 * 1024 * 1024), ...Array.from({ length: 64 }, () => large(512 * 1024))];
    await log.append('rejected', all.slice(0, 1));
    await log.append('rejected', all.slice(1));
    await poll(() => got.length).toBe(all.length);
    for (const [index, { value }] of all.entries()) expect(got[index]?.value.equals(value), `${index}`).toBe(true);
  });

  test(`${name}: lag counts what a group has not committed, whoever else has`, async () => {
    const { log } = await openIn();
    const { got, handlers } = collector();
    const consumer = await log.consume('rejected', 'quick', handlers);
    for (let index = 0; index < 5; index += 1) await log.append('rejected', [record('k', `${index}`)]);
    await poll(() => got.length).toBe(5);
    expect(await log.lag('rejected', 'quick'), 'taken is not committed').toBe(5);
    await consumer.commit(got.slice(4));
    expect([await log.lag('rejected', 'quick'), await log.lag('rejected', 'new')]).toEqual([0, 5]);
    await consumer.commit(got.slice(0, 1));
    expect(await log.lag('rejected', 'quick'), 'never backwards').toBe(0);
  });

  test(`${name}: a consumer that left gets nothing more, and what it commits late does not count`, async () => {
    const { log } = await openIn();
    const { got, handlers } = collector();
    const consumer = await log.consume('rejected', 'group', handlers);
    await log.append('rejected', [record('k', '0'), record('k', '1')]);
    await poll(() => got.length).toBe(2);
    await consumer.close();
    await consumer.commit(got);
    await log.append('rejected', [record('k', '2')]);
    const heir = collector();
    await log.consume('rejected', 'group', heir.handlers);
    await poll(() => heir.got.map(textOf)).toEqual(['0', '1', '2']);
    expect(got.length).toBe(2);
  });

  test(`${name}: a lease is held from the first record on, and never again once its partitions are taken back`, async () => {
    const { log } = await openIn();
    const leases: Lease[] = [];
    const { got, handlers } = collector();
    const consumer = await log.consume('rejected', 'group', {
      ...handlers,
      assigned: async (_partitions, lease) => void leases.push(lease),
    });
    await log.append('rejected', [record('k', '0')]);
    await poll(() => got.length).toBe(1);
    expect(leases.at(-1)?.isHeld()).toBe(true);
    await consumer.close();
    expect(leases.map((lease) => lease.isHeld()).includes(true)).toBe(false);
  });

  test(`${name}: a consumer that cannot go on is stopped in all its partitions and says so once`, async () => {
    const { log } = await openIn();
    const failures: unknown[] = [];
    const calls: string[] = [];
    await log.consume('events', 'group', {
      assigned: async () => undefined,
      revoked: async () => undefined,
      records: async ([first]) => {
        calls.push(first?.key ?? '');
        throw new Error('the disk is full');
      },
      failed: (error) => failures.push(error),
    });
    await log.append('events', [record('a', '1')]);
    await poll(() => failures).toEqual([new Error('the disk is full')]);
    for (const key of 'bcdefghij') await log.append('events', [record(key, '1')]);
    const other = collector();
    await log.consume('events', 'other', other.handlers);
    await poll(() => other.got.length).toBe(10);
    expect([calls, failures.length]).toEqual([['a'], 1]);
  });

  test(`${name}: a closed log takes nothing and says so`, async () => {
    const { log } = await openIn();
    const pending = log.append('events', [record('a', '1')]);
    await log.close();
    await pending;
    await expect(log.append('events', [record('a', '2')])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(log.ping()).rejects.toMatchObject({ code: 'unavailable' });
  });
};
