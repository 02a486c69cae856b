import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Asked, Run } from './asked.ts';
import { warehouseWays } from './in-warehouse.ts';
import { planOf } from './journeys.ts';
import { warehouseTies } from './paths.ts';
import { solveFunnel } from './solved.ts';

/** People who are handed to the warehouse at once, as values: they stand in a URL, which holds 1 MB. */
const handedAtOnce = 5000;

type Span = { person: string; start: number; end: number; isConverted: boolean };

const handed = (spans: readonly Span[]): Sql => sql`
  SELECT toUInt64(person.1) AS owner, person.2 AS start, person.3 AS end, person.4 AS isConverted
  FROM (
    SELECT arrayJoin(arrayZip(
      ${spans.map(({ person }) => person)},
      ${typed(
        'Array(Int64)',
        spans.map(({ start }) => start),
      )},
      ${typed(
        'Array(Int64)',
        spans.map(({ end }) => end),
      )},
      ${typed(
        'Array(UInt8)',
        spans.map(({ isConverted }) => Number(isConverted)),
      )})) AS person
  )`;

const solvedSpans = async (asked: Asked, run: Run): Promise<Span[]> => {
  const plan = planOf(asked.query);
  const end = plan.steps.findLastIndex(({ isOptional }) => !isOptional);
  const spans: Span[] = [];
  for await (const { unit, solved } of solveFunnel(asked, run)) {
    const { entry, deadline, times } = solved.attempt;
    const converted = times[end] ?? -1;
    if (converted < 0 && solved.isPending) continue;
    spans.push({
      person: unit.person,
      start: entry,
      end: converted < 0 ? deadline : converted,
      isConverted: converted >= 0,
    });
  }
  return spans;
};

/**
 * People who converted or dropped, with the time between: from the entry of their way to the last required step, or to the end of their window. Each
 * relation (`owner`, `start`, `end`, `isConverted`) holds others; times are milliseconds.
 */
export const peopleOf = async (asked: Asked, run: Run): Promise<Sql[]> => {
  const ties = await warehouseTies(asked, run);
  if (ties === null) {
    const spans = await solvedSpans(asked, run);
    return Array.from({ length: Math.ceil(spans.length / handedAtOnce) }, (_, part) =>
      handed(spans.slice(part * handedAtOnce, (part + 1) * handedAtOnce)),
    );
  }
  const { steps, windowSeconds } = asked.query;
  return [
    sql`
      SELECT
        unit AS owner,
        path[1] AS start,
        if(reach = ${steps.length}, path[-1], path[1] + ${windowSeconds * 1000}) AS end,
        reach = ${steps.length} AS isConverted
      FROM (${warehouseWays(asked, run, ties)})
      WHERE isConverted OR NOT isPending`,
  ];
};
