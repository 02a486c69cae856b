import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  FunnelCorrelationQuery,
  type FunnelPersonsAnswer,
  FunnelPersonsQuery,
  FunnelQuery,
  type FunnelStepAnswer,
  FunnelTimingQuery,
  FunnelTrendQuery,
} from '../../../schemas/api/funnels.ts';
import { wallOf } from '../../../test/oracle/calendar.ts';
import { person, scenarioBreakdown, scenarioFunnel, start } from '../../../test/oracle/funnel/scenario.ts';
import {
  oracleAnswer,
  oracleBreakdown,
  oracleCorrelation,
  oracleGaps,
  oracleTrend,
  oracleWays,
} from '../../../test/oracle/funnel.ts';
import { asBody, asBreakdown, asEvents, asRows } from '../../../test/support/funnels.ts';
import { asJourneys, type Mess, mess, storeJourneys } from '../../../test/support/journeys.ts';
import { runs } from '../../../test/support/runs.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { funnelCorrelation } from './correlation.ts';
import { funnel } from './funnel.ts';
import { funnelPersons } from './persons.ts';
import { funnelTiming } from './timing.ts';
import { funnelTrend } from './trend.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const rounded = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds * 1e6) / 1e6);
const figures = (steps: readonly FunnelStepAnswer[]) =>
  steps.map(({ count, entered, pending, dropped, medianSeconds, averageSeconds }) => ({
    count,
    entered,
    pending,
    dropped,
    median: rounded(medianSeconds),
    average: rounded(averageSeconds),
  }));

const persons = fc.array(person, { minLength: 40, maxLength: 40 });
const run = { number: 0 };

/** Stores a scenario's persons as a site of their own. */
const store = async (rows: ReturnType<typeof asRows>, how: Mess): Promise<{ id: string; timeZone: string }> => {
  run.number += 1;
  const id = `site-${run.number}`;
  await storeJourneys(warehouse(), id, asEvents(rows), how);
  return { id, timeZone: 'Europe/Berlin' };
};

test('40 persons are counted as by brute force, under every option, whatever devices, repeats and order their rows come in', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(persons, scenarioFunnel, mess, async (given, asked, how) => {
      const rows = asRows(given);
      const site = await store(rows, how);
      const before = { from: asked.from - 3000, to: asked.from };
      const answer = await funnel(
        warehouse(),
        site,
        FunnelQuery.parse({
          ...asBody(asked),
          compareTo: { from: new Date(before.from).toISOString(), to: new Date(before.to).toISOString() },
        }),
        { now: asked.now },
      );
      expect(figures(answer.steps)).toEqual(oracleAnswer(rows, asked));
      expect(figures(answer.comparison?.steps ?? []), 'the period before').toEqual(
        oracleAnswer(rows, { ...asked, ...before }),
      );
    }),
    { numRuns: runs(15), endOnFailure: true },
  );
});

test('a breakdown has the rows of brute force: by the first or last value, by every value, by those of a step', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      persons,
      scenarioFunnel,
      scenarioBreakdown,
      fc.nat(3),
      mess,
      async (given, asked, by, place, how) => {
        const rows = asRows(given);
        const breakdown = { ...by, step: by.step % asked.steps.length };
        const site = await store(rows, how);
        const query = FunnelQuery.parse({ ...asBody(asked), breakdown: asBreakdown(breakdown) });
        const answer = await funnel(warehouse(), site, query, { now: asked.now });
        expect(figures(answer.steps)).toEqual(oracleAnswer(rows, asked));
        expect(answer.breakdown?.map(({ value, kind, steps }) => ({ value, kind, figures: figures(steps) }))).toEqual(
          oracleBreakdown(rows, asked, breakdown),
        );
        // The people behind a bar of each row are as many as it says.
        const step = place % asked.steps.length;
        const shown = (answer.breakdown ?? []).flatMap(({ kind, value }) => (kind === 'value' ? [value] : []));
        for (const { kind, value, steps } of answer.breakdown ?? []) {
          const bucket = kind === 'value' ? { kind, value } : { kind, shown };
          const list = FunnelPersonsQuery.parse({ ...query, bucket, step, limit: 200 });
          const found = await funnelPersons(warehouse(), site, list, { now: asked.now });
          expect(found.persons.length, value).toBe(steps[step]?.count);
        }
      },
    ),
    { numRuns: runs(15), endOnFailure: true },
  );
});

/** All pages of the people behind a bar, as the message ids of each one's way. */
const everybody = async (site: { id: string }, body: object, now: number): Promise<string[]> => {
  const ways: string[] = [];
  let cursor: string | null = null;
  do {
    const query = FunnelPersonsQuery.parse({ ...body, limit: 3, ...(cursor === null ? {} : { cursor }) });
    const page: FunnelPersonsAnswer = await funnelPersons(warehouse(), site, query, { now });
    expect(page.persons.length).toBeLessThanOrEqual(3);
    ways.push(
      ...page.persons.map(({ events }) =>
        events
          .map(({ messageId }) => messageId)
          .sort()
          .join(' '),
      ),
    );
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ways.sort();
};

test('the people behind each bar are those that were counted, page by page, with the events of their way', {
  timeout: 240_000,
}, async () => {
  const outcomes = fc.constantFrom('reached' as const, 'dropped' as const, 'pending' as const);
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 15, maxLength: 15 }),
      scenarioFunnel,
      fc.nat(3),
      outcomes,
      mess,
      async (given, asked, place, wanted, how) => {
        const rows = asRows(given);
        const step = place % asked.steps.length;
        const outcome = step === 0 || asked.steps[step]?.optional === true ? 'reached' : wanted;
        const site = await store(rows, how);
        const ways = await everybody(site, { ...asBody(asked), step, outcome }, asked.now);
        expect(ways).toEqual(oracleWays(rows, asked, step, outcome));
      },
    ),
    { numRuns: runs(10), endOnFailure: true },
  );
});

test('times between two steps are those of the ways that count', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(persons, scenarioFunnel, fc.nat(3), fc.nat(3), mess, async (given, asked, one, other, how) => {
      const last = asked.steps.length - 1;
      fc.pre(last > 0);
      const fromStep = Math.min(one, other) % last;
      const toStep = Math.min(last, Math.max(fromStep + 1, Math.max(one, other)));
      const rows = asRows(given);
      const site = await store(rows, how);
      const query = FunnelTimingQuery.parse({ ...asBody(asked), fromStep, toStep });
      const answer = await funnelTiming(warehouse(), site, query, { now: asked.now });
      const gaps = oracleGaps(rows, asked, fromStep, toStep);
      expect(answer).toMatchObject({
        count: gaps.length,
        minSeconds: gaps[0] ?? null,
        maxSeconds: gaps.at(-1) ?? null,
      });
      for (const bin of answer.bins)
        expect(bin.count, JSON.stringify(bin)).toBe(gaps.filter((gap) => gap >= bin.from && gap < bin.to).length);
      expect(answer.bins.reduce((sum, { count }) => sum + count, 0)).toBe(gaps.length);
    }),
    { numRuns: runs(8), endOnFailure: true },
  );
});

/** The instants of a scenario, spread over days, so that there are intervals to tell apart. */
const spread = 40_000;
const stretched = (rows: ReturnType<typeof asRows>) =>
  rows.map((own) => own.map((row) => ({ ...row, time: start + (row.time - start) * spread })));

test('a trend counts each person once in every interval of entry, with the way that began there', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      persons,
      scenarioFunnel,
      mess,
      fc.constantFrom('day', 'week'),
      async (given, each, how, interval) => {
        const time = (at: number): number => start + (at - start) * spread;
        const steps = each.steps.map((step) =>
          step.withinSeconds === undefined ? step : { ...step, withinSeconds: step.withinSeconds * spread },
        );
        const asked = {
          ...each,
          steps,
          from: time(each.from),
          to: time(each.to),
          now: time(each.now),
          windowSeconds: each.windowSeconds * spread,
        };
        const rows = stretched(asRows(given));
        const site = await store(rows, how);
        const query = FunnelTrendQuery.parse({ ...asBody(asked), interval });
        const answer = await funnelTrend(warehouse(), site, query, { now: asked.now });
        const show = wallOf(site.timeZone);
        const expected = oracleTrend(rows, asked, (at) => show(at)[interval === 'day' ? 'day' : 'week']);
        const last = asked.steps.findLastIndex(({ optional }) => optional !== true);
        for (const { at, ...point } of answer.points) {
          const own = expected.get(show(Date.parse(at))[interval === 'day' ? 'day' : 'week']) ?? [];
          const sum = (name: 'entered' | 'pending') => own.reduce((total, step) => total + step[name], 0);
          expect(point, at).toMatchObject({
            entered: sum('entered'),
            converted: own[last]?.count ?? 0,
            pending: sum('pending'),
            counts: asked.steps.map((_, step) => own[step]?.count ?? 0),
          });
        }
        const total = (name: 'entered') => answer.points.reduce((sum, point) => sum + point[name], 0);
        expect(total('entered')).toBe([...expected.values()].flat().reduce((sum, { entered }) => sum + entered, 0));
      },
    ),
    { numRuns: runs(10), endOnFailure: true },
  );
});

test('what goes with converting or dropping has the counts of brute force, and the odds with their interval', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(persons, scenarioFunnel, fc.boolean(), mess, async (given, each, isOfEvents, how) => {
      const asked = { ...each, countBy: 'person' as const };
      fc.pre(asked.steps.filter(({ optional }) => optional !== true).length > 1);
      const rows = asRows(given);
      const site = await store(rows, how);
      const of = isOfEvents
        ? { of: 'events' }
        : { of: 'properties', properties: ['context.campaign.source', 'product'] };
      const query = FunnelCorrelationQuery.parse({ ...asBody(asked), ...of, limit: 100 });
      const answer = await funnelCorrelation(warehouse(), site, query, { now: asked.now });
      const own = new Set(asked.steps.map(({ event }) => event));
      const expected = oracleCorrelation(rows, asked, ({ event, source, product }) =>
        isOfEvents
          ? own.has(event)
            ? []
            : [event]
          : [
              ...(source === undefined ? [] : [`source ${source}`]),
              ...(product === undefined ? [] : [`product ${product}`]),
            ],
      );
      const found = [...answer.converting, ...answer.dropping];
      for (const { event, property, value, oddsRatio, low, high, ...counts } of found) {
        const name = isOfEvents ? event : `${property === 'product' ? property : 'source'} ${value}`;
        const { counts: own = [], odds = 0, error = 0 } = expected.get(name) ?? {};
        expect(
          [counts.convertedWith, counts.convertedWithout, counts.droppedWith, counts.droppedWithout],
          name,
        ).toEqual(own);
        expect(oddsRatio).toBeCloseTo(odds, 6);
        expect(Math.log(high / low) / 2).toBeCloseTo(1.96 * error, 3);
      }
      expect(found.length).toBe([...expected.values()].filter(({ odds }) => Math.abs(odds - 1) > 1e-9).length);
      expect(answer.converting.map(({ low }) => low)).toEqual(
        answer.converting.map(({ low }) => low).toSorted((a, b) => b - a),
      );
    }),
    { numRuns: runs(12), endOnFailure: true },
  );
});

test('64 steps are answered, 65 are refused', async () => {
  const names = Array.from({ length: 65 }, (_, index) => `step ${index}`);
  const steps = (count: number) => names.slice(0, count).map((event) => ({ event }));
  const range = { from: new Date(start).toISOString(), to: new Date(start + 1000).toISOString() };
  const journeys = asJourneys([names.slice(0, 64).map((event, index) => ({ event, time: start + index }))]);
  await storeJourneys(warehouse(), 'long', journeys);
  const answer = await funnel(warehouse(), { id: 'long' }, FunnelQuery.parse({ ...range, steps: steps(64) }), {
    now: start,
  });
  expect(answer.steps.at(-1)).toMatchObject({ count: 1, averageSeconds: 0.001 });
  expect(FunnelQuery.safeParse({ ...range, steps: steps(65) }).error?.issues[0]?.message).toBe('at most 64 steps');
});
