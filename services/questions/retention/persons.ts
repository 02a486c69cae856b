import type { RetentionQuery } from '../../../schemas/api/retention.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { type Breakdown, labelOf, pieceOfRank, rankOf, saidJoined, wholePiece } from '../breakdown.ts';
import { inScope, isByPerson, resolvedPerson } from '../events.ts';
import { placeAmong } from '../intervals.ts';
import { conditions, isEvent } from '../where.ts';
import { type Calendar, lastCellEnds } from './calendar.ts';

const milliseconds = sql`toUnixTimestamp64Milli(timestamp)`;

/** What counts as being back: for who was last seen, whatever the person did. */
const isBack = ({ kind, return: back }: RetentionQuery): Sql => (kind === 'rolling' ? isByPerson : isEvent(back));

/** A first start is looked for in all of history, so its name is read from before the range too. */
const scope = (site: string, query: RetentionQuery, calendar: Calendar): Sql => {
  const ends = query.kind === 'classic' ? lastCellEnds(calendar, query.intervals) : Number.POSITIVE_INFINITY;
  const isNamed = isEvent({ event: query.start.event, where: [] });
  return sql`
    ${inScope({ site, from: query.cohorts === 'recurring' ? calendar.from : 0, to: Math.min(calendar.now + 1, Math.max(ends, calendar.to)) })}
      AND (${isNamed} OR (timestamp >= ${new Date(calendar.from)} AND ${isBack(query)}))
      AND ${conditions(query.where)}`;
};

/** The first start of the history need not be looked for where every event of its name is one. */
const mustBeFirstNamed = ({ cohorts, start }: RetentionQuery): boolean =>
  cohorts === 'firstEver' && start.where.length > 0;

/**
 * By person and interval: the first start in it as a number (time × 64 + part of the breakdown; 0: none), the first event of the start's name, the last return, and where
 * windows are the person's own all returns. Interval 0 is what came before the range. Plain numbers: tuples cost three times as much.
 */
const byInterval = (site: string, query: RetentionQuery, calendar: Calendar, breakdown: Breakdown | null): Sql => {
  const isStart = isEvent(query.start);
  const rank = breakdown === null ? sql`0` : rankOf(labelOf(breakdown.property), breakdown.values);
  return sql`
    SELECT
      ${resolvedPerson} AS owner,
      toInt64(${placeAmong([0, calendar.from, ...calendar.bounds.slice(1)], sql`timestamp`)}) AS place,
      minIf(${milliseconds} * 64 + ${rank}, ${isStart}) AS started,
      ${mustBeFirstNamed(query) ? sql`minIf(${milliseconds}, ${isEvent({ event: query.start.event, where: [] })})` : sql`toInt64(0)`} AS named,
      maxIf(${milliseconds}, ${isBack(query)}) AS returned,
      groupArrayIf(${milliseconds}, ${isBack(query)}) AS returns
    FROM events
    ${saidJoined(site, breakdown?.property)}
    WHERE ${scope(site, query, calendar)}
    GROUP BY owner, place`;
};

/** The starts that count, of tuples (interval, number). */
const countedStarts = (query: RetentionQuery): Sql => {
  if (query.cohorts === 'recurring') return sql`starts`;
  const isFirstNamed = mustBeFirstNamed(query) ? sql`firstNamed = intDiv(firstStarted, 64)` : sql`1`;
  return sql`arrayFilter(start -> ${isFirstNamed} AND start.2 = firstStarted, starts)`;
};

/** The cells after a start with a return; of the other kinds the last one alone, which fills all before it. Who started was seen then, whoever caused the start. */
const filledCells = ({ kind, intervals }: RetentionQuery, { windowMs }: Calendar): Sql => {
  if (kind === 'classic')
    return windowMs === null
      ? sql`arrayMap(back -> back.1 - cohort, arrayFilter(back -> back.2 > time AND back.1 <= cohort + ${intervals}, returnsByInterval))`
      : sql`arrayDistinct(arrayMap(back -> intDiv(back - time, ${windowMs}), arrayFilter(back -> back > time AND back - time < ${(intervals + 1) * windowMs}, allReturns)))`;
  const last = windowMs === null ? sql`lastPlace - cohort` : sql`intDiv(lastReturned - time, ${windowMs})`;
  const cell = sql`least(${last}, ${intervals})`;
  return kind === 'rolling'
    ? sql`[if(lastReturned > time, ${cell}, 0)]`
    : sql`if(lastReturned > time, [${cell}], emptyArrayInt64())`;
};

/** Rows of `cohort`, `piece`, `cell` (-1: all who are in the cohort) and `persons`. */
export const cells = (site: string, query: RetentionQuery, calendar: Calendar, breakdown: Breakdown | null): Sql => sql`
  WITH
    persons AS (
      SELECT
        groupArrayIf(tuple(place, started), place > 0 AND started > 0 AND started < ${calendar.to * 64}) AS starts,
        minIf(started, started > 0) AS firstStarted,
        minIf(named, named > 0) AS firstNamed,
        groupArrayIf(tuple(place, returned), returned > 0) AS returnsByInterval,
        groupArrayArray(returns) AS allReturns,
        max(returned) AS lastReturned,
        argMax(place, returned) AS lastPlace
      FROM (${byInterval(site, query, calendar, breakdown)})
      GROUP BY owner
      HAVING notEmpty(starts)
    ),
    started AS (
      SELECT
        arrayJoin(${countedStarts(query)}) AS start,
        start.1 AS cohort,
        intDiv(start.2, 64) AS time,
        start.2 % 64 AS rank,
        returnsByInterval,
        allReturns,
        lastReturned,
        lastPlace
      FROM persons
    )
  SELECT
    toUInt32(cohort - 1) AS cohort,
    ${breakdown === null ? sql`toInt32(${wholePiece})` : pieceOfRank(sql`rank`)} AS piece,
    toInt32(arrayJoin(arrayPushFront(${filledCells(query, calendar)}, toInt64(-1)))) AS cell,
    count() AS persons
  FROM started
  GROUP BY cohort, piece, cell`;

/** The values that most persons had on a start event of the range. Rows of `label`. */
export const largestValues = (site: string, query: RetentionQuery, { from, to, now }: Calendar): Sql => {
  const { property, limit } = query.breakdown ?? { property: '', limit: 0 };
  return sql`
    SELECT ${labelOf(property)} AS label
    FROM events
    ${saidJoined(site, property)}
    WHERE ${inScope({ site, from, to: Math.min(to, now + 1) })}
      AND ${isEvent(query.start)}
      AND ${conditions(query.where)}
      AND ${labelOf(property)} != ''
    GROUP BY label
    ORDER BY uniqExact(${resolvedPerson}) DESC, label
    LIMIT ${limit}`;
};
