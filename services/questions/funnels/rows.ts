import type { Funnel, FunnelExclusion, FunnelStep } from '../../../schemas/api/funnel-definition.ts';
import { isPersonal } from '../../../schemas/api/funnel-rules.ts';
import { join, listed, type Sql, sql } from '../../platform/warehouse/sql.ts';
import { inScope, isByPerson, resolvedPerson } from '../events.ts';
import { textOf, valuesOf } from '../property.ts';
import { conditions } from '../where.ts';
import { attributionOf, bucketsOrNone, personalBuckets, rowValue, touched } from './values.ts';

/** Steps whose events have different names: no row can match two of them. */
export const isDisjoint = (steps: readonly FunnelStep[]): boolean =>
  new Set(steps.map(({ event }) => event)).size === steps.length;

/** Instants between which rows can matter: from the range's start until the last window that opens in it has closed. */
export const reachOf = ({ from, to, rangeApplies, windowSeconds }: Funnel): { from: number; until: number } => ({
  from: Date.parse(from),
  until: Date.parse(to) + (rangeApplies === 'all' ? 0 : windowSeconds * 1000),
});

/** The person's first row of the event, in all of history, is the row at hand; with `firstMatching` the first that passes the filters. */
const isFirst = (site: string, query: Funnel, { event, where, firstMatching }: FunnelStep): Sql => {
  const { from, until } = reachOf(query);
  return sql`(${resolvedPerson}, timestamp, message_id) IN (
    SELECT owner, first.1, first.2
    FROM (
      SELECT ${resolvedPerson} AS owner, min((timestamp, message_id)) AS first
      FROM events
      WHERE site = ${site}
        AND event = ${event}
        AND timestamp < ${new Date(until)}
        ${firstMatching === true ? sql`AND ${conditions(where)} AND ${conditions(query.where)}` : sql``}
      GROUP BY owner
    )
    WHERE first.1 >= ${new Date(from)}
  )`;
};

const matchesStep = (site: string, query: Funnel, step: FunnelStep): Sql => {
  const matches = sql`event = ${step.event} AND ${conditions(step.where)}`;
  return step.firstEver === true || step.firstMatching === true
    ? sql`(${matches} AND ${isFirst(site, query, step)})`
    : sql`(${matches})`;
};

/** Bit k is set where condition k holds. */
const bits = (all: readonly Sql[]): Sql =>
  all.reduce(
    (sum, condition, index) => sql`bitOr(${sum}, bitShiftLeft(toUInt64(${condition}), ${index}))`,
    sql`toUInt64(0)`,
  );

/** Bit k is set where the row matches step k. */
export const stepMask = (site: string, query: Funnel): Sql =>
  bits(query.steps.map((step) => matchesStep(site, query, step)));

/** Bit k is set where the row is exclusion k. */
export const exclusionMask = ({ exclusions }: Funnel): Sql =>
  bits(exclusions.map(({ event, where }: FunnelExclusion) => sql`(event = ${event} AND ${conditions(where)})`));

/** The step that the row matches, 0-based, or 64 for none. */
const stepNumber = (site: string, query: Funnel): Sql =>
  sql`multiIf(${join(
    query.steps.map((step, index) => sql`${matchesStep(site, query, step)}, ${index}`),
    ', ',
  )}, 64)`;

/** What counts once: its key, whose rows have one, and the number by which people are paged. */
export const unitOf = ({ countBy }: Funnel): { key: Sql; isThere: Sql; hash: (unit: Sql) => Sql } => {
  if (countBy === 'person' || countBy === 'entry')
    return { key: resolvedPerson, isThere: sql`1`, hash: (unit) => unit };
  const key = countBy === 'session' ? sql`session` : textOf(countBy.property);
  return { key, isThere: sql`${key} != ''`, hash: (unit) => sql`sipHash64(${unit})` };
};

/** Rows of the persons for whom `isIn` holds, found by the sorting key: their own and those of their devices. */
export const isRowOfPersons = (site: string, isIn: (person: Sql) => Sql): Sql => sql`
  (${isIn(sql`person`)} OR person IN (SELECT from_person FROM identities WHERE site = ${site} AND ${isIn(sql`to_person`)}))
    AND ${isIn(resolvedPerson)}`;

/** Rows of the funnel's own events, whoever caused them. */
const isNamed = ({ steps, exclusions }: Funnel): Sql =>
  sql`event IN (${listed([...new Set([...steps, ...exclusions].map(({ event }) => event))])})`;

/** Rows of its events and of whatever else people did. */
export const isNamedOrByPerson = (query: Funnel): Sql => sql`(${isByPerson} OR ${isNamed(query)})`;

/** Rows that can matter, of a step or an exclusion; where steps must be neighbours, what else people did too. */
export const scope = (site: string, query: Funnel): Sql => {
  const { from, until } = reachOf(query);
  return sql`
    ${inScope({ site, from, to: until })}
      AND ${query.order === 'strict' ? isNamedOrByPerson(query) : isNamed(query)}
      AND ${unitOf(query).isThere}
      AND ${conditions(query.where)}`;
};

/** What groups of rows have beside their unit: a value of the breakdown, a value that is held constant. A row of several products is in the group of each. */
type Grouping = { bucket: Sql; constant: Sql; keys: Sql; where: Sql };

const groupingOf = ({ breakdown, constant }: Funnel): Grouping => {
  const attribution = breakdown === undefined ? 'person' : attributionOf(breakdown);
  const value = rowValue(breakdown);
  const held = constant === undefined ? sql`''` : sql`arrayJoin(${valuesOf(constant)})`;
  const isByValue = attribution === 'all';
  return {
    bucket: attribution === 'first' || attribution === 'last' ? touched(attribution, value, sql`1`) : value,
    constant: held,
    keys: sql`unit${isByValue ? sql`, bucket` : sql``}${constant === undefined ? sql`` : sql`, constant`}`,
    where: isByValue ? sql`AND ${value} != ''` : sql``,
  };
};

/**
 * Each unit's rows in order, as two arrays: `times` (milliseconds UTC) and `masks`. Rows of the same millisecond stand in the order of their step,
 * so that a chain can take them all. Time and step are packed into one number, which sorts ten times faster than a tuple; a row that stands twice in
 * the table changes nothing here.
 */
const disjointRows = (site: string, query: Funnel): Sql => {
  const { bucket, constant, keys, where } = groupingOf(query);
  const step = stepNumber(site, query);
  return sql`
    SELECT
      unit,
      bucket,
      constant,
      arrayMap(row -> toInt64(bitShiftRight(row, 6)), packed) AS times,
      arrayMap(row -> bitShiftLeft(toUInt64(1), bitAnd(row, 63)), packed) AS masks,
      0 AS isTied
    FROM (
      SELECT
        ${unitOf(query).key} AS unit,
        ${bucket} AS bucket,
        ${constant} AS constant,
        arraySort(groupArray(bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(timestamp)), 6), toUInt64(${step})))) AS packed
      FROM events
      WHERE ${scope(site, query)}
        AND ${step} < 64
        ${where}
      GROUP BY ${keys}
    )`;
};

/**
 * The same where a row may match several steps: the message tells rows apart, and `isTied` marks units of whom rows of one millisecond
 * could be taken in different orders to a different end.
 */
const overlappingRows = (site: string, query: Funnel): Sql => {
  const { bucket, constant, keys, where } = groupingOf(query);
  const mask = stepMask(site, query);
  return sql`
    SELECT
      unit,
      bucket,
      constant,
      arrayMap(row -> row.1, sorted) AS times,
      arrayMap(row -> row.2, sorted) AS masks,
      arrayExists(
        (time, nextTime, mask, nextMask) -> time = nextTime AND (bitCount(mask) > 1 OR bitCount(nextMask) > 1),
        arrayPopBack(times), arrayPopFront(times), arrayPopBack(masks), arrayPopFront(masks)) AS isTied
    FROM (
      SELECT
        ${unitOf(query).key} AS unit,
        ${bucket} AS bucket,
        ${constant} AS constant,
        arraySort(arrayDistinct(groupArray((toInt64(toUnixTimestamp64Milli(timestamp)), ${mask}, cityHash64(message_id))))) AS sorted
      FROM events
      WHERE ${scope(site, query)}
        AND ${mask} != 0
        ${where}
      GROUP BY ${keys}
    )`;
};

/** A funnel's rows as arrays of each unit, once for each bucket where these are people's own. */
export const rowsOf = (site: string, query: Funnel): Sql => {
  const rows = isDisjoint(query.steps) ? disjointRows(site, query) : overlappingRows(site, query);
  const { breakdown } = query;
  if (breakdown === undefined || !isPersonal(breakdown)) return rows;
  return sql`
    SELECT unit, arrayJoin(${bucketsOrNone}) AS bucket, constant, times, masks, isTied
    FROM (${rows}) AS rows
    LEFT JOIN (${personalBuckets(site, breakdown, scope(site, query))}) AS persons ON persons.owner = rows.unit`;
};
