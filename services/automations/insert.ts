import { RefusedBlock, type Warehouse } from '../platform/warehouse/warehouse.ts';
import { createGathered } from './gathered.ts';

const mostRows = 1000;

/**
 * Writes a row. Rows that come while an insert is under way go in the next one, together; each caller is told when the insert that holds its row is durable, or how it failed. A row that the
 * engine refuses is its own caller's matter alone. Any of the others may have been written twice then: the tables keep one of equal keys.
 */
export const createInsert = (
  warehouse: Pick<Warehouse, 'insert'>,
  table: string,
  columns: readonly string[],
): ((row: readonly unknown[]) => Promise<void>) =>
  createGathered<readonly unknown[], void>({
    most: mostRows,
    isOneAtFault: (error) => error instanceof RefusedBlock,
    work: async (rows) => {
      await warehouse.insert(table, columns, Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
      return rows.map(() => undefined);
    },
  });
