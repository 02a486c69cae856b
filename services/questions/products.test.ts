import { expect, test } from 'vitest';
import { FunnelQuery } from '../../schemas/api/funnels.ts';
import { TrendQuery } from '../../schemas/api/trends.ts';
import type { Condition } from '../../schemas/filters.ts';
import { Criterion } from '../../schemas/segment.ts';
import { sentRow, store } from '../../test/support/history.ts';
import { sharedWarehouse } from '../../test/support/warehouse.ts';
import { funnel } from './funnels/funnel.ts';
import { segmentPreview } from './segments/members.ts';
import { trend } from './trends/trends.ts';

const warehouse = sharedWarehouse();
const site = { id: 'lists', currency: 'EUR', timeZone: 'UTC' };
const range = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };
const now = Date.parse('2026-12-01T00:00:00Z');

const tent = { product_id: 'tent', name: 'Tent', category: 'Tents', brand: 'Alp', price: 100 };
const lamp = { sku: 'lamp', name: 'Lamp', category: 'Lamps', seller_id: 'north', variant: 'red', price: 20 };
const sent = (userId: string, minute: number, event: string, properties: object) =>
  sentRow(Date.parse('2026-10-05T10:00:00Z') + minute * 60_000, `${userId}-${minute}`, {
    type: 'track',
    userId,
    event,
    properties,
  });
/** Who looks at a tent, puts it into the basket, and orders these. */
const buys = (userId: string, order: object) => [
  sent(userId, 0, 'Product Viewed', tent),
  sent(userId, 1, 'Product Added', tent),
  sent(userId, 2, 'Order Completed', { order_id: userId, revenue: 120, ...order }),
];
const rows = [
  ...buys('ada', { products: [tent] }),
  ...buys('bob', { products: [tent, lamp] }),
  ...buys('cleo', { items: [lamp, { item_id: 7 }, { product_id: null }, 'nonsense'] }),
  ...buys('dora', {}),
];

test('the same product is followed from its page through orders of several products, however it is spelled', async () => {
  await store(warehouse(), site.id, rows);
  const steps = [{ event: 'Product Viewed' }, { event: 'Product Added' }, { event: 'Order Completed' }];
  const counts = async (more: object) => {
    const answer = await funnel(warehouse(), site, FunnelQuery.parse({ ...range, steps, ...more }), { now });
    return answer.steps.map(({ count }) => count);
  };
  expect(await counts({ constant: 'product_id' })).toEqual([4, 4, 2]);
  expect(await counts({ constant: 'properties.product_id' })).toEqual([4, 4, 2]);
  expect(await counts({ constant: 'product_id', order: 'strict' })).toEqual([4, 4, 2]);
  expect(await counts({ constant: 'category' })).toEqual([4, 4, 2]);
});

/** Buyers by a condition on their orders, as a trend, a funnel and a segment count them. */
const buyersWhere = async (condition: Condition): Promise<(number | null | undefined)[]> => {
  const order = { event: 'Order Completed', where: [condition] };
  const is = Criterion.parse({ kind: 'did', ...order });
  const people = { site: site.id, currency: 'EUR', is };
  const answers = await Promise.all([
    trend(warehouse(), site, TrendQuery.parse({ ...range, series: [{ ...order, measure: 'persons' }] }), { now }),
    funnel(warehouse(), site, FunnelQuery.parse({ ...range, steps: [{ event: 'Product Viewed' }, order] }), { now }),
    segmentPreview(warehouse(), site, { people, limit: 0 }),
  ]);
  return [answers[0].total, answers[1].steps[1]?.count, answers[2].count];
};

test('a condition on a product holds where one of the listed ones meets it; its negation where none does', async () => {
  const cases: [Condition, number][] = [
    [{ property: 'product_id', op: 'eq', value: 'tent' }, 2],
    [{ property: 'properties.product_id', op: 'eq', value: 'lamp' }, 2],
    [{ property: 'product_id', op: 'neq', value: 'tent' }, 2],
    [{ property: 'product_id', op: 'eq', value: 7 }, 1],
    [{ property: 'product_id', op: 'gt', value: 6 }, 1],
    [{ property: 'product_id', op: 'in', value: ['tent', '7'] }, 3],
    [{ property: 'product_id', op: 'notIn', value: ['tent', '7'] }, 1],
    [{ property: 'category', op: 'contains', value: 'lamp' }, 2],
    [{ property: 'category', op: 'notContains', value: 'lamp' }, 2],
    [{ property: 'brand', op: 'startsWith', value: 'A' }, 2],
    [{ property: 'seller', op: 'eq', value: 'north' }, 2],
    [{ property: 'properties.variant', op: 'matches', value: '^r' }, 2],
    [{ property: 'product_id', op: 'exists' }, 3],
    [{ property: 'product_id', op: 'notExists' }, 1],
  ];
  await store(warehouse(), site.id, rows);
  for (const [condition, buyers] of cases)
    expect(await buyersWhere(condition), JSON.stringify(condition)).toEqual([buyers, buyers, buyers]);
});
