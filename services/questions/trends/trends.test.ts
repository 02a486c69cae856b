import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TrendLine, TrendQuery } from '../../../schemas/api/trends.ts';
import { type OracleLine, type OracleSeries, type OracleTrend, oracleTrend } from '../../../test/oracle/trends.ts';
import { asJourneys, mess, storeJourneys } from '../../../test/support/journeys.ts';
import { resolvedOf } from '../../../test/support/resolved.ts';
import { runs } from '../../../test/support/runs.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { trend } from './trends.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

/** Around changes of the clocks, in steps that meet the bounds of intervals. */
const places = [
  { zone: 'Europe/Berlin', middle: '2026-10-25T01:00:00Z' },
  { zone: 'Africa/Cairo', middle: '2026-04-23T22:00:00Z' },
  { zone: 'Australia/Lord_Howe', middle: '2026-10-03T15:30:00Z' },
  { zone: 'Asia/Kathmandu', middle: '2026-10-31T18:15:00Z' },
] as const;
const steps = { minute: 30_000, hour: 15 * 60_000, day: 6 * 3_600_000, week: 36 * 3_600_000, month: 240 * 3_600_000 };

const event = fc.record(
  {
    step: fc.integer({ min: -8, max: 8 }),
    event: fc.constantFrom('a', 'b', 'Order Completed'),
    /** By us, now and then. */
    channel: fc.constantFrom('internal', 'browser', 'browser'),
    /** Some are told of by two people, under ids that were never joined. */
    orderId: fc.nat({ max: 50 }).map((number) => `o${number}`),
    price: fc.constantFrom('0.1', '0.2', '7', '12.3456'),
    currency: fc.constantFrom('EUR', 'USD'),
    source: fc.constantFrom('mail', 'ads', 'maps', 'blog'),
    session: fc.constantFrom('s1', 's2', 's3'),
    /** No sum of halves: a narrow float is another number. */
    score: fc.constantFrom(94.7, 70.1, 8),
    seconds: fc.constantFrom(0, 1.5, 40, '30', 'nan', 'inf', 'long', '', -2),
    plan: fc.constantFrom('gold', 'tin', 'lead', null),
  },
  { requiredKeys: ['step', 'event'] },
);
const series: fc.Arbitrary<OracleSeries> = fc.record(
  {
    event: fc.constantFrom('a', 'b', 'Order Completed', '*'),
    minimumPrice: fc.constantFrom(0.2, 7),
    measure: fc.constantFrom(
      ...(['count', 'persons', 'sessions', 'sum', 'average', 'min', 'max', 'median', 'p90', 'p95', 'p99'] as const),
    ),
    property: fc.constantFrom('price' as const, 'score' as const, 'seconds' as const),
  },
  { requiredKeys: ['event', 'measure', 'property'] },
);
const question = fc.record({
  first: fc.integer({ min: -7, max: 3 }),
  length: fc.integer({ min: 1, max: 10 }),
  series: fc.array(series, { minLength: 1, maxLength: 3 }),
  limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  by: fc.constantFrom('source' as const, 'plan' as const),
  onPlan: fc.option(fc.record({ plan: fc.constantFrom('gold', 'tin'), isNot: fc.boolean() }), {
    nil: undefined,
    freq: 2,
  }),
  operator: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const, undefined),
});
const scenario = fc.record({
  persons: fc.array(fc.array(event, { maxLength: 6 }), { minLength: 100, maxLength: 100 }),
  place: fc.constantFrom(...places),
  interval: fc.constantFrom('minute' as const, 'hour' as const, 'day' as const, 'week' as const, 'month' as const),
  questions: fc.array(question, { minLength: 6, maxLength: 6 }),
  how: mess,
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;
type Question = Scenario['questions'][number];

const timeOf = ({ place, interval }: Scenario, step: number) => Date.parse(place.middle) + step * steps[interval];

const journeysOf = (asked: Scenario) =>
  asJourneys(
    asked.persons.map((events) =>
      events.map(({ step, seconds, plan, ...each }) => ({
        ...each,
        time: timeOf(asked, step),
        ...(plan === undefined ? {} : { type: 'identify', traits: JSON.stringify({ plan }), plan }),
        ...(seconds === undefined ? {} : { properties: JSON.stringify({ seconds }), seconds }),
      })),
    ),
  );

const oracleQuestion = (
  asked: Scenario,
  { first, length, series, limit, by, onPlan, operator }: Question,
): OracleTrend => ({
  series,
  interval: asked.interval,
  zone: asked.place.zone,
  currency: 'EUR',
  from: timeOf(asked, first),
  to: timeOf(asked, first + length) + 1,
  ...(limit === undefined ? {} : { limit, by }),
  ...(onPlan === undefined ? {} : { onPlan }),
  ...(operator === undefined ? {} : { formula: { left: 0, operator, right: series.length - 1 } }),
});

const queryOf = ({ series, interval, from, to, limit, by, onPlan, formula }: OracleTrend) =>
  TrendQuery.parse({
    series: series.map(({ minimumPrice, ...each }) => ({
      ...each,
      where: minimumPrice === undefined ? [] : [{ property: 'price', op: 'gte', value: minimumPrice }],
    })),
    interval,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    breakdown:
      limit === undefined ? undefined : { property: by === 'plan' ? 'traits.plan' : 'context.campaign.source', limit },
    where:
      onPlan === undefined ? [] : [{ property: 'traits.plan', op: onPlan.isNot ? 'neq' : 'eq', value: onPlan.plan }],
    formula: formula === undefined ? undefined : `A ${formula.operator} ${'ABC'[formula.right]}`,
  });

const close = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6);
const unitsOf = (amount: string | null): bigint | null => {
  if (amount === null) return null;
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const units = BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'));
  return amount.startsWith('-') ? -units : units;
};
/** One text a line, so that lines are compared whatever their order. */
const asText = (figures: readonly { value: number | null; units: bigint | null }[]) =>
  figures.map(({ value, units }) => `${close(value)}${units === null ? '' : `=${units}`}`).join(' ');
const ofOracle = ({ series, part, currency, figures, total }: OracleLine) =>
  `${series === 'formula' ? 'formula' : 'ABC'[series]} ${part} ${currency}: ${asText(figures)} | ${asText([total])}`;
const ofAnswer = ({ series, breakdown, currency, points, total }: TrendLine) => {
  const exact = [...points, total].map(({ value, amount }) => ({ value, units: unitsOf(amount) }));
  const name = series.length === 1 ? series : 'formula';
  return `${name} ${breakdown?.value ?? ''} ${currency}: ${asText(exact.slice(0, -1))} | ${asText(exact.slice(-1))}`;
};

test('trends are those of brute force: every measure, zone, interval, breakdown and formula, however the events are stored', {
  timeout: 180_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async (asked) => {
      run.number += 1;
      const journeys = journeysOf(asked);
      const sites = [`plain-${run.number}`, `messy-${run.number}`] as const;
      await storeJourneys(warehouse(), sites[0], journeys);
      await storeJourneys(warehouse(), sites[1], journeys, asked.how);
      const events = journeys.flatMap((journey, person) => journey.map((each) => ({ ...each, person })));
      for (const question of asked.questions) {
        const rules = oracleQuestion(asked, question);
        const expected = oracleTrend(events, rules);
        for (const id of sites) {
          const site = { id, timeZone: rules.zone, currency: rules.currency };
          const query = await resolvedOf(site, queryOf(rules));
          const answer = await trend(warehouse(), site, query, { now: rules.to });
          expect(answer.points.map(({ at }) => Date.parse(at))).toEqual(expected.starts);
          expect(answer.lines.map(ofAnswer).sort(), id).toEqual(expected.lines.map(ofOracle).sort());
        }
      }
    }),
    { numRuns: runs(8), endOnFailure: true },
  );
});

const range = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };

test('too many points, series said twice and formulas of what is not there are refused by name', async () => {
  const refusal = (query: object) => TrendQuery.safeParse({ ...range, ...query }).error?.issues[0];
  expect(refusal({ series: [{}], event: 'a' })).toMatchObject({ path: ['series'] });
  expect(refusal({ formula: 'A / B' })).toMatchObject({
    path: ['formula'],
    message: 'names a series that is not there',
  });
  expect(refusal({ formula: 'A; DROP TABLE events' })).toMatchObject({ path: ['formula'] });
  const site = { id: 'shop', timeZone: 'UTC', currency: 'EUR' };
  const ask = (query: object) => trend(warehouse(), site, TrendQuery.parse({ ...range, ...query }), { now: 0 });
  await expect(ask({ interval: 'minute' })).rejects.toMatchObject({ code: 'bad_request' });
  await expect(
    ask({ interval: 'hour', series: [{}, {}, {}, {}, {}], breakdown: { property: 'plan', limit: 50 } }),
  ).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('100000 points in all') });
});

test('another site, hostile values and a property that is not there change nothing', async () => {
  const time = Date.parse('2026-10-05T10:00:00Z');
  const names = ["'; DROP TABLE events", '(other)', '{p0:String}', '\u0000\\', 'ü'.repeat(300)];
  await storeJourneys(warehouse(), 'hostile', asJourneys(names.map((source) => [{ time, event: 'a', source }])));
  const ask = (id: string, query: object) =>
    trend(warehouse(), { id, timeZone: 'UTC', currency: 'EUR' }, TrendQuery.parse({ ...range, ...query }), { now: 0 });
  const answer = await ask('hostile', { breakdown: { property: 'context.campaign.source', limit: 4 } });
  const parts = answer.lines.slice(1).map(({ breakdown, total }) => [breakdown?.kind, breakdown?.value, total.value]);
  expect(parts).toHaveLength(5);
  expect(parts.map(([kind]) => kind)).toEqual(['value', 'value', 'value', 'value', 'other']);
  expect(parts).toContainEqual(['value', '(other)', 1]);
  expect((await ask('elsewhere', {})).total).toBe(0);
  expect((await ask('hostile', { measure: 'max', property: 'no.such.property' })).total).toBeNull();
});
