import type { z } from 'zod';
import type { Sql } from './sql.ts';

/** A row's shape. Values come as the engine writes JSON: 64-bit integers and decimals as text, times as text in UTC. */
export type RowSchema<T> = z.ZodType<T>;

export type Answer<T> = {
  rows: T[];
  /** Rows that the engine read to answer. */
  rowsRead: number;
  /** Milliseconds, as seen from here. */
  elapsedMs: number;
};

export type QueryLimits = {
  /** Default 30. */
  seconds?: number;
  /** Default 1.5 GB. */
  memoryBytes?: number;
  /** Most rows in the answer; default 100,000. One more is a `query_limit`. */
  resultRows?: number;
};

/**
 * The warehouse. Promises, tested for each adapter by contract.ts:
 * - `query` parses every row with the schema; a Failure `query_limit` (time, memory, rows) or `unavailable` is thrown, any
 *   other engine error is a bug and is thrown as it is.
 * - `insert` resolves when a later query sees all its rows and they survive kill -9. When it rejects, all, some or none may be there.
 *   A block that the engine refuses for its content rejects with `RefusedBlock`; the engine being away is a Failure `unavailable`.
 */
export type Warehouse = {
  query<T>(statement: Sql, row: RowSchema<T>, limits?: QueryLimits): Promise<Answer<T>>;
  /** `rows` are lines of JSONCompactEachRow in the order of `columns`. */
  insert(table: string, columns: readonly string[], rows: Buffer): Promise<void>;
  /** DDL and maintenance. */
  command(statement: Sql): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** The engine read the block and will not take it, e.g. a number out of range. Halving the block finds the row. */
export class RefusedBlock extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RefusedBlock';
  }
}
