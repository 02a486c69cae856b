import { type Sql, sql } from '../platform/warehouse/sql.ts';

/**
 * The quarter of an hour that an event lies in. Questions that use nothing of `timestamp` but this, and nothing of the other columns but counts and sums of
 * the migration 0008, are answered by the engine from its projection: some 100 rows a day and event instead of all.
 */
export const quarterHour: Sql = sql`toStartOfFifteenMinutes(timestamp)`;
export const quarterHourMilliseconds = 15 * 60_000;

/** The quarters that a range (milliseconds UTC, half-open) touches: the range itself where it begins and ends on one. */
export const inQuarters = ({ from, to }: { from: number; to: number }): Sql => {
  const first = Math.floor(from / quarterHourMilliseconds) * quarterHourMilliseconds;
  const end = Math.ceil(to / quarterHourMilliseconds) * quarterHourMilliseconds;
  return sql`${quarterHour} >= toDateTime(${new Date(first)}) AND ${quarterHour} < toDateTime(${new Date(end)})`;
};
