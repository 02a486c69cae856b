import type { RetentionQuery } from '../../../schemas/api/retention.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { type Breakdown, labelOf, pieceOf, wholePiece } from '../breakdown.ts';
import { inScope, resolvedPerson } from '../events.ts';
import { placeAmong } from '../intervals.ts';
import { conditions, isEvent } from '../where.ts';
import { type Calendar, lastCellEnds } from './calendar.ts';

const milliseconds = sql`toUnixTimestamp64Milli(timestamp)`;

/** What counts as being back: for who was last seen, any event. */
const isBack = ({ kind, return: back }: RetentionQuery): Sql => (kind === 'rolling' ? sql`1` : isEvent(back));

/** A first start is looked for in all of history, so its name is read from before the range too. */
const scope = (site: string, query: RetentionQuery, calendar: Calendar): Sql => {
  const ends = query.kind === 'classic' ? lastCellEnds(calendar, query.intervals) : Number.POSITIVE_INFINITY;
  const isNamed = isEvent({ event: query.start.event, where: [] });
  return sql`
    ${inScope({ site, from: query.cohorts === 'recurring' ? calendar.from : 0, to: Math.min(calendar.now + 1, Math.max(ends, calendar.to)) })}
      AND (${isNamed} OR (timestamp >= ${new Date(calendar.from)} AND ${isBack(query)}))
      AND ${conditions(query.where)}`;
};

/**
 * By person and interval: the first start in it (0: none; of those of the same millisecond the label by name, '' last), the first event of the start's name, the last return, and where
 * windows are the person's own all returns. Interval 0 is what came before the range.
 */
const byInterval = (site: string, query: RetentionQuery, calendar: Calendar): Sql => {
  const isStart = isEvent(query.start);
  const label = query.breakdown === undefined ? sql`''` : labelOf(query.breakdown.property);
  const needsAll = query.kind === 'classic' && calendar.windowMs !== null;
  return sql`
    SELECT
      ${resolvedPerson} AS owner,
      ${placeAmong([0, calendar.from, ...calendar.bounds.slice(1)], sql`timestamp`)} AS place,
      minIf(${milliseconds}, ${isStart}) AS started,
      minIf(tuple(${milliseconds}, ${label} = '', ${label}), ${isStart}).3 AS label,
      minIf(${milliseconds}, ${isEvent({ event: query.start.event, where: [] })}) AS named,
      maxIf(${milliseconds}, ${isBack(query)}) AS returned,
      ${needsAll ? sql`groupArrayIf(${milliseconds}, ${isBack(query)})` : sql`emptyArrayInt64()`} AS returns
    FROM events
    WHERE ${scope(site, query, calendar)}
    GROUP BY owner, place`;
};

/** The starts that count, of tuples (interval, time, label). */
const countedStarts = ({ cohorts }: RetentionQuery): Sql => {
  if (cohorts === 'recurring') return sql`starts`;
  const isFirst =
    cohorts === 'firstEver' ? sql`firstStarted = firstNamed AND start.2 = firstStarted` : sql`start.2 = firstStarted`;
  return sql`arrayFilter(start -> ${isFirst}, starts)`;
};

/** A person's intervals with a return after the start; of the other kinds the last one alone, which fills all before it. */
const filledCells = ({ kind, intervals }: RetentionQuery, { windowMs }: Calendar): Sql => {
  if (kind === 'classic')
    return windowMs === null
      ? sql`arrayMap(back -> toInt64(back.1) - start.1, arrayFilter(back -> back.2 > start.2 AND back.1 <= start.1 + ${intervals}, returnsByInterval))`
      : sql`arrayDistinct(arrayMap(back -> intDiv(back - start.2, ${windowMs}), arrayFilter(back -> back > start.2 AND back - start.2 < ${(intervals + 1) * windowMs}, allReturns)))`;
  const last = windowMs === null ? sql`toInt64(lastPlace) - start.1` : sql`intDiv(lastReturned - start.2, ${windowMs})`;
  const isLater = kind === 'rolling' ? sql`lastReturned >= start.2` : sql`lastReturned > start.2`;
  return sql`if(${isLater}, [least(${last}, ${intervals})], emptyArrayInt64())`;
};

/** Rows of `cohort`, `piece`, `cell` (-1: all who are in the cohort) and `persons`. */
export const cells = (site: string, query: RetentionQuery, calendar: Calendar, breakdown: Breakdown | null): Sql => sql`
  WITH
    persons AS (
      SELECT
        groupArrayIf(tuple(toInt64(place), started, label), place > 0 AND started > 0 AND started < ${calendar.to}) AS starts,
        minIf(started, started > 0) AS firstStarted,
        minIf(named, named > 0) AS firstNamed,
        groupArrayIf(tuple(place, returned), returned > 0) AS returnsByInterval,
        groupArrayArray(returns) AS allReturns,
        max(returned) AS lastReturned,
        argMax(place, returned) AS lastPlace
      FROM (${byInterval(site, query, calendar)})
      GROUP BY owner
      HAVING notEmpty(starts)
    ),
    started AS (
      SELECT
        arrayJoin(${countedStarts(query)}) AS start,
        returnsByInterval,
        allReturns,
        lastReturned,
        lastPlace
      FROM persons
    )
  SELECT
    toUInt32(start.1 - 1) AS cohort,
    ${breakdown === null ? sql`toInt32(${wholePiece})` : pieceOf(sql`start.3`, breakdown.values)} AS piece,
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
    WHERE ${inScope({ site, from, to: Math.min(to, now + 1) })}
      AND ${isEvent(query.start)}
      AND ${conditions(query.where)}
      AND ${labelOf(property)} != ''
    GROUP BY label
    ORDER BY uniqExact(${resolvedPerson}) DESC, label
    LIMIT ${limit}`;
};
