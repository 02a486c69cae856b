import { readdir, readlink } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventColumns } from '../../schemas/event.ts';
import { createShiftedClock } from '../../test/support/clock.ts';
import { openPlatform } from '../../test/support/services.ts';
import type { LogRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { accounts } from '../questions/accounting.ts';
import { start } from './sink.ts';

const receivedAt = Date.now();

const record = (userId: string, messageIds: readonly string[], site = 'shop', more: object = {}): LogRecord => {
  const header = { v: 1, site, receivedAt, sentAt: null, channel: 'server', type: null, ip: '', userAgent: '' };
  const batch = messageIds.map((messageId) => ({ type: 'track', event: 'Tick', userId, messageId, ...more }));
  return {
    key: `${site}/${userId}`,
    label: site,
    count: messageIds.length,
    value: Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify({ batch })}`),
  };
};

const stored = async ({ warehouse }: Platform, site = 'shop'): Promise<string[]> => {
  const { rows } = await warehouse.query(
    sql`SELECT message_id AS id FROM events WHERE site = ${site} ORDER BY id`,
    z.object({ id: z.string() }),
  );
  return rows.map(({ id }) => id);
};

/** Of the child process that has the folder of this platform's warehouse open. */
const enginePid = async (dataDir: string): Promise<number> => {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (target.startsWith(`${dataDir}/warehouse`) && Number(pid) !== process.pid) return Number(pid);
    }
  }
  throw new Error('no process has the warehouse open');
};

const settled = async ({ warehouse, log }: Platform, site = 'shop', timeout = 20_000) => {
  await expect.poll(() => log.lag('events', 'accounts'), { timeout, interval: 200 }).toBe(0);
  await expect.poll(() => accounts(warehouse, site), { timeout, interval: 200 }).toMatchObject({ waiting: 0 });
  return accounts(warehouse, site);
};

test('a message that is sent again counts as a duplicate; the same id in another site is another message', async () => {
  const { platform } = await openPlatform();
  const sink = await start(platform);
  await platform.log.append('events', [record('ada', ['a', 'b', 'a']), record('bob', ['a'], 'other')]);
  await platform.log.append('events', [record('ada', ['b', 'c'])]);
  expect(await settled(platform)).toEqual({ received: 5, stored: 3, duplicate: 2, rejected: 0, waiting: 0 });
  expect(await stored(platform)).toEqual(['a', 'b', 'c']);
  expect(await stored(platform, 'other')).toEqual(['a']);
  await sink.close();
});

test('after a restart what was stored before is still known', async () => {
  const first = await openPlatform();
  const sink = await start(first.platform);
  await first.platform.log.append('events', [record('ada', ['a', 'b'])]);
  await settled(first.platform);
  await sink.close();
  await first.close();
  const { platform } = await openPlatform({ dataDir: first.dataDir });
  const again = await start(platform);
  await platform.log.append('events', [record('ada', ['b', 'c'])]);
  expect(await settled(platform)).toMatchObject({ stored: 3, duplicate: 1 });
  await again.close();
});

test('a row that the warehouse refuses is set aside as it came, and its block goes in', async () => {
  const { platform } = await openPlatform();
  // The sink writes nothing that the engine cannot hold; an operator's own rule may still forbid a row.
  await platform.warehouse.command(sql`ALTER TABLE events ADD CONSTRAINT whole CHECK rating IS NULL OR rating != 4.5`);
  const sink = await start(platform);
  const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
  await platform.log.append('events', [
    record('ada', ids),
    record('ada', ['bad'], 'shop', { properties: { rating: 4.5 }, extra: 'kept' }),
  ]);
  expect(await settled(platform)).toEqual({ received: 41, stored: 40, duplicate: 0, rejected: 1, waiting: 0 });
  expect(await stored(platform)).toEqual(ids.toSorted());
  const { rows } = await platform.warehouse.query(
    sql`SELECT source, code, message, event, header FROM rejected FINAL`,
    z.record(z.string(), z.string()),
  );
  expect(rows).toMatchObject([{ source: 'events', code: 'refused_by_warehouse' }]);
  expect(JSON.parse(rows[0]?.['event'] ?? '')).toMatchObject({ messageId: 'bad', userId: 'ada', extra: 'kept' });
  expect(JSON.parse(rows[0]?.['header'] ?? '')).toMatchObject({ site: 'shop', channel: 'server' });
  await sink.close();
});

test('a record that cannot be read is kept, and each of its events is accounted for', async () => {
  const { platform } = await openPlatform();
  const sink = await start(platform);
  const value = Buffer.from('no record of ours');
  await platform.log.append('events', [{ key: 'x', label: 'shop', count: 3, value }, record('ada', ['a'])]);
  expect(await settled(platform)).toEqual({ received: 4, stored: 1, duplicate: 0, rejected: 3, waiting: 0 });
  await sink.close();
});

test('events come in though the engine is killed again and again: none is lost, none is there twice', {
  timeout: 120_000,
}, async () => {
  const first = await openPlatform();
  const { platform } = first;
  const sink = await start(platform);
  const sent: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    for (let batch = 0; batch < 40; batch += 1) {
      const ids = Array.from({ length: 50 }, (_, index) => `r${round}-b${batch}-${index}`);
      sent.push(...ids);
      // The client sends every tenth batch twice.
      const records = [record(`user-${batch % 9}`, ids)];
      await platform.log.append('events', batch % 10 === 0 ? [...records, ...records] : records);
    }
    await new Promise((resolve) => setTimeout(resolve, 300 * (round + 1)));
    process.kill(await enginePid(first.dataDir), 'SIGKILL');
  }
  const account = await settled(platform, 'shop', 60_000);
  expect(account).toEqual({ received: 8800, stored: 8000, duplicate: 800, rejected: 0, waiting: 0 });
  expect(await stored(platform)).toEqual(sent.toSorted());
  await sink.close();
});

/** Inserts and commits happen until `left` of them have; then the sink hangs for ever in the next one, as a killed one would. */
const crashing = (platform: Platform, left: number) => {
  const effects = { left, crashed: () => {} };
  const isDown = new Promise<void>((resolve) => {
    effects.crashed = resolve;
  });
  const orCrash = async <T>(effect: () => Promise<T>): Promise<T> => {
    if (effects.left <= 0) {
      effects.crashed();
      return new Promise<T>(() => undefined);
    }
    effects.left -= 1;
    return effect();
  };
  const doomed: Platform = {
    ...platform,
    warehouse: { ...platform.warehouse, insert: (...values) => orCrash(() => platform.warehouse.insert(...values)) },
    log: {
      ...platform.log,
      consume: async (topic, group, handlers) => {
        const consumer = await platform.log.consume(topic, group, handlers);
        return { ...consumer, commit: (positions) => orCrash(() => consumer.commit(positions)) };
      },
    },
  };
  return { doomed, isDown };
};

/** A batch of messages of one person, sent some time; `crash` kills the sink after so many effects, once all before it was appended. */
const Step = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }) },
  { weight: 2, arbitrary: fc.record({ crash: fc.integer({ min: 0, max: 5 }) }) },
);

test('whatever is sent again and wherever the sink stops: in the end each message is there once', {
  timeout: 240_000,
}, async () => {
  const reached = { crashes: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { minLength: 2, maxLength: 7 }), async (steps) => {
      const first = await openPlatform();
      let open = first;
      const ids: string[] = [];
      for (const step of steps) {
        if (Array.isArray(step)) {
          const batch = step.map((id) => `user-${id % 3}-${id}`);
          ids.push(...batch);
          await open.platform.log.append(
            'events',
            batch.map((id) => record(id.slice(0, 6), [id, id])),
          );
          continue;
        }
        const { doomed, isDown } = crashing(open.platform, step.crash);
        await start(doomed);
        // A block is written after a second; fewer effects than `crash` may be all there is to do.
        const wasDown = await Promise.race([isDown.then(() => true), platformIdle(open.platform)]);
        if (wasDown) reached.crashes += 1;
        await open.close();
        open = await openPlatform({ dataDir: first.dataDir });
      }
      const sink = await start(open.platform);
      const account = await settled(open.platform);
      expect(await stored(open.platform)).toEqual([...new Set(ids)].sort());
      expect(account).toMatchObject({ received: ids.length * 2, stored: new Set(ids).size, rejected: 0 });
      expect(account.stored + account.duplicate).toBe(account.received);
      await sink.close();
      await open.close();
    }),
    // A loss shows by waiting in vain: shrinking would wait for each smaller case too.
    {
      numRuns: 8,
      endOnFailure: true,
      // Whatever chance brings: a stop before the insert, and one between the insert and the commit.
      examples: [[[[1, 2], [3], { crash: 0 }, [1, 4], { crash: 1 }]], [[[0, 1, 2], { crash: 1 }, [0], { crash: 2 }]]],
    },
  );
  expect(reached.crashes, 'a test that never crashes says nothing').toBeGreaterThan(2);
});

/** False once the sink has nothing left to do. */
const platformIdle = async ({ log }: Platform): Promise<false> => {
  for (let tries = 0; tries < 60; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if ((await log.lag('events', 'sink').catch(() => 0)) === 0) return false;
  }
  return false;
};

test('rows that a sink wrote when it had lost its partitions are folded a minute later: a duplicate never counts', async () => {
  const clock = createShiftedClock();
  const { platform } = await openPlatform({ clock });
  const sink = await start(platform);
  await platform.log.append('events', [record('ada', ['a', 'b', 'c'])]);
  await settled(platform);
  const columns = eventColumns.join(', ');
  await platform.warehouse.command({
    text: `INSERT INTO events (${columns}) SELECT ${columns} FROM events WHERE message_id != 'c'`,
    parameters: {},
  });
  expect(await stored(platform)).toEqual(['a', 'a', 'b', 'b', 'c']);
  clock.advance(61_000);
  await expect.poll(() => stored(platform), { timeout: 10_000 }).toEqual(['a', 'b', 'c']);
  expect(await accounts(platform.warehouse, 'shop')).toMatchObject({ received: 3, stored: 3 });
  await sink.close();
});
