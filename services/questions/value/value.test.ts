import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RfmQuery, ValueQuery } from '../../../schemas/api/value.ts';
import {
  type OracleOrderEvent,
  oracleCohorts,
  oracleOrders,
  oracleRfm,
  oracleValue,
} from '../../../test/oracle/orders.ts';
import { type HistoryLink, type HistoryRow, store } from '../../../test/support/history.ts';
import { runs } from '../../../test/support/runs.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { rfmClasses } from './classes.ts';
import { lifetimeValue } from './lifetime.ts';

const warehouse = sharedWarehouse();

const start = Date.parse('2026-10-24T00:00:00Z');
const hour = 3_600_000;
const day = 24 * hour;
/** Where the day of the 25th has 25 hours. */
const zone = 'Europe/Berlin';
const people = 150;

const iso = (at: number): string => new Date(at).toISOString();
const cents = (amount: string): number => Math.round(Number(amount) * 100);
const text = (amount: number | undefined): string | null => (amount === undefined ? null : (amount / 100).toFixed(2));

/** Days since 1970 where the shop is, read off a clock on its wall. */
const wall = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
const dayNumber = (at: number): number => Date.parse(wall.format(at)) / day;
/** Weeks from a Monday. */
const weekNumber = (at: number): number => Math.floor((dayNumber(at) + 3) / 7);

const amount = fc.constantFrom(0, 1, 1999, 1999, 5000);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Quarters of a day, so that ties and edges are the rule. */
const at = fc.integer({ min: 0, max: 40 }).map((quarters) => start + (quarters * day) / 4);
/** By one of its ids or both. */
const ids = (name: string) => [{ productId: name }, { sku: `${name}-1` }, { productId: name, sku: `${name}-1` }];
const product = fc.record({
  name: fc.constantFrom('tent', 'lamp'),
  said: fc.constantFrom(0, 1, 2),
  cents: maybe(amount),
  quantity: maybe(fc.integer({ min: 0, max: 3 })),
});
const event = fc.record({
  person: fc.nat({ max: people - 1 }),
  at,
  event: fc.oneof(
    { weight: 6, arbitrary: fc.constant('Order Completed' as const) },
    fc.constantFrom('Order Updated' as const, 'Order Refunded' as const, 'Order Cancelled' as const),
  ),
  /** Some orders are told of by two persons: shop and server under ids that were never joined. */
  orderId: fc.nat({ max: 250 }).map((number) => `o${number}`),
  cents: maybe(amount),
  currency: maybe(fc.constantFrom('EUR', 'USD')),
  products: maybe(fc.uniqueArray(product, { maxLength: 2, selector: ({ name }) => name })),
  onDevice: fc.boolean(),
  isRepeated: fc.boolean(),
});
type Told = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** Every third person never signed in. */
const isKnown = (person: number): boolean => person % 3 !== 0;

const historyOf = (told: readonly Told[]): { own: OracleOrderEvent[]; rows: HistoryRow[]; links: HistoryLink[] } => {
  const history = told.map(({ onDevice, isRepeated, cents: amount, currency, products, ...rest }, index) => {
    const hasUser = isKnown(rest.person) && !onDevice;
    const own: OracleOrderEvent = {
      ...rest,
      messageId: `m${index}`,
      hasUser,
      ...(amount === undefined ? {} : { cents: amount }),
      ...(currency === undefined ? {} : { currency }),
      ...(products === undefined
        ? {}
        : {
            products: products.map((each) => ({
              ...ids(each.name)[each.said],
              ...(each.cents === undefined ? {} : { cents: each.cents }),
              ...(each.quantity === undefined ? {} : { quantity: each.quantity }),
            })),
          }),
    };
    const row: HistoryRow = {
      timestamp: rest.at,
      event: rest.event,
      message_id: own.messageId,
      user_id: hasUser ? `user-${rest.person}` : '',
      anonymous_id: hasUser ? '' : `device-${rest.person}`,
      order_id: rest.orderId,
      revenue: text(amount),
      currency: currency ?? '',
      products:
        products === undefined
          ? ''
          : JSON.stringify(
              products.map((each) => ({
                product_id: ids(each.name)[each.said]?.productId,
                sku: ids(each.name)[each.said]?.sku,
                price: text(each.cents),
                quantity: each.quantity,
              })),
            ),
    };
    return { own, rows: isRepeated ? [row, row] : [row] };
  });
  const users = [...Array(people).keys()].filter(isKnown);
  return {
    own: history.map(({ own }) => own),
    rows: history.flatMap(({ rows }) => rows),
    links: users.map((person) => ({ device: `device-${person}`, user: `user-${person}`, at: start + 99 * day })),
  };
};

const run = { number: 0 };
const told = async (events: readonly Told[]) => {
  run.number += 1;
  const site = { id: `site-${run.number}`, currency: 'EUR', timeZone: zone };
  // So that every person has an id that the answer can be told by: users by name, the others by none.
  const { own, rows, links } = historyOf(events);
  await store(warehouse(), site.id, rows, links);
  return { site, orders: oracleOrders(own, 'EUR') };
};
const scenario = fc.record({
  events: fc.array(event, { minLength: 400, maxLength: 400 }),
  from: at,
  days: fc.integer({ min: 1, max: 6 }),
  now: at,
  currency: fc.constantFrom('EUR', 'USD'),
});

test('value by currency, cohort and age is that of brute force', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      scenario,
      fc.constantFrom('day' as const, 'week' as const),
      async ({ events, from, days, now, currency }, cohort) => {
        const { site, orders } = await told(events);
        const range = { from, to: from + days * day };
        const query = ValueQuery.parse({ from: iso(from), to: iso(range.to), cohort, ages: 5, currency });
        const answer = await lifetimeValue(warehouse(), site, query, { now });
        const right = oracleValue(orders, range);
        expect({ buyers: answer.buyers, orders: answer.orders }).toEqual({
          buyers: right.buyers,
          orders: right.orders,
        });
        expect(answer.repeatRate).toBe(right.buyers === 0 ? null : right.repeated / right.buyers);
        const byName = (a: { currency: string }, b: { currency: string }) => (a.currency < b.currency ? -1 : 1);
        expect(
          answer.currencies
            .map(({ averageOrderValue: _average, netPerBuyer: _perBuyer, ...row }) => ({
              ...row,
              revenue: cents(row.revenue),
              refunded: cents(row.refunded),
              net: cents(row.net),
              cancelledRevenue: cents(row.cancelledRevenue),
            }))
            .sort(byName),
        ).toEqual(right.currencies.sort(byName));
        const numberOf = cohort === 'day' ? dayNumber : weekNumber;
        expect(
          answer.cohorts.map(({ persons, ages }) => ({ persons, nets: ages.map(({ net }) => cents(net)) })),
        ).toEqual(oracleCohorts(orders, { ...range, now, ages: 5, currency, numberOf }));
        expect(answer.cohorts.every(({ start }) => numberOf(Date.parse(start)) > numberOf(Date.parse(start) - 1))).toBe(
          true,
        );
      },
    ),
    { numRuns: runs(10), endOnFailure: true },
  );
});

test('ranks and classes are those of brute force, and pages of people join', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ events, from, days, currency }) => {
      const { site, orders } = await told(events);
      const range = { from, to: from + days * day };
      const right = oracleRfm(orders, range, currency);
      const query = RfmQuery.parse({ from: iso(from), to: iso(range.to), currency, limit: 40 });
      const found: Awaited<ReturnType<typeof rfmClasses>>['persons'] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await rfmClasses(warehouse(), site, cursor === undefined ? query : { ...query, cursor }, {
          now: 0,
        });
        found.push(...page.persons);
        cursor = page.nextCursor;
        expect(page.buyers).toBe(right.length);
        expect(
          page.classes
            .filter(({ persons }) => persons > 0)
            .map((row) => [row.class, row.persons, cents(row.net)])
            .sort(),
        ).toEqual(
          [...Map.groupBy(right, (one) => one.class)]
            .map(([name, members]) => [name, members.length, members.reduce((sum, { net }) => sum + net, 0)])
            .sort(),
        );
      }
      const shown = (
        one: { recencyDays: number; orders: number; class: string; ranks: object },
        who: string,
        net: number,
      ) => JSON.stringify([who, net, one.recencyDays, one.orders, one.class, one.ranks]);
      expect(new Set(found.map(({ person }) => person)).size).toBe(right.length);
      expect(found.map((one) => shown(one, one.userId, cents(one.net))).sort()).toEqual(
        right
          .map((one) =>
            shown(one, isKnown(one.buyer) && knownBy(events, one.buyer) ? `user-${one.buyer}` : '', one.net),
          )
          .sort(),
      );
      const nets = found.map(({ net }) => Number(net));
      expect(nets).toEqual(nets.toSorted((a, b) => b - a));
    }),
    { numRuns: runs(6), endOnFailure: true },
  );
});

/** Whether some event names the user: else the answer has no name for the person. */
const knownBy = (events: readonly Told[], person: number): boolean =>
  events.some((each) => each.person === person && !each.onDevice);

test('the lifetime value is said with what it assumes', async () => {
  const row = (index: number, user: string, revenue: string): HistoryRow => ({
    timestamp: start + index * hour,
    event: 'Order Completed',
    message_id: `m${index}`,
    user_id: user,
    order_id: `o${index}`,
    revenue,
    currency: 'EUR',
  });
  await store(warehouse(), 'lifetime', [row(0, 'ada', '10'), row(1, 'ada', '20'), row(2, 'bob', '30.01')]);
  const range = { from: iso(start), to: iso(start + 365.25 * day) };
  const query = ValueQuery.parse({ ...range, margin: 0.5, years: 2 });
  const site = { id: 'lifetime', currency: 'EUR', timeZone: 'UTC' };
  const answer = await lifetimeValue(warehouse(), site, query, { now: start + 800 * day });
  expect(answer).toMatchObject({
    ordersPerBuyer: 1.5,
    repeatRate: 0.5,
    currencies: [{ net: '60.01', averageOrderValue: '20.0033', netPerBuyer: '30.005' }],
    // 60.01 of two buyers in a year, half of it for two years.
    lifetime: { averageOrderValue: '20.0033', ordersPerYear: 1.5, value: '30.005' },
  });
  expect(answer.lifetime.assumptions[1]).toBe(
    'A customer stays for 2 years, and 50 % of net revenue is left as margin.',
  );
  const none = await lifetimeValue(warehouse(), { ...site, id: 'nobody' }, query, { now: start });
  expect(none).toMatchObject({ buyers: 0, repeatRate: null, currencies: [], cohorts: [], lifetime: { value: null } });
  await expect(
    lifetimeValue(warehouse(), site, { ...query, cohort: 'day', to: iso(start + 500 * day) }, { now: start }),
  ).rejects.toMatchObject({ code: 'bad_request', errors: [{ path: 'cohort' }] });
});
