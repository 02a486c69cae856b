import type { FunnelBreakdown } from '../../../schemas/api/funnel-definition.ts';
import { type Asked, isChosen, queryOf, type Run, tooMuch } from './asked.ts';
import { planOf, readJourneys, type UnitRows, type Units } from './journeys.ts';
import { isBetter } from './solver/attempt.ts';
import { firstAbove, type Row } from './solver/journey.ts';
import { type KeyOf, type Solved, solve } from './solver/solve.ts';
import { attributionOf } from './values.ts';

/** Ways that may be looked at for one question: a few seconds. */
const mostWays = 50_000_000;

/** What a unit did, in one bucket, counted under one value of the breakdown. */
export type SolvedUnit = { unit: UnitRows; value: string; bucket: string; solved: Solved };

type Variant = { value: string; rows: readonly Row[] };

/** The rows of a unit for each value of the breakdown that it is counted under. '' is the unit without one. */
const variantsOf = (
  { ownBuckets, rows }: UnitRows,
  breakdown: FunnelBreakdown | undefined,
  isStrict: boolean,
): Variant[] => {
  if (breakdown === undefined) return [{ value: '', rows }];
  const attribution = attributionOf(breakdown);
  if (attribution === 'all') {
    const values = new Set(rows.filter(({ steps }) => steps.length > 0).map(({ value }) => value));
    values.delete('');
    const foreign = (row: Row): Row => ({ ...row, steps: [], exclusions: [] });
    const byValue = Map.groupBy(rows, ({ value }) => value);
    return [...values].map((value) => ({
      value,
      rows: isStrict ? rows.map((row) => (row.value === value ? row : foreign(row))) : (byValue.get(value) ?? []),
    }));
  }
  if (attribution !== 'step') return ownBuckets.map((value) => ({ value, rows }));
  const step = breakdown.step ?? 0;
  const values = new Set(rows.filter(({ steps }) => steps.includes(step)).map(({ value }) => value));
  values.delete('');
  const without = (row: Row): Row => ({ ...row, steps: row.steps.filter((each) => each !== step) });
  return values.size === 0
    ? [{ value: '', rows }]
    : [...values].map((value) => ({ value, rows: rows.map((row) => (row.value === value ? row : without(row))) }));
};

/** Where several values make one bucket, each unit counts once in it, with its best way; every entry counts for itself. */
const bestOfBucket = (found: readonly SolvedUnit[]): SolvedUnit[] =>
  [...Map.groupBy(found, ({ bucket }) => bucket).values()].flatMap((ofBucket) => {
    const best = ofBucket.reduce((one, other) => (isBetter(other.solved.attempt, one.solved.attempt) ? other : one));
    return [{ ...best, solved: { ...best.solved, isPending: ofBucket.some(({ solved }) => solved.isPending) } }];
  });

/** The start of the interval that an entry falls into, in milliseconds. */
const keyOf = ({ by }: Run): KeyOf =>
  typeof by === 'object' ? (entry) => String(by.starts[firstAbove(by.starts, entry) - 1] ?? 0) : () => '';

const createBudget = (): ((ways: number) => void) => {
  let left = mostWays;
  return (ways) => {
    left -= ways;
    if (left < 0) throw tooMuch('Some journeys can be read in too many ways');
  };
};

/**
 * What each unit did, by the solver: for whatever the warehouse cannot fold by itself, and for the rows of a way. In order of the units' hashes.
 * @throws Failure `query_limit` where there are too many rows, or too many ways to read them
 */
export async function* solveFunnel(asked: Asked, run: Run, units?: Units): AsyncGenerator<SolvedUnit> {
  const query = queryOf(asked, run);
  const plan = planOf(query);
  const options = { keyOf: keyOf(run), now: asked.now, spend: createBudget() };
  for await (const unit of readJourneys({ ...asked, query }, units)) {
    const variants = variantsOf(unit, query.breakdown, query.order === 'strict').filter(({ value }) =>
      isChosen(value, run.only),
    );
    const found = variants.flatMap(({ value, rows }) =>
      solve(plan, rows, options).map((solved) => ({
        unit,
        value,
        bucket: run.by === 'breakdown' ? value : solved.key,
        solved,
      })),
    );
    yield* plan.countsEntries || variants.length < 2 ? found : bestOfBucket(found);
  }
}
