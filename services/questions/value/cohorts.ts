import { z } from 'zod';
import type { ValueAnswer, ValueQuery } from '../../../schemas/api/value.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { intervalBounds, placeAmong } from '../intervals.ts';
import { fromUnits, perOne, toUnits } from '../money.ts';

const dayMilliseconds = 86_400_000;
/** No interval is longer. */
const longestDays = { day: 2, week: 8, month: 32 } as const;

type Scope = {
  /** Whose first order counts. */
  from: number;
  to: number;
  /** Starts of the intervals, from the one of `from` on. */
  starts: readonly number[];
  ages: number;
  currency: string;
};

export const CohortRow = z.object({
  /** Its place among the starts. */
  cohort: z.coerce.number(),
  persons: z.coerce.number(),
  /** By age, of the ages at which somebody ordered. */
  nets: z.record(z.string(), z.string()),
});
type CohortRow = z.infer<typeof CohortRow>;

/** The intervals in which cohorts may begin and age, and one more for what comes later. */
export const cohortStarts = (
  { cohort, ages }: Pick<ValueQuery, 'cohort' | 'ages'>,
  { from, to }: { from: number; to: number },
  zone: string,
): number[] => intervalBounds(cohort, zone, from, to + ages * longestDays[cohort] * dayMilliseconds);

/** Buyers whose first order ever lies in the range, by its interval; what they have ordered since, by age. A row a cohort. */
export const cohortsOf = (orders: Sql, { from, to, starts, ages, currency }: Scope): Sql => sql`
  WITH
    placed AS (
      SELECT buyer, at, currency, net, min(at) OVER (PARTITION BY buyer) AS first
      FROM (${orders})
      WHERE NOT isCancelled
    ),
    aged AS (
      SELECT
        buyer,
        currency,
        net,
        ${placeAmong(starts, sql`first`)} AS cohort,
        ${placeAmong(starts, sql`at`)} - cohort AS age
      FROM placed
      WHERE first >= ${new Date(from)}
        AND first < ${new Date(to)}
    ),
    sums AS (
      SELECT cohort, age, uniqExact(buyer) AS buyers, sumIf(net, currency = ${currency}) AS sum
      FROM aged
      WHERE age < ${ages}
      GROUP BY cohort, age
    )
  SELECT
    cohort,
    -- Who is in a cohort ordered at age 0.
    anyIf(buyers, age = 0) AS persons,
    mapFromArrays(groupArray(toString(age)), groupArray(toString(sum))) AS nets
  FROM sums
  GROUP BY cohort
  ORDER BY cohort`;

/** Adds up by age: what a cohort has brought in so far, up to the age that it has reached. */
export const cohortOf =
  (ages: number, starts: readonly number[], now: number) =>
  ({ cohort, persons, nets }: CohortRow): ValueAnswer['cohorts'][number] => {
    const reached = Math.max(0, starts.findLastIndex((start) => start <= now) - cohort);
    const count = Math.min(ages, reached + 1);
    const sums = Array.from({ length: count }, (_, age) => toUnits(nets[age] ?? '0'));
    const soFar = sums.map((_, age) => sums.slice(0, age + 1).reduce((sum, each) => sum + each, 0n));
    return {
      start: new Date(starts[cohort] ?? 0).toISOString(),
      persons,
      ages: soFar.map((units, age) => ({
        age,
        net: fromUnits(units),
        perPerson: perOne(units, persons) ?? '0.00',
        isComplete: age < reached,
      })),
    };
  };
