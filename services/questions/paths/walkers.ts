import type { PathsQuery } from '../../../schemas/api/paths.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { eventsOnce, inScope, resolvedPerson } from '../events.ts';
import { conditions, isEvent } from '../where.ts';
import { isStep, stepName } from './steps.ts';

export type Direction = 'forward' | 'backward' | 'between';

export const directionOf = ({ start, end }: Pick<PathsQuery, 'start' | 'end'>): Direction => {
  if (end === undefined) return 'forward';
  return start === undefined ? 'backward' : 'between';
};

/** Names are 64-bit numbers until the answer is written: eight bytes a row, whatever a page is called. */
export const nameHash = (query: PathsQuery): Sql => sql`cityHash64(${stepName(query.steps)})`;

const isStart = (query: PathsQuery): Sql => {
  if (query.start !== undefined) return isEvent(query.start);
  return query.end === undefined ? isStep(query.steps) : sql`0`;
};
const isEnd = ({ end }: PathsQuery): Sql => (end === undefined ? sql`0` : isEvent(end));

/** When rows can matter: in the range, and in a window after it (backward: before it). */
export const scopeOf = (query: Pick<PathsQuery, 'start' | 'end' | 'from' | 'to' | 'windowSeconds'>) => {
  const [from, to, window] = [Date.parse(query.from), Date.parse(query.to), query.windowSeconds * 1000];
  return directionOf(query) === 'backward' ? { from: from - window, to } : { from, to: to + window };
};

/** Which rows can matter: steps, starts and ends. */
export const scope = (site: string, query: PathsQuery): Sql => sql`
  ${inScope({ site, ...scopeOf(query) })}
    AND (${isStep(query.steps)} OR ${isStart(query)} OR ${isEnd(query)})
    AND ${query.countBy === 'session' ? sql`session != ''` : sql`1`}
    AND ${conditions(query.where)}`;

/**
 * A row as one number that sorts as paths do: milliseconds, then starts before others before ends, then the name; the last bits say whether it is a step
 * (0), a start (1), an end (2). Numbers sort many times faster than tuples.
 */
const packed = (query: PathsQuery): Sql => {
  const place = sql`toUInt128(1 + ${isEnd(query)} - ${isStart(query)})`;
  const flags = sql`toUInt128(${isStep(query.steps)} + 2 * ${isStart(query)} + 4 * ${isEnd(query)})`;
  return sql`
    bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp)), 69)
      + bitShiftLeft(${place}, 67)
      + bitShiftLeft(toUInt128(${nameHash(query)}), 3)
      + ${flags}`;
};

/** A row may be start and end only if the two can be the same event: then two rows of a message must not pass for two events. */
const canOverlap = ({ start, end }: PathsQuery): boolean =>
  start !== undefined && end !== undefined && (start.event === end.event || start.event === '*' || end.event === '*');

/** Who walks, with all rows in order. */
const walkers = (site: string, query: PathsQuery): Sql => {
  const isOfSession = query.countBy === 'session';
  const ordered = sql`
    SELECT
      ${isOfSession ? sql`min(${resolvedPerson})` : resolvedPerson} AS owner,
      ${isOfSession ? sql`session` : sql`''`} AS walk,
      arraySort(groupArray(${packed(query)})) AS sorted
    FROM ${canOverlap(query) ? eventsOnce : sql`events`}
    WHERE ${scope(site, query)}
    GROUP BY ${isOfSession ? sql`session` : sql`owner`}`;
  if (query.countBy !== 'visit') return ordered;
  return sql`
    SELECT
      owner,
      walk,
      arrayJoin(arraySplit(
        (row, pause) -> pause > ${query.gapSeconds * 1000},
        sorted,
        arrayDifference(arrayMap(row -> toInt64(bitShiftRight(row, 69)), sorted)))) AS sorted
    FROM (${ordered})`;
};

/** The place of the row at which a path begins, in its direction; 0 for none. */
const anchor = (query: PathsQuery, direction: Direction): Sql => {
  const isNearest = (query.occurrence === 'first') === (direction === 'forward');
  if (isNearest) return sql`arrayFirstIndex(isAnchor -> isAnchor, anchors)`;
  return sql`arrayFirstIndex((isAnchor, time) -> isAnchor AND time = times[arrayLastIndex(isAnchor -> isAnchor, anchors)], anchors, times)`;
};

/** For each row the time of the latest start before it; -1 for none. */
const startBefore = sql`
  arrayPushFront(arrayPopBack(arrayFill(
    time -> time >= 0,
    arrayMap((isAnchor, time) -> if(isAnchor, time, toInt64(-1)), anchors, times))), toInt64(-1))`;

/**
 * Each walker's path: `owner`, `walk` (a session), `path` (names as numbers, folded and cut), `at` (milliseconds of its first row) and `isOpen` (it may still go on). All of it is
 * arithmetic on arrays, for all walkers of a block at once.
 */
export const walkedPaths = (site: string, query: PathsQuery, now: number): Sql => {
  const direction = directionOf(query);
  const [from, to, windowMs] = [Date.parse(query.from), Date.parse(query.to), query.windowSeconds * 1000];
  const anchorBit = direction === 'backward' ? 2 : 1;
  const rows = sql`
    SELECT
      owner,
      walk,
      ${direction === 'backward' ? sql`arrayReverse(sorted)` : sql`sorted`} AS ordered,
      arrayMap(row -> toInt64(bitShiftRight(row, 69)), ordered) AS times,
      arrayMap(row -> toUInt8(bitAnd(row, 7)), ordered) AS flags,
      arrayMap((time, flag) -> bitTest(flag, ${anchorBit}) AND time >= ${from} AND time < ${to}, times, flags) AS anchors
    FROM (${walkers(site, query)})`;
  const ends =
    direction === 'between'
      ? sql`
        arrayFirstIndex((time, flag, started) -> bitTest(flag, 2) AND started >= 0 AND time - started <= ${windowMs}, times, flags, ${startBefore}) AS last,
        if(last = 0, 0, arrayFirstIndex((isAnchor, time) -> isAnchor AND time = ${startBefore}[last], anchors, times)) AS first`
      : sql`
        ${anchor(query, direction)} AS first,
        toUInt32(arrayLastIndex(time -> abs(time - times[first]) <= ${windowMs}, times)) AS last`;
  const isOnPath =
    direction === 'between'
      ? sql`row = first OR row = last OR (row > first AND row < last AND bitTest(flag, 0))`
      : sql`row = first OR (row > first AND row <= last AND bitTest(flag, 0))`;
  const mayGoOn = sql`times[first] + ${windowMs} > ${now}`;
  const isResting = query.countBy === 'person' ? sql`1` : sql`times[-1] + ${query.gapSeconds * 1000} > ${now}`;
  return sql`
    SELECT
      owner,
      walk,
      times[first] AS at,
      arraySlice(
        arrayCompact(arrayMap(
          row -> toUInt64(bitAnd(bitShiftRight(row, 3), ${typed('UInt64', '18446744073709551615')})),
          arrayFilter((each, row, flag) -> ${isOnPath}, ordered, arrayEnumerate(ordered), flags))),
        1, ${query.maxSteps}) AS path,
      toUInt8(${direction === 'forward' ? sql`${mayGoOn} AND ${isResting}` : sql`0`}) AS isOpen
    FROM (SELECT owner, walk, ordered, times, flags, ${ends} FROM (${rows}))
    WHERE first > 0`;
};
