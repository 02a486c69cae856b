import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RatingSummary, SearchToRatingQuery } from '../../../schemas/api/reports.ts';
import { oracleReport, type ReportEvent } from '../../../test/oracle/search-to-rating.ts';
import { insertRows } from '../../../test/support/rows.ts';
import { runs } from '../../../test/support/runs.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { columnTime } from '../../platform/warehouse/column-time.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { starsOf } from './ratings.ts';
import { searchToRating } from './search-to-rating.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const start = Date.parse('2026-10-10T00:00:00Z');
const minute = 60_000;
const columns = [
  'site',
  'timestamp',
  'event',
  'type',
  'message_id',
  'user_id',
  'anonymous_id',
  'session',
  'query',
  'product_id',
  'products',
  'seller',
  'order_id',
  'rating',
  'score',
  'properties',
];

type Sent = Omit<ReportEvent, 'person'> & { user: string; device: string; isScore?: boolean };

const rowOf = (site: string, event: Sent): unknown[] => {
  const { productIds = [], sellers = [], rating = null, results, scaleMax } = event;
  const isOrder = event.event === 'Order Completed';
  const list = productIds.map((id, index) => ({ product_id: id, seller: sellers[index] }));
  const properties = {
    ...(results === undefined ? {} : { results }),
    ...(scaleMax === undefined ? {} : { scale_max: scaleMax }),
  };
  return [
    site,
    columnTime(event.at),
    event.event,
    'track',
    event.messageId,
    event.user,
    event.device,
    event.session ?? '',
    event.query ?? '',
    isOrder ? '' : (productIds[0] ?? ''),
    isOrder && list.length > 0 ? JSON.stringify(list) : '',
    isOrder ? '' : (sellers[0] ?? ''),
    event.orderId ?? '',
    event.isScore ? null : rating,
    event.isScore ? rating : null,
    Object.keys(properties).length === 0 ? '' : JSON.stringify(properties),
  ];
};

const insert = async (
  site: string,
  events: readonly Sent[],
  links: readonly { device: string; user: string }[] = [],
) => {
  await insertRows(
    warehouse(),
    'events',
    columns,
    events.map((each) => rowOf(site, each)),
  );
  await insertRows(
    warehouse(),
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
    links.map(({ device, user }) => [site, device, user, columnTime(start), 'link']),
  );
  await warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);
};

const sellerOf = (id: string): string => (id === 'tent' ? 'north' : 'south');
const productId = fc.constantFrom('tent', 'lamp', 'mug');
const orderId = fc.constantFrom('', 'first', 'first', 'second');
/** Minutes: some windows end on an event. */
const at = fc.integer({ min: -3, max: 40 }).map((minutes) => start + minutes * minute);
const what = (event: string, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ at, event: fc.constant(event), session: fc.constantFrom('', 'a', 'b'), ...more }) as fc.Arbitrary<
    Omit<Sent, 'user' | 'device' | 'messageId'>
  >;
const one = { productIds: productId.map((id) => [id]) };
const kinds = {
  search: what('Products Searched', {
    query: fc.constantFrom('tent', ' Tent', 'warm  lamp', 'Warm lamp', ''),
    results: fc.constantFrom(0, 3, undefined),
  }),
  view: what('Product Viewed', one),
  click: what('Product Clicked', one),
  add: what('Product Added', one),
  order: fc
    .tuple(what('Order Completed', { orderId }), fc.uniqueArray(productId, { maxLength: 2 }))
    .map(([order, ids]) => ({ ...order, productIds: ids, sellers: ids.map(sellerOf) })),
  cancel: what('Order Cancelled', { orderId }),
  review: what('Product Reviewed', {
    ...one,
    orderId,
    rating: fc.constantFrom(0, 1, 2.5, 4.5, 5, 6),
    scaleMax: fc.constantFrom(undefined, undefined, 10),
    isScore: fc.boolean(),
  }),
  rate: what('Seller Rated', {
    sellers: fc.constantFrom(['north'], ['south']),
    orderId,
    rating: fc.constantFrom(1, 4, 5),
    isScore: fc.boolean(),
  }),
};
type Kind = keyof typeof kinds;
/** Journeys that would seldom come about by chance: these happen in this order, among others that happen at any time. */
const stories: Kind[][] = [
  ['search', 'view', 'order', 'review', 'review', 'rate'],
  ['search', 'search', 'view', 'add', 'add', 'order'],
  ['search', 'view', 'order', 'order', 'review', 'rate'],
  ['search', 'view', 'order', 'cancel', 'rate'],
  ['search', 'add', 'order', 'review'],
  [],
];
const eventsOf = (list: readonly Kind[]) => fc.tuple(...list.map((kind) => kinds[kind]));
const inOrder = <E extends { at: number }>(events: readonly E[]): E[] => {
  const times = events.map((event) => event.at).sort((one, other) => one - other);
  return events.map((event, place) => ({ ...event, at: times[place] ?? start }));
};
const person = fc.record({
  events: fc
    .tuple(
      fc.constantFrom(...stories).chain(eventsOf),
      fc.array(fc.constantFrom(...(Object.keys(kinds) as Kind[])), { maxLength: 5 }).chain(eventsOf),
    )
    .map(([story, more]) => [...inOrder(story), ...more]),
  onDevice: fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }),
  isJoined: fc.boolean(),
});

const shownRatings = ({ most, lowest: _lowest, ...summary }: RatingSummary) => ({
  ...summary,
  things: Object.fromEntries(most.map(({ id, name: _name, ...thing }) => [id, thing])),
});

test('searches, what they led to and how it was rated are right against brute force: devices joined or not, shuffled, repeated', {
  timeout: 180_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 40, maxLength: 40 }),
      fc.integer({ min: 5, max: 60 }).map((minutes) => start + minutes * minute),
      fc.constantFrom(5, 12),
      fc.constantFrom(3, 15),
      async (people, asOf, windowMinutes, ratingMinutes) => {
        run.number += 1;
        const site = `site-${run.number}`;
        const sent = people.flatMap(({ events, onDevice, isJoined }, index) =>
          events.map((each, place) => {
            const user = `user-${index}`;
            const device = `device-${index}`;
            const { orderId: id = '', session = '' } = each;
            return {
              ...each,
              messageId: `${index}-${place}`,
              orderId: id && `${id}-${index}`,
              session: session && `${session}-${index}`,
              ...(onDevice[place] ? { user: '', device } : { user, device: '' }),
              person: onDevice[place] && !isJoined ? device : user,
            };
          }),
        );
        const links = people.flatMap(({ isJoined }, index) =>
          isJoined ? [{ device: `device-${index}`, user: `user-${index}` }] : [],
        );
        await insert(site, [...sent.filter((_, index) => index % 5 === 0), ...sent.toReversed()], links);
        const range = { from: start, to: start + 20 * minute };
        const answer = await searchToRating(
          warehouse(),
          { id: site },
          SearchToRatingQuery.parse({
            from: new Date(range.from).toISOString(),
            to: new Date(range.to).toISOString(),
            windowSeconds: windowMinutes * 60,
            ratingSeconds: ratingMinutes * 60,
            limit: 100,
          }),
          { now: asOf },
        );
        const right = oracleReport(sent, {
          ...range,
          windowMs: windowMinutes * minute,
          ratingMs: ratingMinutes * minute,
          asOf,
        });
        const { queryMs: _ms, rowsRead: _rows, queryCount, queries, productRatings, sellerRatings, ...rest } = answer;
        const byQuery = (a: { query: string }, b: { query: string }) => (a.query < b.query ? -1 : 1);
        expect({
          ...rest,
          queries: queries.toSorted(byQuery),
          productRatings: shownRatings(productRatings),
          sellerRatings: shownRatings(sellerRatings),
        }).toEqual({ ...right, queries: right.queries.toSorted(byQuery) });
        expect(queryCount).toBe(right.queries.length);
      },
    ),
    { numRuns: runs(20), endOnFailure: true },
  );
});

test('the lowest rated are those with enough ratings, and the first search terms are those asked for', async () => {
  const user = (index: number) => ({ user: `user-${index}`, device: '' });
  const bought = (index: number, id: string, rating: number): Sent[] => [
    { at: start, event: 'Products Searched', messageId: `s${index}`, query: id, results: 3, ...user(index) },
    { at: start + minute, event: 'Product Added', messageId: `a${index}`, productIds: [id], ...user(index) },
    { at: start + 2 * minute, event: 'Order Completed', messageId: `o${index}`, orderId: `o${index}`, ...user(index) },
    {
      at: start + 3 * minute,
      event: 'Product Reviewed',
      messageId: `r${index}`,
      productIds: [id],
      orderId: `o${index}`,
      rating,
      ...user(index),
    },
  ];
  await insert('lists', [
    ...[1, 2, 3].flatMap((index) => bought(index, 'tent', 4)),
    ...[4, 5].flatMap((index) => bought(index, 'lamp', 3)),
    ...bought(6, 'mug', 1),
    ...[7, 8, 9, 10].map(
      (index): Sent => ({
        at: start,
        event: 'Products Searched',
        messageId: `s${index}`,
        query: 'gift',
        results: 0,
        ...user(index),
      }),
    ),
  ]);
  const ask = (more: object) =>
    searchToRating(
      warehouse(),
      { id: 'lists' },
      SearchToRatingQuery.parse({
        from: new Date(start).toISOString(),
        to: new Date(start + minute).toISOString(),
        minimumRatings: 2,
        ...more,
      }),
      { now: start + 5 * minute },
    );
  const answer = await ask({});
  expect(answer.productRatings.most.map(({ id }) => id)).toEqual(['tent', 'lamp', 'mug']);
  expect(answer.productRatings.lowest.map(({ id }) => id)).toEqual(['lamp', 'tent']);
  expect(answer.queries[0]).toMatchObject({ query: 'gift', searches: 4, withoutResults: 4, conversion: 0 });
  expect(answer).toMatchObject({ queryCount: 4, orders: { orders: 6, rated: 6, medianSeconds: 60 } });
  expect((await ask({ queriesBy: 'purchased', limit: 1 })).queries).toMatchObject([{ query: 'tent', purchased: 3 }]);
});

test('a rating that names no order is of the last one with the product, and who rates again has changed their mind', async () => {
  const ada = { user: 'ada', device: '' };
  const buy = (minutes: number, id: string): Sent[] => [
    { at: start + minutes * minute, event: 'Products Searched', messageId: `s-${id}`, query: 'tent', ...ada },
    { at: start + minutes * minute, event: 'Product Viewed', messageId: `v-${id}`, productIds: ['tent'], ...ada },
    {
      at: start + minutes * minute,
      event: 'Order Completed',
      messageId: id,
      orderId: id,
      productIds: ['tent'],
      ...ada,
    },
  ];
  const review = (minutes: number, rating: number): Sent => ({
    at: start + minutes * minute,
    event: 'Product Reviewed',
    messageId: `r-${minutes}`,
    productIds: ['tent'],
    rating,
    ...ada,
  });
  await insert('again', [...buy(0, 'first'), review(1, 1), ...buy(2, 'second'), review(4, 2), review(5, 5)]);
  const answer = await searchToRating(
    warehouse(),
    { id: 'again' },
    SearchToRatingQuery.parse({
      from: new Date(start).toISOString(),
      to: new Date(start + 3 * minute).toISOString(),
      // The second order's last rating is too late for the first.
      ratingSeconds: 180,
    }),
    { now: start + 9 * minute },
  );
  expect(answer).toMatchObject({
    orders: { orders: 2, rated: 2, medianSeconds: 120 },
    productRatings: { ratings: 2, average: 3, distribution: [1, 0, 0, 0, 1] },
  });
});

test('a site without searches gets an empty report', async () => {
  const range = { from: new Date(start).toISOString(), to: new Date(start + minute).toISOString() };
  expect(
    await searchToRating(warehouse(), { id: 'empty' }, SearchToRatingQuery.parse(range), { now: start }),
  ).toMatchObject({
    searches: 0,
    queries: [],
    steps: [{ searches: 0, share: null }, {}, {}, {}],
    orders: { orders: 0, ratedShare: null, medianSeconds: null },
    productRatings: { ratings: 0, average: null, most: [] },
  });
});

test('a rating is told on a scale of five, and none outside of its own', () => {
  expect(starsOf('4.7', '')).toBe(4.7);
  expect(starsOf('8', '10')).toBe(4);
  expect(starsOf('8', 'null')).toBe(null);
  for (const [value, scale] of [
    [null, ''],
    ['6', ''],
    ['-1', ''],
    ['3', '0'],
    ['3', '[]'],
    ['x', ''],
  ] as const)
    expect(starsOf(value, scale)).toBe(null);
});
