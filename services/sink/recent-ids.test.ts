import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { createRecentIds, hashId } from './recent-ids.ts';

test('the set says "seen" exactly for what was added and is not forgotten', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 9 })), { maxLength: 2000 }),
      (adds) => {
        const recent = createRecentIds();
        const model = new Map<number, number>();
        for (const [id, day] of adds) {
          const [high, low] = hashId('shop', `${id}`);
          expect(recent.seen(high, low, day)).toBe(model.has(id));
          if (!model.has(id)) model.set(id, day);
        }
        recent.forgetBefore(5);
        expect(recent.size()).toBe([...model.values()].filter((day) => day >= 5).length);
      },
    ),
    { numRuns: 50 },
  );
});

test('a hundred thousand ids: none is lost while the table grows', () => {
  const recent = createRecentIds();
  const seen = (id: number) => recent.seen(...hashId('shop', `message-${id}`), 1);
  for (let id = 0; id < 100_000; id += 1) expect(seen(id)).toBe(false);
  for (let id = 0; id < 100_000; id += 1) expect(seen(id)).toBe(true);
});

test('the engine and we hash alike', async () => {
  const warehouse = await openWarehouse();
  const ids = ['', 'a', 'ab', 'abc', 'abcd', 'Łódź 😀', 'x'.repeat(200), 'node-next-1696000000000-4c8a'];
  const { rows } = await warehouse.query(
    sql`SELECT murmurHash3_32(concat('1\n', 'shop', '\n', id)) AS high, murmurHash3_32(concat('2\n', 'shop', '\n', id)) AS low FROM (SELECT arrayJoin(${ids}) AS id)`,
    z.object({ high: z.number(), low: z.number() }),
  );
  expect(rows.map(({ high, low }) => [high, low])).toEqual(ids.map((id) => hashId('shop', id)));
});
