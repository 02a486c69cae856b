import type { z } from 'zod';
import type { Sql } from './sql.ts';

/**
 * A row's shape. How values come back:
 * - `UInt64`, `Int64` (so `count()`, `sum()` of integers, persons) and `Decimal` as text, exact: `'18446744073709551615'`, `'19.9'` (no
 *   trailing zeros). Smaller integers and floats as numbers; NaN and infinity as null.
 * - `DateTime64(3)` as `'2026-10-01T00:00:00.000Z'`, `DateTime` as `'2026-10-01T00:00:00Z'`, `Date` as `'2026-10-01'`.
 * - `Bool` as true or false (comparisons are `UInt8`: 0 or 1), `Nullable` as null, arrays and named tuples as arrays and objects of these.
 *
 * And how they go in: `insert` takes the same as text or numbers, times as `'2026-10-01 00:00:00.000'` or ISO with `Z`. An integer out of range
 * of its column is not refused but wraps (70000 as `UInt16` is 4464): check it before. `null` for a column that takes none becomes its default.
 */
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
  /** Default 600 MB; the embedded engine spills groups and sorts to disk from 300 MB on. */
  memoryBytes?: number;
  /** Most rows in the answer; default 100,000. One more is a `query_limit`. */
  resultRows?: number;
  /** The answer must know what was inserted last, on a cluster too: for the tables whose inserts are in turn (target.ts). */
  isLastWord?: boolean;
  /** Statements of one question carry one name, `site/question/id` of letters, digits, `.`, `-` and `_`: `running` finds them by it. */
  name?: string;
  /** Nobody waits for the answer any more: the engine stops working on it, and with it on all statements of the same name. */
  signal?: AbortSignal;
};

/** A question that the engine is working on, over all of its statements that run now. */
export type RunningQuestion = {
  name: string;
  seconds: number;
  rowsRead: number;
  /** That it will read, as far as the engine knows by now. */
  rowsTotal: number;
  memoryBytes: number;
};

/**
 * `RowBinaryWithNamesAndTypes` costs a fraction of the JSON to write and to read. Its head names columns and types: a table of other types
 * refuses the whole insert as a bug.
 */
export type InsertFormat = 'JSONCompactEachRow' | 'RowBinaryWithNamesAndTypes';

/**
 * The warehouse. Promises, tested for each adapter by contract.ts:
 * - `query` parses every row with the schema; a Failure `query_limit` (time, memory, rows), `bad_request` (a regular expression that is none) or `unavailable` is thrown, any
 *   other engine error is a bug and is thrown as it is. `unavailable` also when it was given up by its signal. Questions run side by side (4 in the embedded engine, the rest wait) and do not hold up inserts.
 * - `insert` resolves when a later query sees all its rows and they survive kill -9. When it rejects, all, some or none may be there.
 *   A block that the engine refuses for its content rejects with `RefusedBlock`; the engine being away is a Failure `unavailable`.
 */
export type Warehouse = {
  query<T>(statement: Sql, row: RowSchema<T>, limits?: QueryLimits): Promise<Answer<T>>;
  /** Questions whose name begins so, longest running first; answered also while questions wait for their turn. */
  running(prefix: string): Promise<RunningQuestion[]>;
  /** `rows` are lines of JSONCompactEachRow in the order of `columns`, or what `format` says; pieces are written one after the other. */
  insert(
    table: string,
    columns: readonly string[],
    rows: Buffer | readonly Buffer[],
    format?: InsertFormat,
  ): Promise<void>;
  /** DDL and maintenance, written for one server; on a cluster it is done on all of them (target.ts). */
  command(statement: Sql): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** The engine read the block and will not take it, e.g. a text where a number belongs. Halving the block finds the row. */
export class RefusedBlock extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RefusedBlock';
  }
}
