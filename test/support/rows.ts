import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';

type Row = readonly unknown[];

/** The first row of each message, then those that repeat one, and so on: in one insert the engine would fold them at once. */
const blocksOf = (rows: readonly Row[], messageId: number): Row[][] => {
  const times = new Map<unknown, number>();
  const numbered = rows.map((row) => {
    const before = times.get(row[messageId]) ?? 0;
    times.set(row[messageId], before + 1);
    return { row, before };
  });
  return [...Map.groupBy(numbered, ({ before }) => before).values()].map((block) => block.map(({ row }) => row));
};

/** Writes rows as lists of values in the order of the columns. A message that is given twice stands in `events` twice, as a second writer would leave it. */
export const insertRows = async (
  warehouse: Warehouse,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> => {
  if (rows.length === 0) return;
  for (const block of table === 'events' ? blocksOf(rows, columns.indexOf('message_id')) : [rows])
    await warehouse.insert(table, columns, Buffer.from(block.map((row) => `${JSON.stringify(row)}\n`).join('')));
};
