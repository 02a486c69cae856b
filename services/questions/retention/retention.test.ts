import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LifecycleQuery, RetentionQuery } from '../../../schemas/api/retention.ts';
import { type OracleRetention, oracleLifecycle, oracleRetention } from '../../../test/oracle/retention.ts';
import { asJourneys, mess, storeJourneys } from '../../../test/support/journeys.ts';
import { runs } from '../../../test/support/runs.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { lifecycle } from './lifecycle.ts';
import { retention } from './retention.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const hourMs = 3_600_000;
/** Midnights next to changes of the clocks. */
const places = [
  { zone: 'Europe/Berlin', middle: '2026-10-24T22:00:00Z' },
  { zone: 'Africa/Cairo', middle: '2026-04-23T22:00:00Z' },
  { zone: 'America/Havana', middle: '2026-11-01T04:00:00Z' },
  { zone: 'Asia/Kathmandu', middle: '2026-10-31T18:15:00Z' },
] as const;
/** Between events: they meet the ends of intervals, and each other. */
const steps = { day: 6 * hourMs, week: 42 * hourMs, month: 180 * hourMs };

const visit = fc.record(
  {
    step: fc.integer({ min: -10, max: 14 }),
    /** A millisecond after, now and then. */
    late: fc.constantFrom(0, 0, 0, 1),
    event: fc.constantFrom('a', 'b', 'c'),
    /** By us, now and then. */
    channel: fc.constantFrom('internal', 'browser', 'browser'),
    price: fc.constantFrom('1', '5'),
    source: fc.constantFrom('mail', 'ads', 'maps'),
  },
  { requiredKeys: ['step', 'late', 'event'] },
);
const filter = fc.record(
  { event: fc.constantFrom('a', 'b', '*'), minimumPrice: fc.constantFrom(1, 5) },
  { requiredKeys: ['event'] },
);
const question = fc.record({
  start: filter,
  back: filter,
  first: fc.integer({ min: -9, max: 6 }),
  length: fc.integer({ min: 1, max: 12 }),
  now: fc.integer({ min: -4, max: 24 }),
  intervals: fc.integer({ min: 1, max: 5 }),
  windows: fc.constantFrom('calendar' as const, 'elapsed' as const),
  kind: fc.constantFrom('classic' as const, 'rolling' as const, 'unbounded' as const),
  cohorts: fc.constantFrom('firstEver' as const, 'firstMatching' as const, 'recurring' as const),
  limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});
const scenario = fc.record({
  persons: fc.array(fc.array(visit, { maxLength: 7 }), { minLength: 150, maxLength: 150 }),
  place: fc.constantFrom(...places),
  interval: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
  questions: fc.array(question, { minLength: 8, maxLength: 8 }),
  how: mess,
});

const queryOf = ({ start, back, from, to, limit, zone: _zone, now: _now, ...rest }: OracleRetention) => {
  const asked = ({ event, minimumPrice }: OracleRetention['start']) => ({
    event,
    where: minimumPrice === undefined ? [] : [{ property: 'price', op: 'gte', value: minimumPrice }],
  });
  return {
    retention: RetentionQuery.parse({
      ...rest,
      start: asked(start),
      return: asked(back),
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      breakdown: limit === undefined ? undefined : { property: 'context.campaign.source', limit },
    }),
    lifecycle: LifecycleQuery.parse({
      ...asked(start),
      interval: rest.interval,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    }),
  };
};

test('cohorts and lifecycles are those of brute force: every kind, window and zone, however the events are stored', {
  timeout: 180_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async ({ persons, place, interval, questions, how }) => {
      run.number += 1;
      const at = (step: number) => Date.parse(place.middle) + step * steps[interval];
      const journeys = asJourneys(
        persons.map((visits) => visits.map(({ step, late, ...each }) => ({ ...each, time: at(step) + late }))),
      );
      const sites = [`plain-${run.number}`, `messy-${run.number}`] as const;
      await storeJourneys(warehouse(), sites[0], journeys);
      await storeJourneys(warehouse(), sites[1], journeys, how);
      const visits = journeys.flatMap((journey, person) => journey.map((each) => ({ ...each, person })));
      for (const { first, length, now, limit, ...rest } of questions) {
        const rules: OracleRetention = {
          ...rest,
          interval,
          zone: place.zone,
          from: at(first),
          to: at(first + length),
          now: at(now),
          ...(limit === undefined ? {} : { limit }),
        };
        const query = queryOf(rules);
        for (const id of sites) {
          const site = { id, timeZone: place.zone };
          const told = JSON.stringify({ id, ...query.retention });
          const answer = await retention(warehouse(), site, query.retention, { now: rules.now });
          const { queryMs: _ms, rowsRead: _rows, ...figures } = answer;
          expect(figures, told).toEqual(oracleRetention(visits, rules));
          const cycle = await lifecycle(warehouse(), site, query.lifecycle, { now: rules.now });
          expect(cycle.intervals, told).toEqual(oracleLifecycle(visits, { ...rules, active: rules.start }));
        }
      }
    }),
    { numRuns: runs(3), endOnFailure: true },
  );
});

test('too many cohorts and cells are refused, with what to do about it', async () => {
  const site = { id: 'shop', timeZone: 'UTC' };
  const ask = (query: object) => retention(warehouse(), site, RetentionQuery.parse(query), { now: 0 });
  const years = { from: '2016-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' };
  await expect(ask({ ...years, interval: 'day' })).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining('more than 400 cohorts'),
  });
  await expect(
    ask({ from: '2025-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z', interval: 'day', intervals: 366 }),
  ).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('cells') });
  expect((await ask({ ...years, interval: 'month', intervals: 3 })).cohorts).toHaveLength(120);
});
