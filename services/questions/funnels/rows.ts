import type { FunnelQuery, FunnelStep } from '../../../schemas/api/funnels.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import { inScope, resolvedPerson } from '../events.ts';
import { conditions } from '../where.ts';

/** Steps whose events have different names: no row can match two of them. */
export const isDisjoint = (steps: readonly FunnelStep[]): boolean =>
  new Set(steps.map(({ event }) => event)).size === steps.length;

const matches = ({ event, where }: FunnelStep): Sql => sql`(event = ${event} AND ${conditions(where)})`;

/** Bit k is set where the row matches step k. */
const mask = (steps: readonly FunnelStep[]): Sql =>
  steps.reduce(
    (sum, step, index) => sql`bitOr(${sum}, bitShiftLeft(toUInt64(${matches(step)}), ${index}))`,
    sql`toUInt64(0)`,
  );

/** The step that the row matches, 0-based, or 64 for none. */
const stepNumber = (steps: readonly FunnelStep[]): Sql =>
  sql`multiIf(${join(
    steps.map((step, index) => sql`${matches(step)}, ${index}`),
    ', ',
  )}, 64)`;

/** Rows that can matter: of a step's event, from the range's start until the last window that opens in it has closed. */
const scope = (site: string, query: FunnelQuery): Sql => {
  const from = Date.parse(query.from);
  const until = Date.parse(query.to) + (query.rangeApplies === 'all' ? 0 : query.windowSeconds * 1000);
  const names = join(
    [...new Set(query.steps.map(({ event }) => event))].map((name) => sql`${name}`),
    ', ',
  );
  return sql`
    ${inScope({ site, from, to: until })}
      AND event IN (${names})
      AND ${conditions(query.where)}`;
};

/**
 * Each person's rows in order, as two arrays: `times` (milliseconds UTC) and `masks`. Rows of the same millisecond stand in the order of their
 * step, so that a chain can take them all. Time and step are packed into one number, which sorts ten times faster than a tuple; a row that
 * stands twice in the table changes nothing here.
 */
export const disjointRows = (site: string, query: FunnelQuery): Sql => sql`
  SELECT
    owner,
    arrayMap(row -> toInt64(bitShiftRight(row, 6)), packed) AS times,
    arrayMap(row -> bitShiftLeft(toUInt64(1), bitAnd(row, 63)), packed) AS masks,
    0 AS isTied
  FROM (
    SELECT
      ${resolvedPerson} AS owner,
      arraySort(groupArray(bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(timestamp)), 6), toUInt64(${stepNumber(query.steps)})))) AS packed
    FROM events
    WHERE ${scope(site, query)}
      AND ${stepNumber(query.steps)} < 64
    GROUP BY owner
  )`;

/**
 * The same where a row may match several steps: the message tells rows apart, and `isTied` marks persons of whom rows of one millisecond
 * could be taken in different orders to a different end.
 */
export const overlappingRows = (site: string, query: FunnelQuery): Sql => sql`
  SELECT
    owner,
    arrayMap(row -> row.1, sorted) AS times,
    arrayMap(row -> row.2, sorted) AS masks,
    arrayExists(
      (time, nextTime, stepMask, nextMask) -> time = nextTime AND (bitCount(stepMask) > 1 OR bitCount(nextMask) > 1),
      arrayPopBack(times), arrayPopFront(times), arrayPopBack(masks), arrayPopFront(masks)) AS isTied
  FROM (
    SELECT
      ${resolvedPerson} AS owner,
      arraySort(arrayDistinct(groupArray((toInt64(toUnixTimestamp64Milli(timestamp)), ${mask(query.steps)}, cityHash64(message_id))))) AS sorted
    FROM events
    WHERE ${scope(site, query)}
      AND ${mask(query.steps)} != 0
    GROUP BY owner
  )`;
