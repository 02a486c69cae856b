import { timingSafeEqual } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { createLane, type Lane } from './engine-lane.ts';
import { type EngineRequest, parseEngineRequest, parseInsert, quoted } from './engine-request.ts';
import { quoteName } from './target.ts';

/**
 * The engine's own process: chdb on one data directory, answering on loopback what a ClickHouse server answers on port 8123. Started by
 * embedded.ts with what it needs in one IPC message; ends when told, or when its parent is gone.
 */
export type EngineStart = {
  path: string;
  host: string;
  port: number;
  user: string;
  password: string;
  /** Made if it is not there. */
  database: string;
};
export type EngineStarted = { kind: 'listening'; port: number } | { kind: 'failed'; reason: string };

type Result = { text(): string; bytes(): Uint8Array; rowsRead: number; bytesRead: number; elapsed: number };
type Session = {
  query(text: string, format: string): string;
  queryAsync(text: string, options: { format: string }): Promise<Result>;
  close(): void;
};

/** Laptop-sized: the whole product is to stay under 1.5 GB. */
const engineArguments = [
  '--max_server_memory_usage=900000000',
  '--max_memory_usage=700000000',
  '--max_bytes_before_external_group_by=300000000',
  '--max_bytes_before_external_sort=300000000',
  '--mark_cache_size=50000000',
  '--uncompressed_cache_size=0',
  '--background_pool_size=2',
  '--background_schedule_pool_size=2',
  '--max_partitions_per_insert_block=0',
  // Bound lists of ids come as a SET statement.
  '--max_query_size=2000000',
  '--async_load_databases=0',
  '--async_load_system_database=0',
];

/**
 * A connection of chdb runs one statement at a time, so a short question would wait for a long one (measured: 8.4 s). Connections to the
 * same folder run side by side and cost 0.1 MB. Inserts have their own, so that questions never hold up the sink.
 */
const questionConnections = 4;
const insertConnections = 2;
const mostWaiting = 200;

/** A server's own limit of a URL (`http_max_uri_size`); Node's 16 KB would cut lists of bound values. */
const mostHeaderBytes = 1024 * 1024;

/** What is left to the running inserts when told to stop. */
const stopMilliseconds = 3000;

/** Blocks are at most some 30 MB; anything above is no caller of ours. */
const mostBodyBytes = 256 * 1024 * 1024;

/** Of a body that is written to a file, so much at a time. */
const writeBytes = 1024 * 1024;

/** Between two tries to break off a statement whose caller hung up: it may not have begun when the first came. */
const breakOffMilliseconds = 100;

type Connection = { session: Session; database: string };
type Lanes = {
  questions: Lane<Connection>;
  inserts: Lane<Connection>;
  /** For what must not wait for the others: which statements run, and breaking one off. */
  control: Lane<Connection>;
};

/** Into the database that a request names. @throws the engine's error where there is none of that name */
const enter = async (connection: Connection, database: string): Promise<Session> => {
  if (connection.database !== database) {
    await connection.session.queryAsync(`USE ${quoteName(database)}`, { format: 'Null' });
    connection.database = database;
  }
  return connection.session;
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw new Error(`a body above ${mostBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: mostBodyBytes }) : body;
};

const isAuthorized = (request: IncomingMessage, expected: string): boolean => {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

const answerError = (response: ServerResponse, error: unknown): void => {
  const { message = String(error), clickhouseCode = 0 } = error as { message?: string; clickhouseCode?: number };
  response
    .writeHead(clickhouseCode === 62 ? 400 : 500, {
      'content-type': 'text/plain',
      'x-clickhouse-exception-code': String(clickhouseCode),
    })
    .end(message);
};

/** Lines of the answer, where a line is a row; JDBC clients take an answer without `result_rows` for an empty one. */
const resultRows = (format: string, bytes: Uint8Array): number => {
  if (!/EachRow$|^TabSeparated$|^TSV$|^CSV$/.test(format)) return bytes.length > 0 ? 1 : 0;
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
};

/** Files of rows on their way in, in the working directory: INFILE takes a path for a pattern, so it gets a bare name of ours. */
const incoming = { count: 0 };

const openIncoming = (path: string): void => {
  const folder = join(path, 'incoming');
  // What a killed engine left is on the log still, or its writer knows that it failed.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.chdir(folder);
};

async function* upTo(source: AsyncIterable<Buffer>) {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw new Error(`a body above ${mostBodyBytes} bytes`);
    yield chunk;
  }
}

/**
 * By way of a file, which the engine reads in large blocks: chdb's own insert of bytes takes text formats only, and twice the CPU. The file is
 * not synced and is gone after milliseconds, so it is not written to the disk as a rule.
 */
const insert = async (
  { inserts }: Lanes,
  { database, head, format }: EngineRequest & { kind: 'insert' },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  incoming.count += 1;
  const file = `rows-${incoming.count}`;
  try {
    const isZipped = request.headers['content-encoding'] === 'gzip';
    const target = createWriteStream(file, { mode: 0o600, highWaterMark: writeBytes });
    await (isZipped ? pipeline(request, createGunzip(), upTo, target) : pipeline(request, upTo, target));
    const { rowsRead } = await inserts.use(async (connection) => {
      const session = await enter(connection, database);
      return session.queryAsync(`${head} FROM INFILE ${quoted(file)} FORMAT ${format}`, { format: 'Null' });
    });
    response.writeHead(200, { 'x-clickhouse-summary': JSON.stringify({ written_rows: String(rowsRead) }) }).end();
  } finally {
    await rm(file, { force: true });
  }
};

const answerQuery = async (
  connection: Connection,
  { database, text, format, bindings }: EngineRequest & { kind: 'query' },
  queryId: string,
  response: ServerResponse,
): Promise<void> => {
  const session = await enter(connection, database);
  // Good for this request, as over HTTP on a server.
  if (/^\s*USE\b/i.test(text)) connection.database = '';
  if (bindings !== '') await session.queryAsync(bindings, { format: 'Null' });
  const result = await session.queryAsync(text, { format });
  const bytes = result.bytes();
  response.writeHead(200, {
    'content-type': format.startsWith('JSON') ? 'application/json' : 'text/plain',
    'content-length': bytes.length,
    'x-clickhouse-format': format,
    'x-clickhouse-timezone': 'UTC',
    'x-clickhouse-query-id': queryId,
    'x-clickhouse-summary': JSON.stringify({
      read_rows: String(result.rowsRead),
      read_bytes: String(result.bytesRead),
      result_rows: String(resultRows(format, bytes)),
      elapsed_ns: String(Math.round(result.elapsed * 1e9)),
    }),
  });
  response.end(bytes);
};

/** Until the statement has ended: it may not have begun, and chdb itself cannot break one off. */
const breakOff = async ({ control }: Lanes, name: string, running: { hasEnded: boolean }): Promise<void> => {
  while (!running.hasEnded) {
    const kill = `KILL QUERY WHERE Settings['log_comment'] = ${quoted(name)} ASYNC`;
    await control.use(({ session }) => session.queryAsync(kill, { format: 'Null' })).catch(() => undefined);
    await delay(breakOffMilliseconds);
  }
};

/** As a server does for questions: whoever hangs up does not want the answer, and nobody else should wait for it. */
const query = async (
  lanes: Lanes,
  asked: EngineRequest & { kind: 'query' },
  queryId: string,
  response: ServerResponse,
): Promise<void> => {
  const lane = /\bFROM\s+system\.processes\b/.test(asked.text) ? lanes.control : lanes.questions;
  await lane.use(async (connection) => {
    if (response.destroyed) return;
    const running = { hasEnded: false };
    if (asked.name !== '') response.once('close', () => void breakOff(lanes, asked.name, running));
    try {
      await answerQuery(connection, asked, queryId, response);
    } catch (error) {
      // A connection keeps a statement that failed, its memory and its place among the running ones, until the next one comes.
      await connection.session.queryAsync('SELECT 1', { format: 'Null' });
      throw error;
    } finally {
      running.hasEnded = true;
    }
  });
};

const createHandler = (lanes: Lanes, authorization: string) => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://engine');
    if (url.pathname !== '/ping' && !isAuthorized(request, authorization)) {
      response.writeHead(401).end('Code: 516. DB::Exception: Authentication failed');
      return;
    }
    const queryId = url.searchParams.get('query_id') ?? '';
    // Every statement can be found while it runs.
    if (queryId !== '' && !url.searchParams.has('log_comment')) url.searchParams.set('log_comment', queryId);
    const rows = parseInsert(url.searchParams);
    if (rows !== null) return insert(lanes, rows, request, response);
    const asked = parseEngineRequest(url.pathname, url.searchParams, request.headers, await readBody(request));
    if (asked.kind === 'ping') response.end('Ok.\n');
    else if (asked.kind === 'refused') answerError(response, { message: asked.reason, clickhouseCode: asked.code });
    else if (asked.kind === 'query') await query(lanes, asked, queryId, response);
  };
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => answerError(response, error));
  };
};

/** Questions are broken off, inserts may end; what takes longer is killed, which loses nothing that was acknowledged. */
const createStop = (server: Server, connections: readonly Connection[], { questions, inserts, control }: Lanes) => {
  const isIdle = (): boolean => questions.isIdle() && inserts.isIdle();
  return async (): Promise<void> => {
    server.close();
    const until = performance.now() + stopMilliseconds;
    while (!isIdle() && performance.now() < until) {
      await control
        .use(({ session }) => session.queryAsync("KILL QUERY WHERE query_kind = 'Select' ASYNC", { format: 'Null' }))
        .catch(() => undefined);
      await delay(50);
    }
    // Closing waits for what runs, and so does leaving in the ordinary way.
    if (!isIdle()) process.kill(process.pid, 'SIGKILL');
    server.closeAllConnections();
    for (const { session } of connections) session.close();
    process.exit(0);
  };
};

const start = ({ path, host, port, user, password, database }: EngineStart): void => {
  const { Session: ChdbSession } = createRequire(import.meta.url)('chdb') as {
    Session: new (path: string, options: { connectionArgs: readonly string[] }) => Session;
  };
  const folder = resolve(path);
  const open = (): Connection => ({
    session: new ChdbSession(folder, { connectionArgs: engineArguments }),
    database: 'default',
  });
  const control = open();
  // Only now is the folder ours: an engine that is about to end may still have been using it.
  openIncoming(folder);
  control.session.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`, 'Null');
  const forQuestions = Array.from({ length: questionConnections }, open);
  const forInserts = Array.from({ length: insertConnections }, open);
  const lanes = {
    questions: createLane(forQuestions, mostWaiting),
    inserts: createLane(forInserts, mostWaiting),
    control: createLane([control], mostWaiting),
  };
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createServer(
    { keepAliveTimeout: 120_000, maxHeaderSize: mostHeaderBytes },
    createHandler(lanes, authorization),
  );
  const stop = createStop(server, [control, ...forQuestions, ...forInserts], lanes);
  process.on('disconnect', () => void stop());
  process.on('message', (message) => {
    if (message === 'stop') void stop();
  });
  server.listen(port, host, () => {
    const address = server.address();
    const started: EngineStarted = {
      kind: 'listening',
      port: typeof address === 'object' && address !== null ? address.port : port,
    };
    process.send?.(started);
  });
};

// Ctrl-C reaches the whole group of processes: the parent decides when the engine ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// Queries and inserts wait their turn behind the collector, which has somebody waiting.
setPriority(5);
process.once('message', (message) => {
  try {
    start(message as EngineStart);
  } catch (error) {
    const failed: EngineStarted = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    process.send?.(failed);
  }
});
