import { z } from 'zod';
import type { RetentionAnswer, RetentionQuery } from '../../../schemas/api/retention.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { partOf, piecesOf } from '../breakdown.ts';
import { calendarOf } from './calendar.ts';
import { cells, largestValues } from './persons.ts';
import { tableOf } from './table.ts';

const Cell = z.object({ cohort: z.number(), piece: z.number(), cell: z.number(), persons: z.coerce.number() });
const Value = z.object({ label: z.string() });

/** Of those who did something, how many came back, by cohort and interval. docs/retention.md says what it means; README.md has the cost. */
export const retention = async (
  warehouse: Warehouse,
  site: { id: string; timeZone: string },
  query: RetentionQuery,
  options: { now: number },
): Promise<RetentionAnswer> => {
  const calendar = calendarOf(query, site.timeZone, options.now);
  const largest =
    query.breakdown === undefined ? null : await warehouse.query(largestValues(site.id, query, calendar), Value);
  const breakdown =
    largest === null || query.breakdown === undefined
      ? null
      : { property: query.breakdown.property, values: largest.rows.map(({ label }) => label) };
  const { rows, rowsRead, elapsedMs } = await warehouse.query(cells(site.id, query, calendar, breakdown), Cell);
  const parts = piecesOf(
    rows.map(({ piece }) => piece),
    breakdown,
  ).flatMap((piece) => {
    const part = partOf(piece, breakdown);
    const own = rows.filter((row) => row.piece === piece);
    return part === null ? [] : [{ part, ...tableOf(own, query, calendar) }];
  });
  return {
    ...tableOf(rows, query, calendar),
    ...(breakdown === null ? {} : { breakdown: parts }),
    queryMs: elapsedMs + (largest?.elapsedMs ?? 0),
    rowsRead: rowsRead + (largest?.rowsRead ?? 0),
  };
};
