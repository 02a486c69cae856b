import { z } from 'zod';
import type { ValueAnswer, ValueQuery } from '../../../schemas/api/value.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { isoTime } from '../events.ts';
import { fromUnits, perOne, toUnits } from '../money.ts';

type Unit = ValueQuery['cohort'];
type Scope = { from: number; to: number; now: number; zone: string; unit: Unit; ages: number; currency: string };

export const CohortRow = z.object({
  start: z.string(),
  persons: z.coerce.number(),
  /** Age of the cohort now. */
  reached: z.coerce.number(),
  /** By age, of the ages at which somebody ordered. */
  nets: z.record(z.string(), z.string()),
});
type CohortRow = z.infer<typeof CohortRow>;

/** The date on which the day, week (Monday) or month of a time begins, where the shop is. */
const startOf = (unit: Unit, time: Sql, zone: string): Sql => {
  const local = sql`toDateTime(${time}, ${zone})`;
  switch (unit) {
    case 'day':
      return sql`toDate(${local})`;
    case 'week':
      return sql`toStartOfWeek(${local}, 1)`;
    case 'month':
      return sql`toStartOfMonth(${local})`;
    default:
      return unit satisfies never;
  }
};

const intervalsBetween = (unit: Unit, first: Sql, last: Sql): Sql => {
  const name = { day: sql`'day'`, week: sql`'week'`, month: sql`'month'` }[unit];
  return sql`dateDiff(${name}, ${first}, ${last})`;
};

/** Buyers whose first order ever lies in the range, by its interval; what they have ordered since, by age. A row a cohort. */
export const cohortsOf = (orders: Sql, { from, to, now, zone, unit, ages, currency }: Scope): Sql => sql`
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
        ${startOf(unit, sql`first`, zone)} AS cohort,
        ${intervalsBetween(unit, sql`cohort`, startOf(unit, sql`at`, zone))} AS age
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
    ${isoTime(sql`toDateTime64(toDateTime(cohort, ${zone}), 3)`)} AS start,
    -- Who is in a cohort ordered at age 0.
    anyIf(buyers, age = 0) AS persons,
    greatest(0, ${intervalsBetween(unit, sql`cohort`, startOf(unit, sql`${new Date(now)}`, zone))}) AS reached,
    mapFromArrays(groupArray(toString(age)), groupArray(toString(sum))) AS nets
  FROM sums
  GROUP BY cohort
  ORDER BY cohort`;

/** Adds up by age: what a cohort has brought in so far, up to the age that it has reached. */
export const cohortOf =
  (ages: number) =>
  ({ start, persons, reached, nets }: CohortRow): ValueAnswer['cohorts'][number] => {
    const count = Math.min(ages, reached + 1);
    const sums = Array.from({ length: count }, (_, age) => toUnits(nets[age] ?? '0'));
    const soFar = sums.map((_, age) => sums.slice(0, age + 1).reduce((sum, each) => sum + each, 0n));
    return {
      start,
      persons,
      ages: soFar.map((units, age) => ({
        age,
        net: fromUnits(units),
        perPerson: perOne(units, persons) ?? '0.00',
        isComplete: age < reached,
      })),
    };
  };
