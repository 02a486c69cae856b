import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { parseEngineRequest } from './engine-request.ts';

/**
 * The engine's own process: chdb on one data directory, answering on loopback what a ClickHouse server answers on port 8123. Started by
 * embedded.ts with what it needs in one IPC message; ends when told, or when its parent is gone.
 */
export type EngineStart = { path: string; port: number; user: string; password: string };
export type EngineStarted = { kind: 'listening'; port: number } | { kind: 'failed'; reason: string };

type Result = { text(): string; bytes(): Uint8Array; rowsRead: number; bytesRead: number; elapsed: number };
type Session = {
  queryAsync(text: string, options: { format: string }): Promise<Result>;
  queryBindAsync(text: string, parameters: object, options: { format: string }): Promise<Result>;
  insert(block: {
    table: string;
    columns?: string[];
    format: string;
    values: Buffer;
    settings?: object;
  }): Promise<{ rowsWritten: number }>;
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
  '--async_load_databases=0',
  '--async_load_system_database=0',
];

/** Blocks are at most some 30 MB; anything above is no caller of ours. */
const mostBodyBytes = 256 * 1024 * 1024;

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw new Error(`a body above ${mostBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
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

const createHandler = (session: Session, authorization: string) => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://engine');
    if (url.pathname !== '/ping' && !isAuthorized(request, authorization)) {
      response.writeHead(401).end('Code: 516. DB::Exception: Authentication failed');
      return;
    }
    const asked = parseEngineRequest(url.pathname, url.searchParams, request.headers, await readBody(request));
    if (asked.kind === 'ping') {
      response.end('Ok.\n');
      return;
    }
    if (asked.kind === 'insert') {
      const { rowsWritten } = await session.insert({
        table: asked.table,
        ...(asked.columns.length > 0 ? { columns: asked.columns } : {}),
        format: asked.format,
        values: asked.values,
      });
      response.writeHead(200, { 'x-clickhouse-summary': JSON.stringify({ written_rows: String(rowsWritten) }) }).end();
      return;
    }
    const result = await (Object.keys(asked.parameters).length > 0
      ? session.queryBindAsync(asked.text, asked.parameters, { format: asked.format })
      : session.queryAsync(asked.text, { format: asked.format }));
    const bytes = result.bytes();
    response.writeHead(200, {
      'content-type': asked.format.startsWith('JSON') ? 'application/json' : 'text/plain',
      'x-clickhouse-format': asked.format,
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-query-id': url.searchParams.get('query_id') ?? '',
      'x-clickhouse-summary': JSON.stringify({
        read_rows: String(result.rowsRead),
        read_bytes: String(result.bytesRead),
        result_rows: '1',
        elapsed_ns: String(Math.round(result.elapsed * 1e9)),
      }),
    });
    response.end(bytes);
  };
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => answerError(response, error));
  };
};

const start = ({ path, port, user, password }: EngineStart): void => {
  const { Session: ChdbSession } = createRequire(import.meta.url)('chdb') as {
    Session: new (path: string, options: { connectionArgs: readonly string[] }) => Session;
  };
  const session = new ChdbSession(path, { connectionArgs: engineArguments });
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createServer({ keepAliveTimeout: 120_000 }, createHandler(session, authorization));
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    session.close();
    process.exit(0);
  };
  process.on('disconnect', stop);
  process.on('message', (message) => {
    if (message === 'stop') stop();
  });
  server.listen(port, '127.0.0.1', () => {
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
