import { z } from 'zod';
import type { FunnelAnswer, FunnelQuery } from '../../../schemas/api/funnels.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { answerOf } from './answer.ts';
import { foldChains } from './chain.ts';
import { disjointRows, isDisjoint, overlappingRows } from './rows.ts';
import { foldTies } from './ties.ts';

const Counts = z.array(z.coerce.number());
/** By step: persons who reached it, persons still on their way at it, and by gap between two steps the average and the median. */
const Folded = z.object({ reached: Counts, pending: Counts, averageMs: Counts, medianMs: Counts });
const Tied = z.object({ times: z.array(z.coerce.number()), masks: z.array(z.string()) });

/** Persons with ties that are folded here; more make the question too large. */
const mostTied = 100_000;

/** Persons folded here, as text `reach,isPending,gap,gap,…`, so that the warehouse counts them with the others. */
const asRows = (folded: readonly string[]): Sql => sql`
  SELECT
    toUInt8(parts[1]) AS reach,
    toUInt8(parts[2]) AS isPending,
    arraySlice(parts, 3) AS gaps
  FROM (SELECT arrayMap(part -> toInt64(part), splitByChar(',', arrayJoin(${folded}))) AS parts)`;

const tiedPersons = async (warehouse: Warehouse, rows: Sql, query: FunnelQuery, now: number) => {
  const answer = await warehouse.query(sql`SELECT times, masks FROM (${rows}) WHERE isTied = 1`, Tied, {
    resultRows: mostTied,
  });
  const rules = { ...query, from: Date.parse(query.from), to: Date.parse(query.to), steps: query.steps.length, now };
  const folded = answer.rows.flatMap(({ times, masks }) => {
    const person = foldTies(
      times.map((time, row) => ({ time, mask: BigInt(masks[row] ?? 0) })),
      rules,
    );
    return person === null ? [] : [[person.reach, person.isPending ? 1 : 0, ...person.gaps].join(',')];
  });
  return { folded, rowsRead: answer.rowsRead, elapsedMs: answer.elapsedMs };
};

/**
 * How many persons did the steps in order within the window of an entry, and where they stopped. funnel-semantics in docs/funnels.md;
 * README.md has the cost.
 */
export const funnel = async (
  warehouse: Warehouse,
  site: { id: string },
  query: FunnelQuery,
  options: { now: number },
): Promise<FunnelAnswer> => {
  const isPlain = isDisjoint(query.steps);
  const rows = isPlain ? disjointRows(site.id, query) : overlappingRows(site.id, query);
  const tied = isPlain
    ? { folded: [], rowsRead: 0, elapsedMs: 0 }
    : await tiedPersons(warehouse, rows, query, options.now);
  const steps = query.steps.length;
  const answer = await warehouse.query(
    sql`
      WITH persons AS (
        SELECT toUInt8(reach) AS reach, toUInt8(isPending) AS isPending, gaps
        FROM (${foldChains(rows, query, options.now)})
        ${tied.folded.length === 0 ? sql`` : sql`UNION ALL ${asRows(tied.folded)}`}
      )
      SELECT
        sumForEach(arrayMap(step -> toUInt64(reach > step), range(${steps}))) AS reached,
        sumForEach(arrayMap(step -> toUInt64(isPending AND reach = step), range(${steps}))) AS pending,
        avgForEach(gaps) AS averageMs,
        quantileExactInclusiveForEach(0.5)(gaps) AS medianMs
      FROM persons`,
    Folded,
  );
  const folded = answer.rows[0] ?? { reached: [], pending: [], averageMs: [], medianMs: [] };
  return {
    steps: answerOf(query.steps, folded),
    queryMs: Math.round((tied.elapsedMs + answer.elapsedMs) * 10) / 10,
    rowsRead: tied.rowsRead + answer.rowsRead,
  };
};
