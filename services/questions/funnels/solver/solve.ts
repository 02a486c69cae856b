import { type Attempt, bestOf, isBetter, type Tried } from './attempt.ts';
import { asTried, entryAt } from './entry.ts';
import { bestClean } from './exclusions.ts';
import { createJourney, type Journey, type Row } from './journey.ts';
import type { Plan } from './ordered.ts';
import { entriesOf } from './totals.ts';

/** What entries are told apart by: the interval of a trend, or nothing. */
export type KeyOf = (entry: number) => string;

/** `isPending`: the window of the newest entry still runs. */
export type Solved = Tried & { key: string; isPending: boolean };

const startsOf = (plan: Plan, { moments, placesOf }: Journey): number[] => {
  const places = plan.isOpen || plan.order === 'unordered' ? moments.map((_, place) => place) : (placesOf[0] ?? []);
  const starts = places.filter((place) => {
    const moment = moments[place];
    return moment !== undefined && moment.rows.length > 0 && moment.time >= plan.from && moment.time < plan.to;
  });
  return plan.reentry === 'first' ? starts.slice(0, 1) : starts;
};

const judged = (plan: Plan, journey: Journey, attempts: readonly Attempt[]): Attempt | undefined =>
  plan.order === 'unordered' ? bestOf(attempts) : bestClean(plan, journey, attempts);

type Best = { key: string; journey: Journey; newest: number; attempt: Attempt | undefined };

/** Of a journey: for each key of its entries the best attempt and the newest entry. */
const bestByKey = (plan: Plan, journey: Journey, keyOf: KeyOf, spend: (ways: number) => void): Best[] => {
  const timeAt = (place: number | undefined): number => journey.moments[place ?? 0]?.time ?? 0;
  return [...Map.groupBy(startsOf(plan, journey), (place) => keyOf(timeAt(place)))].map(([key, starts]) => {
    const attempts = starts.flatMap((start) => entryAt(plan, journey, start, spend) ?? []);
    return { key, journey, newest: timeAt(starts.at(-1)), attempt: judged(plan, journey, attempts) };
  });
};

/** Where a value must be constant there is one journey a value, in order; the rows of the others are foreign to it. */
const journeysOf = (plan: Plan, rows: readonly Row[]): Journey[] => {
  if (!plan.isConstant) return [createJourney(rows, plan)];
  const held = rows.flatMap((row) => row.constants.map((value) => ({ value, row })));
  const foreign = (row: Row): Row => ({ ...row, steps: [], exclusions: [] });
  return [...Map.groupBy(held, ({ value }) => value)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([value, own]) =>
      createJourney(
        plan.order === 'strict'
          ? rows.map((row) => (row.constants.includes(value) ? row : foreign(row)))
          : own.map(({ row }) => row),
        plan,
      ),
    );
};

/**
 * What a person (or session, …) did in the funnel: the best attempt of each key of their entries (with one key for all: the best), or every entry.
 * Nothing where nobody entered or an exclusion puts them out. The rows are in order of time, then message id.
 */
export const solve = (
  plan: Plan,
  rows: readonly Row[],
  options: { keyOf: KeyOf; now: number; spend: (ways: number) => void },
): Solved[] => {
  const { keyOf, now, spend } = options;
  const journeys = journeysOf(plan, rows);
  const isRunning = (entry: number): boolean => Math.min(entry + plan.windowMs, plan.until) > now;
  if (plan.countsEntries)
    return journeys.flatMap((journey) =>
      entriesOf(plan, journey, spend).map((one) => ({
        ...one,
        key: keyOf(one.attempt.entry),
        isPending: isRunning(one.attempt.entry),
      })),
    );
  const found = journeys.flatMap((journey) => bestByKey(plan, journey, keyOf, spend));
  return [...Map.groupBy(found, ({ key }) => key)].flatMap(([key, ofKey]) => {
    const best = ofKey.reduce((one, other) =>
      other.attempt !== undefined && isBetter(other.attempt, one.attempt) ? other : one,
    );
    if (best.attempt === undefined) return [];
    const newest = Math.max(...ofKey.map((each) => each.newest));
    return [{ ...asTried(plan, best.journey, best.attempt), key, isPending: isRunning(newest) }];
  });
};
