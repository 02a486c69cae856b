import { z } from 'zod';
import type { Funnel, FunnelBucketChoice } from '../../../schemas/api/funnel-definition.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { type Asked, queryOf, type Run, tooMuch, type Way } from './asked.ts';
import { foldChains } from './chain.ts';
import type { Figures, Outcome } from './figures.ts';
import { rowsOf, unitOf } from './rows.ts';
import { attributionOf, isOverlapping } from './values.ts';

const Counts = z.array(z.coerce.number());
const Row = z.object({ bucket: z.string(), reached: Counts, pending: Counts, averageMs: Counts, medianMs: Counts });
const Gaps = z.object({ gaps: z.array(z.number()) });

const Unit = z.object({ unit: z.string() });

/** Units with ties, and their ways as they were solved elsewhere. */
export type Ties = { units: readonly string[]; ways: readonly Way[] };

/** Funnels whose best chains the warehouse itself finds, for all persons at once (chain.ts); the rest is solved here (solved.ts). */
export const isInWarehouse = (query: Funnel): boolean =>
  query.order === 'ordered' &&
  !query.open &&
  query.countBy !== 'entry' &&
  query.exclusions.length === 0 &&
  query.steps.every(({ optional, withinSeconds }) => optional !== true && withinSeconds === undefined) &&
  (query.breakdown === undefined ||
    (query.constant === undefined &&
      attributionOf(query.breakdown) !== 'step' &&
      (attributionOf(query.breakdown) !== 'person' || query.countBy === 'person')));

const isChosen = (only: FunnelBucketChoice | undefined): Sql => {
  if (only === undefined) return sql`1`;
  if (only.kind === 'none') return sql`bucket = ''`;
  if (only.kind === 'value') return sql`bucket = ${only.value}`;
  return sql`(bucket != '' AND bucket NOT IN (SELECT arrayJoin(${only.shown})))`;
};

/** Units as the warehouse knows them: persons are numbers. */
const asUnits = ({ countBy }: Funnel, units: readonly string[]): Sql =>
  countBy === 'person' ? sql`arrayMap(unit -> toUInt64(unit), ${units})` : sql`${units}`;

/** Ways that were solved here, as rows like those of the warehouse, so that they are counted with them. */
const handedBack = (query: Funnel, ways: readonly Way[]): Sql => sql`
  SELECT
    way.1 AS unit,
    way.2 AS bucket,
    toUInt64(length(way.4)) AS reach,
    toUInt8(way.3) AS isPending,
    way.4 AS path
  FROM (
    SELECT arrayJoin(arrayZip(
      ${asUnits(
        query,
        ways.map(({ unit }) => unit),
      )},
      ${ways.map(({ bucket }) => bucket)},
      ${typed(
        'Array(UInt8)',
        ways.map(({ isPending }) => Number(isPending)),
      )},
      ${typed(
        'Array(Array(Int64))',
        ways.map(({ times }) => times),
      )})) AS way
  )`;

/** Of several ways of a unit (one for each constant value, or for each value in the rest) the best: docs/funnels.md, rule 6. */
const bestOfUnit = (chains: Sql): Sql => sql`
  SELECT unit, bucket, toUInt64(best.1) AS reach, isPending, best.2 AS path
  FROM (
    SELECT
      unit,
      bucket,
      max(isPending) AS isPending,
      argMin((reach, path), (-toInt64(reach), path[reach], -path[1], path)) AS best
    FROM (${chains})
    GROUP BY unit, bucket
  )`;

/** One row for each unit and bucket: `unit`, `bucket`, `reach` (steps done), `isPending`, `path` (their times in milliseconds). */
export const warehouseWays = (asked: Asked, run: Run, ties: Ties): Sql => {
  const query = queryOf(asked, run);
  const chosen = sql`
    SELECT unit, ${run.by === 'breakdown' ? sql`bucket` : sql`''`} AS bucket, constant, times, masks
    FROM (${rowsOf(asked.site, query)})
    WHERE isTied = 0
      AND ${isChosen(run.only)}
      AND ${ties.units.length === 0 ? sql`1` : sql`unit NOT IN (SELECT arrayJoin(${asUnits(query, ties.units)}))`}`;
  const chains = foldChains(chosen, query, asked.now, typeof run.by === 'object' ? run.by.starts : null);
  const hasSeveral =
    query.constant !== undefined ||
    (run.only?.kind === 'other' && query.breakdown !== undefined && isOverlapping(query.breakdown));
  return sql`
    SELECT unit, bucket, reach, isPending, path
    FROM (${hasSeveral ? bestOfUnit(chains) : chains})
    ${ties.ways.length === 0 ? sql`` : sql`UNION ALL ${handedBack(query, ties.ways)}`}`;
};

/** Units of whom rows of one millisecond could be taken in several orders. */
export const tiedUnits = async (asked: Asked, run: Run, most: number): Promise<string[]> => {
  const rows = rowsOf(asked.site, queryOf(asked, run));
  const found = await asked.ask(
    sql`SELECT DISTINCT toString(unit) AS unit FROM (${rows}) WHERE isTied = 1 LIMIT ${most}`,
    Unit,
  );
  return found.map(({ unit }) => unit);
};

/** Of a funnel without optional steps that is entered at the first: who reached a step could have done the next. */
const asFigures = ({ reached, pending, averageMs, medianMs }: z.infer<typeof Row>): Figures => ({
  reached,
  pending,
  entered: reached.map((count, step) => (step === 0 ? count : 0)),
  eligible: reached.map((_, step) => reached[step - 1] ?? 0),
  averageMs: [Number.NaN, ...averageMs],
  medianMs: [Number.NaN, ...medianMs],
});

/** Counts, averages and medians come out of the warehouse: the answer's size does not depend on the number of persons. */
export const warehouseFigures = async (asked: Asked, run: Run, ties: Ties, most: number) => {
  const steps = asked.query.steps.length;
  const found = await asked.ask(
    sql`
      SELECT
        bucket,
        sumForEach(arrayMap(step -> toUInt64(reach > step), range(${steps}))) AS reached,
        sumForEach(arrayMap(step -> toUInt64(isPending AND reach = step), range(${steps}))) AS pending,
        avgForEach(gaps) AS averageMs,
        quantileExactInclusiveForEach(0.5)(gaps) AS medianMs
      FROM (
        SELECT bucket, reach, isPending, arrayPopFront(arrayDifference(path)) AS gaps
        FROM (${warehouseWays(asked, run, ties)})
      )
      GROUP BY bucket
      ORDER BY bucket = '' DESC, reached[${steps}] DESC, reached[1] DESC, bucket
      LIMIT ${most}`,
    Row,
  );
  return found.map((row) => ({ bucket: row.bucket, figures: asFigures(row) }));
};

export const warehouseGaps = async (
  asked: Asked,
  run: Run,
  ties: Ties,
  { from, to, most }: { from: number; to: number; most: number },
): Promise<number[]> => {
  const [found] = await asked.ask(
    sql`
      SELECT groupArray(${most + 1})(toFloat64(path[${to + 1}] - path[${from + 1}])) AS gaps
      FROM (${warehouseWays(asked, run, ties)})
      WHERE reach > ${to}`,
    Gaps,
  );
  const gaps = found?.gaps ?? [];
  if (gaps.length > most) throw tooMuch(`More than ${most} ways went through both steps`);
  return gaps;
};

const isOutcome = (step: number, outcome: Outcome): Sql =>
  outcome === 'reached'
    ? sql`reach > ${step}`
    : sql`(reach = ${step} AND isPending = ${outcome === 'pending' ? 1 : 0})`;

/** Units with an outcome at a step, in order of their hash, from one on. */
export const warehouseUnits = async (
  asked: Asked,
  run: Run,
  ties: Ties,
  { step, outcome, least, most }: { step: number; outcome: Outcome; least: bigint; most: number },
): Promise<string[]> => {
  const hash = unitOf(asked.query).hash(sql`unit`);
  const found = await asked.ask(
    sql`
      SELECT toString(unit) AS unit
      FROM (${warehouseWays(asked, run, ties)}) AS ways
      WHERE ${isOutcome(step, outcome)}
        AND ${hash} >= ${typed('UInt64', least)}
      ORDER BY ${hash}
      LIMIT ${most}`,
    Unit,
  );
  return found.map(({ unit }) => unit);
};
