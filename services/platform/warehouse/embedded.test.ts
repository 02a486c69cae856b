import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../../test/support/process.ts';
import { createTelemetry } from '../telemetry.ts';
import { createClickHouse } from './clickhouse.ts';
import { warehouseContract } from './contract.ts';
import { createEmbeddedEngine, type EmbeddedEngine } from './embedded.ts';
import { migrate } from './migrate.ts';
import { sql } from './sql.ts';
import type { Warehouse } from './warehouse.ts';

const opened: { folder: string; engine: EmbeddedEngine; warehouse: Warehouse }[] = [];
const open = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-engine-'));
  const telemetry = createTelemetry({ logLevel: 'silent' });
  const engine = await createEmbeddedEngine({ path: join(folder, 'warehouse'), telemetry });
  const all = { folder, engine, warehouse: createClickHouse({ url: engine.url, telemetry }) };
  opened.push(all);
  return all;
};
const shared: { promise?: ReturnType<typeof open> } = {};
const once = () => (shared.promise ??= open());

beforeAll(once);
afterAll(async () => {
  for (const { folder, engine, warehouse } of opened) {
    await warehouse.close();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});

const untilBack = (warehouse: Warehouse): Promise<void> =>
  vi.waitFor(() => warehouse.ping(), { timeout: 15_000, interval: 50 });

warehouseContract('embedded engine', async () => (await once()).warehouse);

test('migrations are applied once', async () => {
  const { warehouse } = await once();
  expect((await migrate(warehouse)).applied).toContain('0001_events.sql');
  expect((await migrate(warehouse)).applied).toEqual([]);
});

test('services that start at the same time migrate the same warehouse at the same time', async () => {
  const { warehouse, engine } = await open();
  const others = [1, 2, 3].map(() =>
    createClickHouse({ url: engine.url, telemetry: createTelemetry({ logLevel: 'silent' }) }),
  );
  await Promise.all([warehouse, ...others].map((each) => migrate(each)));
  expect((await migrate(warehouse)).applied).toEqual([]);
  const { rows } = await warehouse.query(
    sql`SELECT uniqExact(name) AS names FROM migrations`,
    z.object({ names: z.string() }),
  );
  expect(Number(rows[0]?.names)).toBeGreaterThan(5);
  for (const each of others) await each.close();
});

test('a migration that changed after it was applied is named, and nothing else is applied', async () => {
  const { warehouse } = await open();
  await migrate(warehouse);
  await warehouse.command(
    sql`ALTER TABLE migrations UPDATE checksum = 'of other text' WHERE name = '0002_identities.sql' SETTINGS mutations_sync = 1`,
  );
  await expect(migrate(warehouse)).rejects.toThrow('0002_identities.sql was applied to this warehouse and has changed');
});

test('nobody without the password gets an answer', async () => {
  const { engine } = await once();
  const url = new URL(engine.url);
  const response = await fetch(`http://${url.host}/?query=SELECT%201`);
  expect(response.status).toBe(401);
});

test('other clients: a compressed body, a format in the statement, and no writing where they ask to read only', async () => {
  const { engine } = await once();
  const { host, username, password } = new URL(engine.url);
  const ask = (query: string, search = '') =>
    fetch(`http://${host}/?${search}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${username}:${password}`)}`, 'content-encoding': 'gzip' },
      body: gzipSync(query),
    });
  const answer = await ask('SELECT number FROM numbers(3) FORMAT CSV');
  expect(await answer.text()).toBe('0\n1\n2\n');
  expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ result_rows: '3' });
  const refused = await ask('CREATE TABLE sneaky (a UInt8) ENGINE = Memory', 'readonly=1');
  expect(refused.headers.get('x-clickhouse-exception-code')).toBe('164');
  expect((await ask('/* a */ (SELECT 1)', 'readonly=1')).status).toBe(200);
});

test('as on a server, each request says which database it asks', async () => {
  const { engine } = await open();
  const { host, username, password } = new URL(engine.url);
  const ask = async (query: string, database?: string): Promise<string> => {
    const response = await fetch(`http://${host}/${database === undefined ? '' : `?database=${database}`}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` },
      body: query,
    });
    const text = await response.text();
    return response.ok ? text.trim() : `error ${response.headers.get('x-clickhouse-exception-code')}`;
  };
  for (const name of ['one', 'two']) {
    await ask(`CREATE DATABASE ${name}`);
    await ask('CREATE TABLE names (name String) ENGINE = MergeTree ORDER BY name', name);
    await ask(`INSERT INTO names VALUES ('${name}')`, name);
    await ask('USE one');
  }
  for (let turn = 0; turn < 10; turn += 1) {
    const answers = await Promise.all(['one', 'two'].map((name) => ask('SELECT name FROM names', name)));
    expect(answers).toEqual(['one', 'two']);
    expect(await ask('SELECT currentDatabase()')).toBe('default');
  }
  expect(await ask('SELECT 1', 'nowhere'), 'unknown database').toBe('error 81');
});

test('an engine that is told where to listen makes the database of its URL', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-engine-'));
  const telemetry = createTelemetry({ logLevel: 'silent' });
  const url = `http://shop:secret@127.0.0.1:${await freePort()}/journeys`;
  const engine = await createEmbeddedEngine({ path: join(folder, 'warehouse'), telemetry, url });
  const warehouse = createClickHouse({ url, telemetry });
  opened.push({ folder, engine, warehouse });
  const { rows } = await warehouse.query(sql`SELECT currentDatabase() AS name`, z.object({ name: z.string() }));
  expect(rows).toEqual([{ name: 'journeys' }]);
});

test('told to stop, the engine breaks off a long question and goes', async () => {
  const { engine, warehouse } = await open();
  const long = warehouse
    .query(sql`SELECT sum(sipHash64(number)) AS n FROM numbers(100000000000)`, z.object({}))
    .catch((error: unknown) => error);
  await delay(300);
  const startedAt = performance.now();
  await engine.close();
  // By itself: it would be killed after 8 s.
  expect(performance.now() - startedAt).toBeLessThan(7000);
  expect(await long).toMatchObject({ code: 'unavailable' });
});

test('links between ids: the earliest active one wins, an undo gives way to the next', async () => {
  const { engine, warehouse } = await open();
  await migrate(warehouse);
  const link = (user: string, at: string, active = 1) =>
    warehouse.insert(
      'identities',
      ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id', 'active'],
      Buffer.from(`${JSON.stringify(['s', 'device', user, at, 'm', active])}\n`),
    );
  const owner = async (isReloaded = true): Promise<string> => {
    if (isReloaded) await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
    const { rows } = await warehouse.query(
      sql`
        WITH dictGetOrDefault('identity', 'to_person', sipHash64('s', 'anonymous', 'device'), toUInt64(0)) AS person
        SELECT multiIf(person = sipHash64('s', 'user', 'ada'), 'ada', person = sipHash64('s', 'user', 'bob'), 'bob', 'nobody') AS owner`,
      z.object({ owner: z.string() }),
    );
    return rows[0]?.owner ?? '';
  };
  expect(await owner()).toBe('nobody');
  await link('bob', '2026-02-01 00:00:00');
  expect(await owner()).toBe('bob');
  await link('ada', '2026-01-01 00:00:00');
  expect(await owner(), 'a late event that is earlier').toBe('ada');
  await link('ada', '2026-01-01 00:00:00', 0);
  expect(await owner()).toBe('bob');
  const killed = engine.pid();
  process.kill(killed, 'SIGKILL');
  await vi.waitFor(() => expect([0, killed]).not.toContain(engine.pid()), { timeout: 15_000 });
  await untilBack(warehouse);
  expect(await owner(false), 'a started engine knows the links by itself').toBe('bob');
});

test('every acknowledged block survives a killed engine, once, and the engine comes back by itself', {
  timeout: 90_000,
}, async () => {
  const { engine, warehouse } = await open();
  await warehouse.command(sql`CREATE TABLE killed (block UInt32, row UInt32) ENGINE = MergeTree ORDER BY (block, row)`);
  const acknowledged: number[] = [];
  let block = 0;
  const insert = async (): Promise<void> => {
    block += 1;
    const rows = Array.from({ length: 2000 }, (_, row) => `[${block},${row}]\n`).join('');
    await warehouse.insert('killed', ['block', 'row'], Buffer.from(rows));
    acknowledged.push(block);
  };
  for (let round = 0; round < 5 || acknowledged.length <= 5; round += 1) {
    const kill = setTimeout(() => process.kill(engine.pid(), 'SIGKILL'), 20 + Math.random() * 150);
    await expect(async () => {
      for (;;) await insert();
    }).rejects.toMatchObject({ code: 'unavailable' });
    clearTimeout(kill);
    await untilBack(warehouse);
  }
  const { rows } = await warehouse.query(
    sql`SELECT block, count() AS rows, uniqExact(row) AS distinct FROM killed GROUP BY block ORDER BY block`,
    z.object({ block: z.number(), rows: z.coerce.number(), distinct: z.coerce.number() }),
  );
  const stored = new Map(rows.map((row) => [row.block, row]));
  for (const each of acknowledged) expect(stored.get(each)).toEqual({ block: each, rows: 2000, distinct: 2000 });
});
