import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AttributionModel, AttributionQuery } from '../../../schemas/api/attribution.ts';
import {
  type OracleConversion,
  type OracleRow,
  oracleAttribution,
  oracleLostPaths,
} from '../../../test/oracle/attribution.ts';
import { type OracleOrderEvent, oracleOrders } from '../../../test/oracle/orders.ts';
import { type HistoryRow, store } from '../../../test/support/history.ts';
import { runs } from '../../../test/support/runs.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { attribution } from './attribution.ts';

const warehouse = sharedWarehouse();

const start = Date.parse('2026-10-01T00:00:00Z');
const quarter = 15 * 60_000;
const people = 60;
/** Tells of orders first, and nobody knows whose it is. */
const kiosk = people;
const iso = (at: number): string => new Date(at).toISOString();

/** Quarters of an hour, so that pauses of just half an hour and rows of one moment are the rule. */
const at = fc.integer({ min: 0, max: 30 }).map((quarters) => start + quarters * quarter);
const campaign = fc.record({
  source: fc.constantFrom('newsletter', 'google', 'partner.com', ''),
  medium: fc.constantFrom('email', 'referral', ''),
  name: fc.constantFrom('spring', ''),
});
const visit = fc.record({
  person: fc.nat({ max: people - 1 }),
  at,
  type: fc.constantFrom('page', 'page', 'track'),
  channel: fc.constantFrom('browser', 'browser', 'browser', 'server', 'internal'),
  campaign: fc.option(campaign, { nil: undefined, freq: 1 }),
  host: fc.constantFrom('www.shop.com', 'shop.com', ''),
  referrerHost: fc.constantFrom(
    '',
    '',
    'www.shop.com',
    'help.shop.com',
    'partner.com',
    'www.search.org',
    'notshop.com',
  ),
  onDevice: fc.boolean(),
  isRepeated: fc.boolean(),
});
const order = fc.record({
  person: fc.nat({ max: people - 1 }),
  at,
  cents: fc.constantFrom(0, 1, 1000, 1999, 12_345),
  currency: fc.constantFrom('EUR', 'USD'),
  fate: fc.constantFrom(
    'Order Refunded' as const,
    'Order Cancelled' as const,
    undefined,
    undefined,
    undefined,
    undefined,
  ),
  refundCents: fc.constantFrom(1, 300),
  isToldBefore: fc.boolean(),
});
const scenario = fc.record({
  visits: fc.array(visit, { minLength: 250, maxLength: 250 }),
  orders: fc.array(order, { minLength: 60, maxLength: 60 }),
  from: fc.integer({ min: 0, max: 15 }).map((quarters) => start + quarters * quarter),
  quarters: fc.integer({ min: 4, max: 20 }),
  lookbackSeconds: fc.constantFrom(900, 3600, 7200, 30 * 86_400),
  direct: fc.constantFrom('fallback' as const, 'touch' as const),
  halfLifeSeconds: fc.constantFrom(60, 1800, 604_800),
  by: fc.constantFrom('source' as const, 'medium' as const, 'name' as const, 'sourceMedium' as const),
});
type Visit = typeof visit extends fc.Arbitrary<infer V> ? V : never;
type Order = typeof order extends fc.Arbitrary<infer O> ? O : never;

const visitOf = (each: Visit, index: number): { row: HistoryRow; told: OracleRow } => {
  const { source = '', medium = '', name = '' } = each.campaign ?? {};
  const hasCampaign = source + medium + name !== '';
  const isKnown = each.person % 3 !== 0 && !each.onDevice;
  const row: HistoryRow = {
    timestamp: each.at,
    event: each.type === 'page' ? 'Page Viewed' : 'Clicked',
    type: each.type,
    channel: each.channel,
    message_id: `v${index}`,
    user_id: isKnown ? `user-${each.person}` : '',
    anonymous_id: isKnown ? '' : `device-${each.person}`,
    campaign_source: source,
    campaign_medium: medium,
    campaign_name: name,
    url: each.host === '' ? '' : `https://${each.host}/page?a=1`,
    referrer: each.referrerHost === '' ? '' : `https://${each.referrerHost}/other`,
  };
  const told: OracleRow = {
    person: each.person,
    at: each.at,
    messageId: row.message_id,
    isOfVisit: each.channel !== 'internal' && (each.type === 'page' || each.host !== '' || hasCampaign),
    ...(hasCampaign ? { campaign: { source, medium, name } } : {}),
    host: each.host,
    referrerHost: each.referrerHost,
  };
  return { row, told };
};

const orderOf = (each: Order, index: number): { rows: HistoryRow[]; told: OracleOrderEvent[] } => {
  const hasUser = each.person % 3 !== 0;
  const whole = { person: each.person, orderId: `o${index}`, hasUser };
  const said = { event: 'Order Completed' as const, cents: each.cents, currency: each.currency };
  const told: OracleOrderEvent[] = [
    { ...whole, ...said, at: each.at + (each.isToldBefore ? quarter : 0), messageId: `o${index}` },
  ];
  if (each.isToldBefore)
    told.push({ ...whole, ...said, person: kiosk, hasUser: false, at: each.at, messageId: `k${index}` });
  if (each.fate !== undefined)
    told.push({
      ...whole,
      // The money goes back long after the range.
      at: start + 90 * 86_400_000,
      event: each.fate,
      messageId: `f${index}`,
      ...(each.fate === 'Order Refunded' ? { cents: each.refundCents } : {}),
    });
  const rows = told.map(
    (event): HistoryRow => ({
      timestamp: event.at,
      event: event.event,
      message_id: event.messageId,
      user_id: event.hasUser ? `user-${event.person}` : '',
      anonymous_id: event.hasUser ? '' : `device-${event.person}`,
      order_id: event.orderId,
      revenue: event.cents === undefined ? null : (event.cents / 100).toFixed(2),
      currency: event.currency ?? '',
    }),
  );
  return { rows, told };
};

const units = (amount: string): bigint => BigInt(Math.round(Number(amount) * 10_000));

/** Paths with how many took each, as text. */
const counted = (paths: readonly string[][]): string[] =>
  [...Map.groupBy(paths, (path) => path.join(' > '))].map(([path, all]) => `${all.length} ${path}`).sort();

const run = { number: 0 };

test('credits are those of brute force, and add up to the orders exactly', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ visits, orders, from, quarters, ...options }) => {
      run.number += 1;
      const site = { id: `site-${run.number}`, currency: 'EUR' };
      const came = visits.map(visitOf);
      const bought = orders.map(orderOf);
      const users = [...Array(people).keys()].filter((person) => person % 3 !== 0);
      await store(
        warehouse(),
        site.id,
        [
          ...came.flatMap(({ row }, index) => (visits[index]?.isRepeated ? [row, row] : [row])),
          ...bought.flatMap(({ rows }) => rows),
        ],
        users.map((person) => ({ device: `device-${person}`, user: `user-${person}`, at: start })),
      );
      const ask = { ...options, from, to: from + quarters * quarter };
      const query = AttributionQuery.parse({
        ...options,
        from: iso(ask.from),
        to: iso(ask.to),
        paths: 100,
        limit: 500,
        notConverting: true,
      });
      const answer = await attribution(warehouse(), site, query, { now: 0 });

      const conversions: OracleConversion[] = oracleOrders(
        bought.flatMap(({ told }) => told),
        'EUR',
      ).flatMap(({ buyer, at: placedAt, isCancelled, currency, net }) =>
        !isCancelled && placedAt >= ask.from && placedAt < ask.to
          ? [{ buyer, at: placedAt, currency, cents: net }]
          : [],
      );
      const told = came.map((each) => each.told);
      const right = oracleAttribution(told, conversions, ask, AttributionModel.options);
      const shown = answer.rows.flatMap(({ value, credits }) =>
        credits.flatMap(({ model, conversions: share, revenue }) =>
          right.credits.has(`${value} ${model}`) || share > 0
            ? [
                [
                  `${value} ${model}`,
                  BigInt(Math.round(share * 10_000)),
                  revenue.map(({ currency, amount }) => `${currency} ${units(amount)}`),
                ],
              ]
            : [],
        ),
      );
      expect(new Map(shown.map(([key, ...rest]) => [key, rest]))).toEqual(
        new Map(
          [...right.credits].map(([key, { shares, units: byCurrency }]) => [
            key,
            [shares, [...byCurrency].map(([currency, amount]) => `${currency} ${amount}`).sort()],
          ]),
        ),
      );
      expect(answer.conversions).toBe(conversions.length);
      for (const [place, model] of query.models.entries()) {
        const own = answer.rows.map(({ credits }) => credits[place]);
        expect(own.every((credit) => credit?.model === model)).toBe(true);
        const sum = own.reduce((total, credit) => total + BigInt(Math.round((credit?.conversions ?? 0) * 10_000)), 0n);
        expect(sum).toBe(BigInt(conversions.length) * 10_000n);
        for (const { currency, amount } of answer.revenue)
          expect(
            own.reduce(
              (total, credit) =>
                total + units(credit?.revenue.find((each) => each.currency === currency)?.amount ?? '0'),
              0n,
            ),
          ).toBe(units(amount));
      }
      const paths = counted(right.paths);
      if (paths.length <= 100)
        expect(
          answer.paths.converting.map(({ path, conversions: count }) => `${count} ${path.join(' > ')}`).sort(),
        ).toEqual(paths);
      const lost = counted(oracleLostPaths(told, conversions, ask));
      if (lost.length <= 100)
        expect(answer.paths.notConverting.map(({ path, persons }) => `${persons} ${path.join(' > ')}`).sort()).toEqual(
          lost,
        );
    }),
    { numRuns: runs(12), endOnFailure: true },
  );
});

test('an order at the end of the range is its buyer’s, although their own word of it comes after', async () => {
  const midnight = start + 86_400_000;
  const order = (at: number, who: Partial<HistoryRow>, messageId: string): HistoryRow => ({
    timestamp: at,
    event: 'Order Completed',
    message_id: messageId,
    order_id: 'o1',
    revenue: '10',
    currency: 'EUR',
    ...who,
  });
  await store(warehouse(), 'midnight', [
    {
      timestamp: midnight - 3_600_000,
      event: 'Page Viewed',
      type: 'page',
      message_id: 'visit',
      user_id: 'ada',
      campaign_source: 'newsletter',
    },
    order(midnight - 10_000, { user_id: '', anonymous_id: 'phone' }, 'browser'),
    order(midnight + 5000, { user_id: 'ada' }, 'server'),
  ]);
  const { rows } = await attribution(
    warehouse(),
    { id: 'midnight', currency: 'EUR' },
    AttributionQuery.parse({ from: iso(start), to: iso(midnight) }),
    { now: 0 },
  );
  expect(rows.map(({ value }) => value)).toEqual(['newsletter']);
});

test('an order of 0.10 over three touches: position gives 40, 20 and 40 percent; values beyond the limit are one', async () => {
  const touch = (index: number, source: string): HistoryRow => ({
    timestamp: start + index * 86_400_000,
    event: 'Page Viewed',
    type: 'page',
    message_id: `t${index}`,
    user_id: 'ada',
    campaign_source: source,
  });
  const bought: HistoryRow = {
    timestamp: start + 3 * 86_400_000,
    event: 'Order Completed',
    message_id: 'o',
    user_id: 'ada',
    order_id: 'o1',
    revenue: '0.10',
    currency: 'EUR',
  };
  await store(warehouse(), 'cents', [touch(0, 'a'), touch(1, 'b'), touch(2, 'c'), bought]);
  const ask = async (more: object) =>
    attribution(
      warehouse(),
      { id: 'cents', currency: 'EUR' },
      AttributionQuery.parse({ from: iso(start), to: iso(start + 10 * 86_400_000), ...more }),
      { now: 0 },
    );
  const amounts = ({ rows }: Awaited<ReturnType<typeof ask>>) =>
    rows.map(({ value, credits }) => [value, ...credits.map(({ revenue }) => revenue[0]?.amount)]);
  expect(amounts(await ask({ models: ['linear', 'position'] }))).toEqual([
    ['c', '0.0334', '0.04'],
    ['a', '0.0333', '0.04'],
    ['b', '0.0333', '0.02'],
  ]);
  const [first, other] = (await ask({ models: ['first'], limit: 1 })).rows;
  expect([first?.value, other?.value, other?.credits[0]?.conversions]).toEqual(['a', '(other)', 0]);
});

test('the most taken paths are shown and the others are one, so that all add up', async () => {
  const visitFrom = (user: string, source: string): HistoryRow => ({
    timestamp: start,
    event: 'Page Viewed',
    type: 'page',
    message_id: `v-${user}`,
    user_id: user,
    campaign_source: source,
  });
  const orderBy = (user: string, currency: string): HistoryRow => ({
    timestamp: start + quarter,
    event: 'Order Completed',
    message_id: `o-${user}`,
    user_id: user,
    order_id: `o-${user}`,
    revenue: '2.50',
    currency,
  });
  const sources = ['a', 'a', 'a', 'b', 'b', 'c', 'd'];
  await store(
    warehouse(),
    'many',
    sources.flatMap((source, index) => [
      visitFrom(`buyer-${index}`, source),
      orderBy(`buyer-${index}`, source === 'd' ? 'USD' : 'EUR'),
      visitFrom(`looker-${index}`, source),
    ]),
  );
  const { paths } = await attribution(
    warehouse(),
    { id: 'many', currency: 'EUR' },
    AttributionQuery.parse({ from: iso(start), to: iso(start + 4 * quarter), paths: 2, notConverting: true }),
    { now: 0 },
  );
  expect(paths.converting).toEqual([
    { path: ['a'], conversions: 3, revenue: [{ currency: 'EUR', amount: '7.50' }] },
    { path: ['b'], conversions: 2, revenue: [{ currency: 'EUR', amount: '5.00' }] },
    {
      path: ['(other)'],
      conversions: 2,
      revenue: [
        { currency: 'EUR', amount: '2.50' },
        { currency: 'USD', amount: '2.50' },
      ],
    },
  ]);
  expect(paths.notConverting).toEqual([
    { path: ['a'], persons: 3 },
    { path: ['b'], persons: 2 },
    { path: ['(other)'], persons: 2 },
  ]);
});
