import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type ClickHouseClient, ClickHouseError, createClient } from '@clickhouse/client';
import { Counter, Histogram } from 'prom-client';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { type Sql, sql } from './sql.ts';
import {
  embeddedTarget,
  insertSettings,
  lastWordSettings,
  processesOf,
  questionSettings,
  statementsFor,
  type Target,
} from './target.ts';
import {
  type Answer,
  type QueryLimits,
  RefusedBlock,
  type RowSchema,
  type RunningQuestion,
  type Warehouse,
} from './warehouse.ts';

const defaultLimits = { seconds: 30, memoryBytes: 600_000_000, resultRows: 100_000 };
/** An insert that takes longer is given up as `unavailable`; the sink asks again and finds out what is there. */
const insertMilliseconds = 60_000;

type Limits = typeof defaultLimits;

/** ClickHouse's codes for a limit that was hit, and what to do about it. */
const limitCodes: Readonly<Record<string, (limits: Limits) => string>> = {
  '159': ({ seconds }) =>
    `it took longer than ${seconds} s, which is what a question may: ask for a shorter range, or fewer steps`,
  '160': ({ seconds }) =>
    `it would take longer than ${seconds} s, which is what a question may: ask for a shorter range, or fewer steps`,
  '241': ({ memoryBytes }) =>
    `it needs more memory than the ${memoryBytes / 1e6} MB that a question may: ask for a shorter range, or filter`,
  '307': () => 'it reads more bytes than a question may: ask for a shorter range, or filter',
  '396': ({ resultRows }) =>
    `its answer has more than the ${resultRows} rows that an answer may: ask for a shorter range, or filter`,
};
/** Codes that say that rows, not the engine, are at fault: text that does not parse, a number out of range, a null too many. */
const refusedCodes = new Set([
  '6',
  '25',
  '26',
  '27',
  '33',
  '38',
  '41',
  '53',
  '69',
  '70',
  '72',
  '117',
  '130',
  '131',
  '349',
  '407',
  '441',
  '469',
  '636',
]);

/** Too many statements at once, a statement broken off, too many parts, a replica that has not got all of it: the engine says "later". */
const laterCodes = new Set(['202', '209', '210', '236', '252', '289', '394']);
/** A statement that can never work: no such table, column, function; text that is no SQL. Waiting would hide the bug for ever. */
const bugCodes = new Set(['16', '36', '46', '47', '60', '62', '81']);
/** The table's columns have other types than the insert says: a migration is missing or wrong, the rows are not at fault. */
const isOfTypes = (error: ClickHouseError): boolean => error.message.includes('while reading header');

/** A regular expression that is none: who asked wrote it. */
const patternCode = '427';
const asBadPattern = (error: ClickHouseError): Failure => {
  const reason = /error: (.*?)\. Look at /s.exec(error.message)?.[1] ?? 'it does not compile';
  return new Failure(
    'bad_request',
    `matches: expected a regular expression as RE2 reads it, got one of which it says: ${reason}`,
    {
      cause: error,
    },
  );
};

const asUnavailable = (error: unknown): Failure =>
  new Failure(
    'unavailable',
    error instanceof ClickHouseError ? 'The warehouse is too busy.' : 'The warehouse cannot be reached.',
    { cause: error, retryAfterSeconds: 5 },
  );

/** A broken connection, a refused one, a time-out: the engine is away. Errors of the engine itself are ClickHouseErrors. */
const asQueryError = (error: unknown, limits: QueryLimits = {}): unknown => {
  if (limits.signal?.aborted === true)
    return new Failure('unavailable', 'The question was given up: nobody waits for its answer.', { cause: error });
  if (!(error instanceof ClickHouseError))
    return error instanceof Error && isOfNetwork(error) ? asUnavailable(error) : error;
  if (laterCodes.has(error.code)) return asUnavailable(error);
  if (error.code === patternCode) return asBadPattern(error);
  const limit = limitCodes[error.code];
  return limit === undefined
    ? error
    : new Failure('query_limit', `The question hit a limit: ${limit({ ...defaultLimits, ...limits })}.`, {
        cause: error,
      });
};

const isOfNetwork = (error: Error): boolean =>
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|socket hang up|Timeout|aborted|PREMATURE_CLOSE/i.test(
    `${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`,
  );

const timed = async <T>(histogram: Histogram, work: () => Promise<T>): Promise<T> => {
  const end = histogram.startTimer();
  try {
    return await work();
  } finally {
    end();
  }
};

const askRows = async <T>(
  client: ClickHouseClient,
  statement: Sql,
  row: RowSchema<T>,
  limits: QueryLimits,
  target: Target,
): Promise<Omit<Answer<T>, 'elapsedMs'>> => {
  const { seconds, memoryBytes, resultRows, name, signal } = { ...defaultLimits, ...limits };
  const result = await client.query({
    query: statement.text,
    query_params: statement.parameters,
    // The one format whose answer says how many rows were read, on a server and in the embedded engine.
    format: 'JSON',
    ...(signal === undefined ? {} : { abort_signal: signal }),
    clickhouse_settings: {
      ...questionSettings(target),
      ...(name === undefined ? {} : { log_comment: name }),
      ...(limits.isLastWord === true ? lastWordSettings(target) : {}),
      max_execution_time: seconds,
      max_memory_usage: String(memoryBytes),
      max_result_rows: String(resultRows),
      result_overflow_mode: 'throw',
      date_time_output_format: 'iso',
      // An answer may call a column as the table does: `max(timestamp) AS timestamp`.
      prefer_column_name_to_alias: 1,
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
    },
  });
  const { data, statistics } = await result.json<unknown>();
  return { rows: data.map((value) => row.parse(value)), rowsRead: statistics?.rows_read ?? 0 };
};

const Running: RowSchema<RunningQuestion> = z.object({
  name: z.string(),
  seconds: z.number(),
  rowsRead: z.coerce.number(),
  rowsTotal: z.coerce.number(),
  memoryBytes: z.coerce.number(),
});

const runningQuestions = (prefix: string, target: Target): Sql => sql`
  SELECT
    Settings['log_comment'] AS name,
    max(elapsed) AS seconds,
    sum(read_rows) AS rowsRead,
    sum(total_rows_approx) AS rowsTotal,
    sum(greatest(memory_usage, 0)) AS memoryBytes
  FROM ${processesOf(target)}
  WHERE is_initial_query = 1
    AND startsWith(name, ${prefix})
  GROUP BY name
  ORDER BY seconds DESC`;

/** The embedded engine behind HTTP knows no users but one: the name and password are its door's, and a dictionary must not sign in with them. */
const withKnownUser = async (client: ClickHouseClient, target: Target): Promise<Target> => {
  const { server } = target;
  if (server === null) return target;
  const answer = await client.query({ query: 'SELECT currentUser() AS user', format: 'JSONEachRow' });
  const [row] = await answer.json<{ user: string }>();
  if (row === undefined || row.user === server.user) return target;
  return { ...target, server: { ...server, user: row.user, password: '' } };
};

/** The warehouse over ClickHouse's HTTP interface: a server, a cluster, or the embedded engine. */
export const createClickHouse = (options: { url: string; telemetry: Telemetry; target?: Target }): Warehouse => {
  const { metrics } = options.telemetry;
  const target = options.target ?? embeddedTarget;
  const connect = (max_open_connections: number): ClickHouseClient =>
    createClient({
      url: options.url,
      request_timeout: insertMilliseconds,
      max_open_connections,
      keep_alive: { enabled: true, idle_socket_ttl: 60_000 },
      compression: { request: false, response: false },
      log: { level: 127 as never },
    });
  const client = connect(10);
  // Their own connections: a rush of questions must not make the sink wait.
  const inserts = connect(4);
  const querySeconds = new Histogram({
    name: 'desirepath_warehouse_query_seconds',
    help: 'Time of a query',
    registers: [metrics],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
  });
  const insertSeconds = new Histogram({
    name: 'desirepath_warehouse_insert_seconds',
    help: 'Time of an insert',
    registers: [metrics],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
  });
  const insertedRows = new Counter({
    name: 'desirepath_warehouse_inserted_rows_total',
    help: 'Rows that the engine says it wrote',
    labelNames: ['table'],
    registers: [metrics],
  });

  return {
    query: async (statement, row, limits = {}) => {
      const startedAt = performance.now();
      try {
        const answer = await timed(querySeconds, () => askRows(client, statement, row, limits, target));
        return { ...answer, elapsedMs: Math.round((performance.now() - startedAt) * 10) / 10 };
      } catch (error) {
        throw asQueryError(error, limits);
      }
    },
    running: async (prefix) => {
      try {
        return (await askRows(client, runningQuestions(prefix, target), Running, {}, target)).rows;
      } catch (error) {
        throw asQueryError(error);
      }
    },
    insert: async (table, columns, rows, format = 'JSONCompactEachRow') => {
      const pieces = Buffer.isBuffer(rows) ? [rows] : rows;
      if (pieces.every(({ length }) => length === 0)) return;
      try {
        // `client.insert` would encode every value again: `exec` streams the bytes as they are.
        await timed(insertSeconds, async () => {
          const { stream, summary } = await inserts.exec({
            query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT ${format}`,
            values: Readable.from(pieces, { objectMode: false }),
            clickhouse_settings: insertSettings(table, target),
          });
          stream.resume();
          await finished(stream);
          insertedRows.inc({ table }, Number(summary?.written_rows ?? 0));
        });
      } catch (error) {
        if (error instanceof ClickHouseError && refusedCodes.has(error.code) && !isOfTypes(error))
          throw new RefusedBlock(error.message);
        if (error instanceof ClickHouseError && (bugCodes.has(error.code) || isOfTypes(error))) throw error;
        throw asUnavailable(error);
      }
    },
    command: async ({ text, parameters }) => {
      try {
        const known = text.includes('CREATE DICTIONARY') ? await withKnownUser(client, target) : target;
        for (const query of statementsFor(text, known)) await client.command({ query, query_params: parameters });
      } catch (error) {
        throw asQueryError(error);
      }
    },
    ping: async () => {
      const answer = await client.ping();
      if (!answer.success) throw asUnavailable(answer.error);
    },
    close: async () => {
      await client.close();
      await inserts.close();
    },
  };
};
