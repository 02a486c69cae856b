import type { Funnel } from '../../../schemas/api/funnel-definition.ts';
import { identifier, join, type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { reachOf } from './rows.ts';

/** No chain has come so far. */
const none = sql`toInt64(-1)`;

/** Instants at which the intervals of a trend start, or null where nobody asks for one. */
type Starts = readonly number[] | null;

const intervalOf = (starts: readonly number[], time: Sql): Sql =>
  sql`roundDown(${time}, ${typed('Array(Int64)', starts)})`;

/** Whether a row opens a window: it matches the first step, in the range (and in the interval at hand). */
const isEntry = (query: Funnel, starts: Starts): Sql => sql`
  bitTest(stepMask, 0)
    AND time >= ${Date.parse(query.from)}
    AND time < ${Date.parse(query.to)}
    ${starts === null ? sql`` : sql`AND ${intervalOf(starts, sql`time`)} = toInt64(bucket)`}`;

/** `entry0`: for each row, the time of the newest entry up to it (the first one only, if re-entry does not count). */
const entries = (query: Funnel, starts: Starts): Sql => {
  const own = sql`arrayMap((time, stepMask) -> if(${isEntry(query, starts)}, time, ${none}), times, masks)`;
  const all = sql`arrayFill(entry -> entry >= 0, ${own})`;
  if (query.reentry === 'best') return all;
  return sql`arrayMap(entry -> if(entry >= 0, arrayFirst(first -> first >= 0, ${own}), ${none}), ${all})`;
};

/**
 * `entryK`: for each row, the newest entry whose chain has come as far as step K by then. A row continues the newest chain that stands at the
 * step before, of the rows before it, if the window of its entry still runs. Newer entries dominate older ones, since their windows end
 * later, so one number a row and step is all there is to remember.
 */
const arrivals = (query: Funnel, step: number): Sql => {
  const before = identifier(`entry${step - 1}`);
  return sql`
    arrayFill(entry -> entry >= 0, arrayMap(
      (time, stepMask, entry) -> if(bitTest(stepMask, ${step}) AND entry >= 0 AND time - entry <= ${query.windowSeconds * 1000}, entry, ${none}),
      times, masks, arrayPushFront(arrayPopBack(${before}), ${none})))`;
};

/** Place of the row of each step in the best chain: the first that matches after the step before (docs/funnels.md, rule 6). */
const place = (step: number): Sql =>
  step === 0
    ? sql`arrayFirstIndex((time, stepMask) -> time = bestEntry AND bitTest(stepMask, 0), times, masks)`
    : sql`if(reach > ${step}, arrayFirstIndex((stepMask, row) -> row > ${identifier(`place${step - 1}`)} AND bitTest(stepMask, ${step}), masks, rows), 0)`;

/** Whether the window of the newest entry still runs; for nobody once no row can count any more. */
const isRunning = (query: Funnel, now: number): Sql =>
  reachOf(query).until > now ? sql`entry0[-1] + ${query.windowSeconds * 1000} > ${now}` : sql`0`;

/** Rows once for each interval in which they enter; with only the first entry counting, once. */
const byInterval = (rows: Sql, query: Funnel, starts: readonly number[]): Sql => {
  const entered = sql`arrayFilter((time, stepMask) -> ${isEntry(query, null)}, times, masks)`;
  const counted = query.reentry === 'best' ? entered : sql`arraySlice(${entered}, 1, 1)`;
  return sql`
    SELECT
      unit,
      toString(arrayJoin(arrayDistinct(arrayMap(time -> ${intervalOf(starts, sql`time`)}, ${counted})))) AS bucket,
      constant,
      times,
      masks
    FROM (${rows})`;
};

/**
 * One row for each unit that entered (and bucket, and constant): `reach` (steps done), `isPending` (the window of the newest entry still runs) and `path`
 * (times of the best chain, in milliseconds). Levels are computed for all units of a block at once, as arrays: no loop over rows.
 */
export const foldChains = (rows: Sql, query: Funnel, now: number, starts: Starts): Sql => {
  const range = query.steps.map((_, step) => step);
  const entry = range.map((step) => identifier(`entry${step}`));
  const places = range.map((step) => identifier(`place${step}`));
  const entryColumns = range.map(
    (step) => sql`${step === 0 ? entries(query, starts) : arrivals(query, step)} AS ${identifier(`entry${step}`)}`,
  );
  const placeColumns = range.map((step) => sql`${place(step)} AS ${identifier(`place${step}`)}`);
  // Each stage is a query of its own, so that a stage's columns are read and not written out again in the next.
  const levels = sql`
    SELECT unit, bucket, constant, times, masks, ${join(entryColumns, ',\n')}
    FROM (${starts === null ? rows : byInterval(rows, query, starts)})`;
  const best = sql`
    SELECT
      unit,
      bucket,
      constant,
      times,
      masks,
      ${entry.map((level) => sql`(${level}[-1] >= 0)`).reduce((sum, each) => sql`${sum} + ${each}`)} AS reach,
      ${isRunning(query, now)} AS isPending,
      [${join(entry, ', ')}][reach] AS bestLevel,
      bestLevel[arrayFirstIndex(entry -> entry >= 0, bestLevel)] AS bestEntry,
      arrayEnumerate(times) AS rows
    FROM (${levels})
    WHERE entry0[-1] >= 0`;
  const placed = sql`
    SELECT unit, bucket, constant, reach, isPending, times, ${join(placeColumns, ',\n')}
    FROM (${best})`;
  return sql`
    SELECT
      unit,
      bucket,
      constant,
      reach,
      isPending,
      arrayMap(place -> times[place], arraySlice([${join(places, ', ')}], 1, reach)) AS path
    FROM (${placed})`;
};
