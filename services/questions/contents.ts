import { type Sql, sql } from '../platform/warehouse/sql.ts';

/**
 * The quarter of an hour that an event lies in. Questions that use nothing of `timestamp` but this and its maximum, and nothing of the other columns but site, event, counts and the
 * checksum of migration 0008, are answered by the engine from the projection `contents`: some 100 rows a day and event instead of all.
 */
const quarterHour: Sql = sql`toStartOfFifteenMinutes(timestamp)`;
const quarterHourMilliseconds = 15 * 60_000;
/** A quarter of an hour is a `DateTime`: seconds from 1970 to 2106. Anything else would wrap around. */
const latest = Math.floor((0xffff_ffff * 1000) / quarterHourMilliseconds) * quarterHourMilliseconds;

const instant = (at: number): Sql => sql`toDateTime(${new Date(Math.min(Math.max(at, 0), latest))})`;

/** The quarters that a range (milliseconds UTC, half-open) touches: the range itself where it begins and ends on one. */
export const inQuarters = ({ from, to }: { from: number; to: number }): Sql => {
  const first = Math.floor(from / quarterHourMilliseconds) * quarterHourMilliseconds;
  const end = Math.ceil(to / quarterHourMilliseconds) * quarterHourMilliseconds;
  return sql`${quarterHour} >= ${instant(first)} AND ${quarterHour} < ${instant(end)}`;
};
