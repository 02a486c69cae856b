import type { FunnelQuery } from '../../../schemas/api/funnels.ts';
import { identifier, join, type Sql, sql } from '../../platform/warehouse/sql.ts';

/** No chain has come so far. */
const none = sql`toInt64(-1)`;

/** `entry0`: for each row, the time of the newest entry up to it (the first one only, if re-entry does not count). */
const entries = (query: FunnelQuery): Sql => {
  const from = Date.parse(query.from);
  const to = Date.parse(query.to);
  const own = sql`arrayMap((time, stepMask) -> if(bitTest(stepMask, 0) AND time >= ${from} AND time < ${to}, time, ${none}), times, masks)`;
  const all = sql`arrayFill(entry -> entry >= 0, ${own})`;
  if (query.reentry === 'best') return all;
  return sql`arrayMap(entry -> if(entry >= 0, arrayFirst(first -> first >= 0, ${own}), ${none}), ${all})`;
};

/**
 * `entryK`: for each row, the newest entry whose chain has come as far as step K by then. A row continues the newest chain that stands at the
 * step before, of the rows before it, if the window of its entry still runs. Newer entries dominate older ones, since their windows end
 * later, so one number a row and step is all there is to remember.
 */
const arrivals = (query: FunnelQuery, step: number): Sql => {
  const before = identifier(`entry${step - 1}`);
  return sql`
    arrayFill(entry -> entry >= 0, arrayMap(
      (time, stepMask, entry) -> if(bitTest(stepMask, ${step}) AND entry >= 0 AND time - entry <= ${query.windowSeconds * 1000}, entry, ${none}),
      times, masks, arrayPushFront(arrayPopBack(${before}), ${none})))`;
};

/** Place of the row of each step in the best chain: the first that matches after the step before (funnel semantics, rule 6). */
const place = (step: number): Sql =>
  step === 0
    ? sql`arrayFirstIndex((time, stepMask) -> time = bestEntry AND bitTest(stepMask, 0), times, masks)`
    : sql`if(reach > ${step}, arrayFirstIndex((stepMask, row) -> row > ${identifier(`place${step - 1}`)} AND bitTest(stepMask, ${step}), masks, rows), 0)`;

/**
 * One row a person who entered: `reach` (steps done), `isPending` (the window of the newest entry still runs) and `gaps` (milliseconds from each step of the
 * best chain to the next). Levels are computed for all persons of a block at once, as arrays: no loop over rows.
 */
export const foldChains = (rows: Sql, query: FunnelQuery, now: number): Sql => {
  const steps = query.steps.length;
  const range = Array.from({ length: steps }, (_, step) => step);
  const entryColumns = range.map(
    (step) => sql`${step === 0 ? entries(query) : arrivals(query, step)} AS ${identifier(`entry${step}`)}`,
  );
  const placeColumns = range.map((step) => sql`${place(step)} AS ${identifier(`place${step}`)}`);
  const gaps = range
    .slice(1)
    .map((step) => sql`times[${identifier(`place${step}`)}] - times[${identifier(`place${step - 1}`)}]`);
  const bestEntries = join(
    range.map((step) => identifier(`entry${step}`)),
    ', ',
  );
  // Each stage is a query of its own, so that a stage's columns are read and not written out again in the next.
  const levels = sql`
    SELECT times, masks, ${join(entryColumns, ',\n')}
    FROM (${rows})
    WHERE isTied = 0`;
  const best = sql`
    SELECT
      times,
      masks,
      ${range.map((step) => sql`(${identifier(`entry${step}`)}[-1] >= 0)`).reduce((sum, each) => sql`${sum} + ${each}`)} AS reach,
      entry0[-1] + ${query.windowSeconds * 1000} > ${now} AS isPending,
      [${bestEntries}][reach] AS bestLevel,
      bestLevel[arrayFirstIndex(entry -> entry >= 0, bestLevel)] AS bestEntry,
      arrayEnumerate(times) AS rows
    FROM (${levels})
    WHERE entry0[-1] >= 0`;
  return sql`
    SELECT
      reach,
      isPending,
      ${join(placeColumns, ',\n')},
      ${gaps.length === 0 ? sql`emptyArrayInt64()` : sql`arraySlice([${join(gaps, ', ')}], 1, reach - 1)`} AS gaps
    FROM (${best})`;
};
