import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { FunnelQuery } from '../../../schemas/api/funnels.ts';
import { TrendQuery } from '../../../schemas/api/trends.ts';
import { RfmClass } from '../../../schemas/rfm.ts';
import { Criterion } from '../../../schemas/segment.ts';
import { type OracleOrderEvent, oracleOrders, oracleRfm } from '../../../test/oracle/orders.ts';
import { type OracleCriterion, type OracleEvent, oracleIsIn } from '../../../test/oracle/segment.ts';
import { type HistoryLink, type HistoryRow, store } from '../../../test/support/history.ts';
import { runs } from '../../../test/support/runs.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';
import { funnel } from '../funnels/funnel.ts';
import { trend } from '../trends/trends.ts';
import { segmentPersons, segmentPreview } from './members.ts';

const warehouse = sharedWarehouse();

const start = Date.parse('2026-10-01T00:00:00Z');
const hour = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();

/** Few times, so that ties and times on the edge of a range are the rule. */
const at = fc.integer({ min: 0, max: 6 }).map((hours) => start + hours * hour);
const names = ['Product Viewed', 'Product Added', 'Order Completed'];
const amount = fc.constantFrom<unknown>(0, 0.1, 0.2, '0.30', 19.9, -5, 'no number', null);
const track = fc.record(
  {
    at,
    event: fc.constantFrom(...names),
    currency: fc.constantFrom('EUR', 'USD', ''),
    properties: fc.record(
      { size: amount, price: fc.constantFrom(0.1, 0.2, 19.9), colour: fc.constantFrom('red', 'dark red', '') },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['at', 'event'] },
);
const identify = fc.record(
  {
    at,
    event: fc.constant('Identify'),
    isIdentify: fc.constant(true),
    traits: fc.record(
      {
        plan: fc.constantFrom<unknown>('gold', 'tin', null, 3, '3'),
        city: fc.record({ name: fc.constantFrom('Ulm', 'Ulm-Süd') }),
      },
      { requiredKeys: [] },
    ),
    email: fc.constantFrom('a@example.com', 'b@example.com', ''),
  },
  { requiredKeys: ['at', 'event', 'isIdentify', 'traits'] },
);
const mail = fc.record({ at, event: fc.constant('Email Sent'), isInternal: fc.constant(true) });
const event: fc.Arbitrary<Omit<OracleEvent, 'messageId' | 'userId'>> = fc.oneof(
  { weight: 6, arbitrary: track },
  { weight: 2, arbitrary: identify },
  { weight: 1, arbitrary: mail },
);
const person = fc.record({
  events: fc.array(event, { minLength: 1, maxLength: 7 }),
  /** Who never signs in has one device and no user. */
  isKnown: fc.boolean(),
  onDevice: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  repeats: fc.nat({ max: 2 }),
});

const time = fc.oneof(
  fc
    .tuple(at, fc.integer({ min: 1, max: 4 }))
    .map(([from, hours]) => ({ from: iso(from), to: iso(from + hours * hour) })),
  at.map((from) => ({ from: iso(from) })),
  at.map((to) => ({ to: iso(to) })),
);
const bounds = (figure: fc.Arbitrary<number>) =>
  fc.oneof(
    figure.map((exactly) => ({ exactly })),
    figure.map((atLeast) => ({ atLeast })),
    figure.map((atMost) => ({ atMost })),
    fc.tuple(figure, figure).map(([a, b]) => ({ atLeast: Math.min(a, b), atMost: Math.max(a, b) })),
  );
const condition = (property: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.record({
      property,
      op: fc.constantFrom('eq', 'neq'),
      value: fc.constantFrom<unknown>('gold', 'red', 'Ulm', 3, '3', 0.1, 'a@example.com'),
    }),
    fc.record({ property, op: fc.constantFrom('in', 'notIn'), value: fc.constantFrom(['tin', 3], ['red', 19.9]) }),
    fc.record({ property, op: fc.constantFrom('contains', 'notContains'), value: fc.constantFrom('red', 'Ulm', 'a@') }),
    fc.record({ property, op: fc.constantFrom('exists', 'notExists') }),
    fc.record({ property, op: fc.constant('gte'), value: fc.constantFrom(0, 0.2) }),
  );
const ofEvent = fc.array(condition(fc.constantFrom('size', 'colour')), { maxLength: 1 });
const ofPerson = condition(fc.constantFrom('traits.plan', 'traits.city.name', 'person.email', 'person.userId'));
const eventName = fc.constantFrom(...names, 'Email Sent', '*');
const leaf = fc.oneof(
  fc.record(
    {
      kind: fc.constant('did' as const),
      event: eventName,
      where: ofEvent,
      in: time,
      times: bounds(fc.integer({ min: 0, max: 3 })),
    },
    { requiredKeys: ['kind', 'event', 'where'] },
  ),
  fc.record(
    {
      kind: fc.constant('did' as const),
      event: eventName,
      where: ofEvent,
      in: time,
      sum: fc
        .tuple(
          fc.constantFrom<{ property: string; currency?: string }>(
            { property: 'size' },
            { property: 'price' },
            { property: 'price', currency: 'USD' },
            { property: 'size', currency: 'USD' },
          ),
          bounds(fc.constantFrom(-5, 0, 0.1, 0.3, 0.4, 20)),
        )
        .map(([of, each]) => ({ ...of, ...each })),
    },
    { requiredKeys: ['kind', 'event', 'where', 'sum'] },
  ),
  fc.record(
    { kind: fc.constant('didNot' as const), event: eventName, where: ofEvent, in: time },
    { requiredKeys: ['kind', 'event', 'where'] },
  ),
  fc.record({ kind: fc.constant('is' as const), where: fc.array(ofPerson, { minLength: 1, maxLength: 2 }) }),
  fc.record({
    kind: fc.constant('seen' as const),
    which: fc.constantFrom('first' as const, 'last' as const),
    in: time,
  }),
);
const combined = fc.letrec<{ criterion: OracleCriterion }>((tie) => ({
  criterion: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    leaf,
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const, 'not' as const),
      of: fc.array(tie('criterion'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).criterion;

const rowsOf = (
  number: number,
  { events, isKnown, onDevice, repeats }: typeof person extends fc.Arbitrary<infer P> ? P : never,
) => {
  const user = isKnown ? `user-${number}` : '';
  const own: OracleEvent[] = events.map((each, place) => {
    const isOnDevice = !isKnown || (onDevice[place] === true && !each.isInternal);
    return { ...each, messageId: `${number}-${place}`, userId: isOnDevice ? '' : user };
  });
  const rows = own.flatMap((each, place): HistoryRow[] => {
    const row: HistoryRow = {
      timestamp: each.at,
      event: each.event,
      message_id: each.messageId,
      user_id: each.userId ?? '',
      anonymous_id: each.userId ? '' : `device-${number}`,
      // Nothing that segments look at: tells persons apart here.
      session: String(number),
      type: each.isIdentify ? 'identify' : 'track',
      channel: each.isInternal ? 'internal' : 'browser',
      properties: each.properties === undefined ? '' : JSON.stringify(each.properties),
      price: each.properties?.['price'] === undefined ? null : String(each.properties['price']),
      currency: each.currency ?? '',
      traits: each.traits === undefined ? '' : JSON.stringify(each.traits),
      email: each.email ?? '',
    };
    return Array.from({ length: place === 0 ? 1 + repeats : 1 }, () => row);
  });
  const links: HistoryLink[] = isKnown ? [{ device: `device-${number}`, user, at: start + 99 * hour }] : [];
  return { own, rows, links };
};

test('random segments have the persons that brute force finds: joined devices, repeated rows, ties, edges', {
  timeout: 180_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 80, maxLength: 80 }),
      fc.array(combined, { minLength: 15, maxLength: 15 }),
      async (people, criteria) => {
        run.number += 1;
        const site = { id: `site-${run.number}` };
        const made = people.map((each, number) => rowsOf(number, each));
        await store(
          warehouse(),
          site.id,
          made.flatMap(({ rows }) => rows),
          made.flatMap(({ links }) => links),
        );
        const { rows: numbers } = await warehouse().query(
          sql`SELECT toString(${resolvedPerson}) AS id, any(session) AS number FROM events WHERE site = ${site.id} GROUP BY id`,
          z.object({ id: z.string(), number: z.coerce.number() }),
        );
        expect(numbers).toHaveLength(people.length);
        const numberOf = new Map(numbers.map(({ id, number }) => [id, number]));
        for (const criterion of criteria) {
          const people = { site: site.id, currency: 'EUR', is: Criterion.parse(criterion) };
          const { persons } = await segmentPersons(warehouse(), site, { people, limit: 1000 });
          expect(
            persons.map(({ id }) => numberOf.get(id) ?? -1).sort((a, b) => a - b),
            JSON.stringify(criterion),
          ).toEqual(made.flatMap(({ own }, number) => (oracleIsIn(own, criterion) ? [number] : [])));
        }
      },
    ),
    { numRuns: runs(6), endOnFailure: true },
  );
});

const order = fc.record({
  at,
  buyer: fc.nat({ max: 29 }),
  cents: fc.constantFrom(100, 250, 1990),
  currency: fc.constantFrom('EUR', 'USD', ''),
  fate: fc.constantFrom('Order Refunded' as const, 'Order Cancelled' as const, undefined, undefined, undefined),
});

test('buyers are found by what they are worth and by their class', { timeout: 180_000 }, async () => {
  const run = { number: 0 };
  const value = fc
    .tuple(fc.constantFrom('EUR', 'USD'), bounds(fc.constantFrom(0, 1, 2.5, 19.9, 40)))
    .map(([currency, each]) => ({ kind: 'lifetimeValue' as const, currency, ...each }));
  const rfm = fc
    .subarray(RfmClass.options, { minLength: 1, maxLength: 4 })
    .map((classes) => ({ kind: 'rfm' as const, classes }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(order, { maxLength: 80 }),
      fc.array(fc.oneof(value, rfm), { minLength: 12, maxLength: 12 }),
      async (told, criteria) => {
        run.number += 1;
        const site = `buyers-${run.number}`;
        const events = told.flatMap(({ at: placedAt, buyer, cents, currency, fate }, index): OracleOrderEvent[] => {
          const whole = { person: buyer, orderId: `o${index}`, hasUser: true };
          const placed = {
            ...whole,
            at: placedAt,
            event: 'Order Completed' as const,
            messageId: `m${index}`,
            cents,
            currency,
          };
          return fate === undefined
            ? [placed]
            : [placed, { ...whole, at: placedAt + hour, event: fate, messageId: `f${index}` }];
        });
        const rows = events.map(
          ({ at: timestamp, event: name, messageId, person: buyer, orderId, cents, currency }): HistoryRow => ({
            timestamp,
            event: name,
            message_id: messageId,
            user_id: `user-${buyer}`,
            order_id: orderId,
            revenue: cents === undefined ? null : (cents / 100).toFixed(2),
            currency: currency ?? '',
          }),
        );
        // Thirty persons, most of whom buy something.
        const lookers = [...Array(30).keys()].map(
          (number): HistoryRow => ({
            timestamp: start,
            event: 'Product Viewed',
            message_id: `look-${number}`,
            user_id: `user-${number}`,
          }),
        );
        await store(warehouse(), site, [...lookers, ...rows]);
        const range = { from: start + hour, to: start + 6 * hour };
        const orders = oracleOrders(events, 'EUR');
        const classes = oracleRfm(orders, range, 'EUR');
        for (const criterion of criteria) {
          const is = Criterion.parse(
            criterion.kind === 'rfm' ? { ...criterion, in: { from: iso(range.from), to: iso(range.to) } } : criterion,
          );
          const people = { site, currency: 'EUR', is };
          const { persons } = await segmentPersons(warehouse(), { id: site }, { people, limit: 100 });
          const expected = [...Array(30).keys()].filter((number) => {
            const own = orders.filter(({ buyer }) => buyer === number);
            const centsIn = (currency: string) =>
              own.reduce((sum, each) => sum + (each.currency === currency ? each.net : 0), 0);
            const ofClass = classes.find(({ buyer }) => buyer === number)?.class ?? '';
            return oracleIsIn([], criterion, { cents: { EUR: centsIn('EUR'), USD: centsIn('USD') }, class: ofClass });
          });
          expect(persons.map(({ userId }) => userId).sort(), JSON.stringify(criterion)).toEqual(
            expected.map((number) => `user-${number}`).sort(),
          );
        }
      },
    ),
    { numRuns: runs(4), endOnFailure: true },
  );
});

test('a preview counts, and pages of persons join without a gap', async () => {
  const rows = Array.from(
    { length: 25 },
    (_, index): HistoryRow => ({
      timestamp: start + (index % 4) * hour,
      event: index < 20 ? 'Product Added' : 'Product Viewed',
      message_id: `m${index}`,
      user_id: `user-${index}`,
    }),
  );
  await store(warehouse(), 'pages', rows);
  const people = { site: 'pages', currency: 'EUR', is: Criterion.parse({ kind: 'did', event: 'Product Added' }) };
  const preview = await segmentPreview(warehouse(), { id: 'pages' }, { people, limit: 3 });
  expect(preview).toMatchObject({ count: 20, of: 25 });
  expect(preview.persons).toHaveLength(3);
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await segmentPersons(
      warehouse(),
      { id: 'pages' },
      { people, limit: 7, ...(cursor ? { cursor } : {}) },
    );
    seen.push(...page.persons.map(({ userId }) => userId));
    cursor = page.nextCursor;
  }
  expect(seen.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `user-${index}`).sort());
});

test('a segment filters events of every question, and knows its own site only', async () => {
  const views = (user: string, events: string[]): HistoryRow[] =>
    events.map((event, index) => ({
      timestamp: start + index * hour,
      event,
      message_id: `${user}-${index}`,
      user_id: user,
    }));
  const both = [...views('ada', ['Product Viewed', 'Order Completed']), ...views('bob', ['Product Viewed'])];
  await store(warehouse(), 'filter', both);
  await store(warehouse(), 'filter-other', views('bob', ['Product Viewed', 'Order Completed']));
  const people = { site: 'filter', currency: 'EUR', is: Criterion.parse({ kind: 'did', event: 'Order Completed' }) };
  const range = { from: iso(start), to: iso(start + 9 * hour) };
  const site = { id: 'filter', timeZone: 'UTC', currency: 'EUR' };
  const count = async (op: 'inSegment' | 'notInSegment') => {
    const where = [{ op, segment: 'buyers', people }];
    const trendQuery = { ...TrendQuery.parse({ ...range, event: 'Product Viewed', measure: 'persons' }), where };
    const funnelQuery = FunnelQuery.parse({ ...range, steps: [{ event: 'Product Viewed' }] });
    const steps = funnelQuery.steps.map((step) => ({ ...step, where }));
    const answers = await Promise.all([
      trend(warehouse(), site, trendQuery, { now: start }),
      funnel(warehouse(), site, { ...funnelQuery, where }, { now: start }),
      funnel(warehouse(), site, { ...funnelQuery, steps }, { now: start }),
    ]);
    return [answers[0].total, answers[1].steps[0]?.count, answers[2].steps[0]?.count];
  };
  expect(await count('inSegment')).toEqual([1, 1, 1]);
  expect(await count('notInSegment')).toEqual([1, 1, 1]);
  await expect(
    funnel(
      warehouse(),
      site,
      FunnelQuery.parse({ ...range, steps: [{ event: 'A', where: [{ op: 'inSegment', segment: 'buyers', people }] }] }),
      { now: start },
    ),
  ).rejects.toThrow('was not resolved');
});
