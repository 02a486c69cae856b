import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Condition } from '../../schemas/filters.ts';
import { PropertyPath } from '../../schemas/filters.ts';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { conditions } from './where.ts';

const events = [
  {
    id: 'a',
    price: '19.90',
    rating: 4.7,
    category: 'Tents',
    properties: { size: 3, note: "it's", nested: { deep: 'x' }, tags: ['a'], flag: true },
  },
  {
    id: 'b',
    price: '20',
    rating: 5,
    category: 'lamps',
    properties: { size: '3', note: 'quiet 100%', nested: {}, flag: false },
  },
  { id: 'c', price: null, rating: null, category: '', properties: { size: null, note: '' } },
];

const cases: [Condition, string][] = [
  [{ property: 'price', op: 'eq', value: 20 }, 'b'],
  [{ property: 'price', op: 'neq', value: 20 }, 'ac'],
  [{ property: 'price', op: 'gte', value: 19.9 }, 'ab'],
  [{ property: 'price', op: 'lt', value: 20 }, 'a'],
  [{ property: 'price', op: 'between', value: [19.9, 19.95] }, 'a'],
  [{ property: 'price', op: 'in', value: [19.9, 7] }, 'a'],
  [{ property: 'price', op: 'notIn', value: [19.9, 7] }, 'bc'],
  [{ property: 'rating', op: 'eq', value: 4.7 }, 'a'],
  [{ property: 'rating', op: 'gte', value: 4.7 }, 'ab'],
  [{ property: 'rating', op: 'lt', value: 4.7 }, ''],
  [{ property: 'rating', op: 'between', value: [4.7, 4.8] }, 'a'],
  [{ property: 'rating', op: 'neq', value: 4.7 }, 'bc'],
  [{ property: 'price', op: 'exists' }, 'ab'],
  [{ property: 'price', op: 'notExists' }, 'c'],
  [{ property: 'size', op: 'eq', value: 3 }, 'ab'],
  [{ property: 'properties.size', op: 'eq', value: '3' }, 'ab'],
  [{ property: 'size', op: 'exists' }, 'ab'],
  [{ property: 'flag', op: 'eq', value: true }, 'a'],
  [{ property: 'note', op: 'eq', value: "it's" }, 'a'],
  [{ property: 'note', op: 'contains', value: '100%' }, 'b'],
  [{ property: 'note', op: 'notContains', value: 'Q' }, 'ac'],
  [{ property: 'note', op: 'startsWith', value: 'qui' }, 'b'],
  [{ property: 'note', op: 'matches', value: '^q.*%$' }, 'b'],
  [{ property: 'note', op: 'notExists' }, 'c'],
  [{ property: 'nested.deep', op: 'eq', value: 'x' }, 'a'],
  [{ property: 'missing.path', op: 'eq', value: 'x' }, ''],
  [{ property: 'missing', op: 'neq', value: 'x' }, 'abc'],
  [{ property: 'category', op: 'eq', value: 'Tents' }, 'a'],
  [{ property: 'category', op: 'gt', value: 'Z' }, 'b'],
  [{ property: "') OR 1=1 --".replaceAll("'", ''), op: 'eq', value: "' OR 1=1 --" }, ''],
];

test('each operator finds what it should, on columns and on JSON', async () => {
  const warehouse = await openWarehouse();
  const lines = events.map(({ id, price, rating, category, properties }) =>
    JSON.stringify([
      'shop',
      '2026-01-01 00:00:00.000',
      'E',
      'track',
      id,
      'ada',
      price,
      rating,
      category,
      JSON.stringify(properties),
    ]),
  );
  const columns = [
    'site',
    'timestamp',
    'event',
    'type',
    'message_id',
    'user_id',
    'price',
    'rating',
    'category',
    'properties',
  ];
  await warehouse.insert('events', columns, Buffer.from(`${lines.join('\n')}\n`));
  for (const [condition, expected] of cases) {
    const { rows } = await warehouse.query(
      sql`SELECT arrayStringConcat(arraySort(groupArray(message_id))) AS ids FROM events WHERE site = ${'shop'} AND ${conditions([condition])}`,
      z.object({ ids: z.string() }),
    );
    expect(rows[0]?.ids, JSON.stringify(condition)).toBe(expected);
  }
});

test('a path that could break out is refused before it gets here', () => {
  for (const path of ["a'b", 'a`b', 'a"b', 'a\\b', 'a\0b', '', 'a.b.c.d.e.f.g.h.i', 'x'.repeat(201)])
    expect(PropertyPath.safeParse(path).success, path).toBe(false);
});

test('a pattern of ten thousand letters is refused', () => {
  expect(() => conditions([{ property: 'note', op: 'matches', value: 'a'.repeat(10_000) }])).toThrow('at most 500');
});
