import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AbandonmentQuery } from '../../../schemas/api/abandonment.ts';
import { type OracleEvent, oracleBaskets } from '../../../test/oracle/basket.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { abandonedBaskets, abandonment } from './abandonment.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const start = Date.parse('2026-10-10T00:00:00Z');
const hour = 3_600_000;
const rules = { idleSeconds: 3600, recoverySeconds: 5 * 3600 };

const columns = [
  'site',
  'timestamp',
  'event',
  'type',
  'message_id',
  'user_id',
  'anonymous_id',
  'product_id',
  'quantity',
  'price',
  'revenue',
  'products',
  'order_id',
];
const columnTime = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '');
const money = (cents: number | undefined): string | null => (cents === undefined ? null : (cents / 100).toFixed(2));

const lineOf = (site: string, who: { user: string; device: string }, event: OracleEvent): string =>
  JSON.stringify([
    site,
    columnTime(event.at),
    event.event,
    'track',
    event.messageId,
    who.user,
    who.device,
    event.productId ?? '',
    event.quantity ?? null,
    money(event.price),
    money(event.revenue),
    event.products === undefined
      ? ''
      : JSON.stringify(
          event.products.map(({ productId, quantity, price }) => ({
            product_id: productId,
            quantity,
            price: money(price),
          })),
        ),
    event.event === 'Order Completed' ? `order-${event.messageId}` : '',
  ]);

const product = fc.constantFrom('tent', 'lamp');
const price = fc.constantFrom(1, 1990, 12_000);
const products = fc.uniqueArray(fc.record({ productId: product, quantity: fc.integer({ min: 1, max: 3 }), price }), {
  maxLength: 2,
  selector: ({ productId }) => productId,
});
/** Steps of half an hour, so that pauses of exactly the idle time and the recovery time occur. */
const at = fc.integer({ min: 0, max: 30 }).map((half) => start + (half * hour) / 2);
const event: fc.Arbitrary<Omit<OracleEvent, 'messageId'>> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      at,
      event: fc.constant('Product Added'),
      productId: product,
      quantity: fc.integer({ min: 1, max: 3 }),
      price,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      at,
      event: fc.constant('Product Removed'),
      productId: product,
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ at, event: fc.constant('Product Removed'), productId: product }) },
  { weight: 2, arbitrary: fc.record({ at, event: fc.constant('Cart Viewed'), products }) },
  { weight: 1, arbitrary: fc.record({ at, event: fc.constant('Cart Cleared') }) },
  { weight: 2, arbitrary: fc.record({ at, event: fc.constant('Checkout Started'), products }) },
  { weight: 2, arbitrary: fc.record({ at, event: fc.constant('Order Completed'), revenue: price }) },
);
const person = fc.record({
  events: fc.array(event, { maxLength: 9 }),
  devices: fc.array(fc.constantFrom('phone', 'laptop', 'account'), { minLength: 9, maxLength: 9 }),
  repeats: fc.nat({ max: 2 }),
});

const answerOf = async (site: string, asOf: number, kind: 'cart' | 'checkout') => {
  const query = AbandonmentQuery.parse({
    kind,
    from: new Date(start - hour).toISOString(),
    to: new Date(start + 100 * hour).toISOString(),
    ...rules,
    limit: 500,
  });
  return abandonment(warehouse(), { id: site, currency: 'EUR' }, query, { now: asOf });
};

test('baskets are right against brute force: devices joined later, shuffled, repeated, late', {
  timeout: 120_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 60, maxLength: 60 }),
      fc.integer({ min: 0, max: 36 }),
      async (people, asOfHours) => {
        run.number += 1;
        const site = `site-${run.number}`;
        const asOf = start + asOfHours * hour;
        const lines: string[] = [];
        const links: string[] = [];
        const expected = people.map(({ events, devices, repeats }, index) => {
          const user = `user-${index}`;
          const own = events.map((each, place) => ({ ...each, messageId: `${index}-${place}` }));
          own.forEach((each, place) => {
            const device = devices[place] ?? 'account';
            const line = lineOf(
              site,
              device === 'account' ? { user, device: '' } : { user: '', device: `${device}-${user}` },
              each,
            );
            lines.push(...Array.from({ length: 1 + (place === 0 ? repeats : 0) }, () => line));
          });
          for (const device of ['phone', 'laptop'])
            links.push(JSON.stringify([site, `${device}-${user}`, user, columnTime(start + 50 * hour), 'link']));
          return oracleBaskets(own, { ...rules, asOf });
        });
        const shuffled = lines
          .map((line, index) => ({ line, key: (index * 7919) % 10_007 }))
          .sort((a, b) => a.key - b.key);
        await warehouse().insert('events', columns, Buffer.from(shuffled.map(({ line }) => `${line}\n`).join('')));
        await warehouse().insert(
          'identities',
          ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
          Buffer.from(`${links.join('\n')}\n`),
        );
        await warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);
        for (const kind of ['cart', 'checkout'] as const) {
          const right = expected
            .flat()
            .filter((basket) => (kind === 'cart' ? basket.lines.length > 0 : basket.hasCheckout));
          const count = (status: string) => right.filter((basket) => basket.status === status).length;
          const answer = await answerOf(site, asOf, kind);
          expect({
            open: answer.open,
            abandoned: answer.abandoned,
            recovered: answer.recovered,
            lost: answer.lost,
            completed: answer.completed,
          }).toEqual({
            open: count('open'),
            abandoned: count('abandoned'),
            recovered: count('recovered'),
            lost: count('lost'),
            completed: count('completed'),
          });
          const cents = (status: string, amount: (basket: (typeof right)[number]) => number) =>
            right.filter((basket) => basket.status === status).reduce((sum, basket) => sum + amount(basket), 0);
          expect(Math.round(Number(answer.valueAtRisk[0]?.amount ?? '0') * 100)).toBe(
            cents('abandoned', (basket) => basket.cents),
          );
          expect(Math.round(Number(answer.recoveredValue[0]?.amount ?? '0') * 100)).toBe(
            cents('recovered', (basket) => basket.revenue ?? 0),
          );
          const described = (basket: {
            status: string;
            lastActivity: number;
            lines: { productId: string; quantity: number }[];
            removed: string[];
          }) =>
            `${basket.status} ${basket.lastActivity} ${basket.lines.map(({ productId, quantity }) => `${productId}×${quantity}`).sort()} −${basket.removed.toSorted()}`;
          expect(
            answer.carts
              .map((cart) =>
                described({
                  ...cart,
                  lastActivity: Date.parse(cart.lastActivity),
                  lines: cart.items,
                  removed: cart.removed.map(({ productId }) => productId),
                }),
              )
              .sort(),
          ).toEqual(
            right
              .filter(({ status }) => status !== 'completed')
              .map(described)
              .sort(),
          );
        }
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
});

test('pages join without a gap, and who was left is said with his address', async () => {
  const lines = Array.from({ length: 25 }, (_, index) =>
    lineOf(
      'pages',
      { user: `user-${index}`, device: '' },
      { at: start + (index % 5) * 1000, event: 'Product Added', messageId: `m${index}`, productId: 'tent', price: 100 },
    ),
  );
  await warehouse().insert('events', columns, Buffer.from(`${lines.join('\n')}\n`));
  const site = { id: 'pages', currency: 'EUR' };
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = AbandonmentQuery.parse({
      from: new Date(start).toISOString(),
      to: new Date(start + hour).toISOString(),
      limit: 7,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const page = await abandonment(warehouse(), site, query, { now: start + 3 * hour });
    seen.push(...page.carts.map(({ userId }) => userId));
    expect(page.abandoned).toBe(25);
    cursor = page.nextCursor;
  }
  expect(seen.toSorted()).toEqual(Array.from({ length: 25 }, (_, index) => `user-${index}`).sort());
  const due = await abandonedBaskets(warehouse(), site, {
    idleSeconds: 3600,
    maxAgeSeconds: 7200,
    now: start + 2 * hour,
  });
  expect(due).toHaveLength(25);
  expect(
    await abandonedBaskets(warehouse(), site, { idleSeconds: 3600, maxAgeSeconds: 7200, now: start + 9 * hour }),
  ).toEqual([]);
});
