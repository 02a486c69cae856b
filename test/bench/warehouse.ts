/**
 * Inserts through the adapter against a plain JSONEachRow insert of the same rows by chdb itself, each in a fresh folder with an engine of
 * its own, block by block in turn; then the engine's memory, and the dictionary of links: `node test/bench/warehouse.ts [rows] [links]`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createTelemetry } from '../../services/platform/telemetry.ts';
import { createClickHouse } from '../../services/platform/warehouse/clickhouse.ts';
import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import { createEmbeddedEngine } from '../../services/platform/warehouse/embedded.ts';
import { migrate, splitStatements } from '../../services/platform/warehouse/migrate.ts';
import { sql, typed } from '../../services/platform/warehouse/sql.ts';
import { createSampleBatch } from './sample-batch.ts';

const rowsOfBlock = 50_000;

type PlainSession = {
  queryAsync(text: string, options: { format: string }): Promise<{ text(): string }>;
  insert(block: { table: string; format: string; values: Buffer }): Promise<unknown>;
  close(): void;
};

const { batch } = JSON.parse(createSampleBatch()) as { batch: Record<string, unknown>[] };

const columns =
  'site,timestamp,event,type,message_id,anonymous_id,user_id,session,original_timestamp,received_at,channel,'
    .concat(
      'product_id,product_name,category,brand,price,quantity,currency,cart_id,properties,context,log_partition,log_offset',
    )
    .split(',');

const rowOf = (number: number): unknown[] => {
  const event = batch[number % batch.length] ?? {};
  const properties = event['properties'] as Record<string, unknown>;
  const at = columnTime(Date.UTC(2026, 8, 1) + number * 2000);
  const device = `device-${(number * 7919) % 50_000}`;
  const product = ['product_id', 'name', 'category', 'brand'].map((name) => properties[name]);
  return ['shop', at, event['event'], 'track', `ajs-next-${number}-5f0c6a0e-7f0e-4a59`, device, '', `session-${device}`]
    .concat([at, at, 'browser'])
    .concat(product as string[])
    .concat([String(properties['price']), properties['quantity'], 'EUR', `cart-${device}`] as string[])
    .concat([JSON.stringify(properties), JSON.stringify(event['context']), number % 8, number] as string[]);
};

const linesOf = (rows: readonly unknown[][], isCompact: boolean): Buffer =>
  Buffer.from(
    rows
      .map((row) => JSON.stringify(isCompact ? row : Object.fromEntries(columns.map((name, at) => [name, row[at]]))))
      .join('\n'),
  );

const residentMegabytes = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000);

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/** chdb in this process, as its own guide says, with its defaults: what the adapter is compared with. */
const openPlain = async (path: string): Promise<PlainSession> => {
  const { Session } = createRequire(import.meta.url)('chdb') as { Session: new (path: string) => PlainSession };
  const session = new Session(path);
  const folder = new URL('../../services/platform/warehouse/migrations/', import.meta.url);
  const [first = ''] = readdirSync(folder).sort();
  for (const statement of splitStatements(readFileSync(new URL(first, folder), 'utf8')))
    await session.queryAsync(statement, { format: 'TSV' });
  return session;
};

const measureInserts = async (rows: number, warehouse: ReturnType<typeof createClickHouse>, plain: PlainSession) => {
  const milliseconds = { adapter: 0, plain: 0, bytes: 0 };
  for (let from = 0; from < rows; from += rowsOfBlock) {
    const block = Array.from({ length: rowsOfBlock }, (_, at) => rowOf(from + at));
    const compact = linesOf(block, true);
    const named = linesOf(block, false);
    milliseconds.bytes += compact.length;
    milliseconds.adapter += await timed(() => warehouse.insert('events', columns, compact));
    milliseconds.plain += await timed(() => plain.insert({ table: 'events', format: 'JSONEachRow', values: named }));
  }
  return milliseconds;
};

const measureLinks = async (links: number, warehouse: ReturnType<typeof createClickHouse>): Promise<void> => {
  const many = typed('UInt64', links);
  await warehouse.command(sql`
    INSERT INTO identities (site, anonymous_id, user_id, linked_at, message_id)
    SELECT 'shop', concat('device-', toString(number)), concat('user-', toString(number)), now64(3), 'm' FROM numbers(${many})`);
  const reload = sql`SYSTEM RELOAD DICTIONARY identity`;
  const reloads = [await timed(() => warehouse.command(reload)), await timed(() => warehouse.command(reload))];
  const { rows } = await warehouse.query(
    sql`SELECT element_count AS links, bytes_allocated AS bytes FROM system.dictionaries WHERE name = 'identity'`,
    z.object({ links: z.coerce.number(), bytes: z.coerce.number() }),
  );
  const asked = await warehouse.query(
    sql`SELECT uniq(dictGetOrDefault('identity', 'to_person', person, person)) AS persons FROM events`,
    z.object({ persons: z.coerce.number() }),
  );
  const size = `${rows[0]?.links} links, ${Math.round((rows[0]?.bytes ?? 0) / 1e6)} MB`;
  console.log(
    `identity: ${size}, reloaded in ${reloads.map(Math.round).join(' and ')} ms; read for every event in ${asked.elapsedMs} ms`,
  );
};

const [rows = 1_000_000, links = 1_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'desirepath-bench-'));
const telemetry = createTelemetry({ logLevel: 'warn' });
const engine = await createEmbeddedEngine({ path: join(folder, 'adapter'), telemetry });
const warehouse = createClickHouse({ url: engine.url, telemetry });
await migrate(warehouse);
const plain = await openPlain(join(folder, 'plain'));
const idle = residentMegabytes(engine.pid());

const { adapter, plain: direct, bytes } = await measureInserts(rows, warehouse, plain);
const speed = (milliseconds: number): string => `${Math.round(rows / milliseconds)}k rows/s`;
console.log(`${rows} rows of ${Math.round(bytes / rows)} bytes in blocks of ${rowsOfBlock}`);
console.log(`adapter ${speed(adapter)}, plain ${speed(direct)}: ${Math.round((direct / adapter) * 100)} %`);
plain.close();
const loaded = residentMegabytes(engine.pid());
await delay(10_000);
console.log(
  `engine's memory: ${idle} MB idle, ${loaded} MB after the rows, ${residentMegabytes(engine.pid())} MB 10 s later`,
);
await measureLinks(links, warehouse);
console.log(`engine's memory with the links: ${residentMegabytes(engine.pid())} MB`);
await warehouse.close();
await engine.close();
rmSync(folder, { recursive: true, force: true });
