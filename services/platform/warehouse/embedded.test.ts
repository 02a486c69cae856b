import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
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

warehouseContract('embedded engine', async () => (await once()).warehouse);

test('migrations are applied once', async () => {
  const { warehouse } = await once();
  expect((await migrate(warehouse)).applied).toContain('0001_events.sql');
  expect((await migrate(warehouse)).applied).toEqual([]);
});

test('nobody without the password gets an answer', async () => {
  const { engine } = await once();
  const url = new URL(engine.url);
  const response = await fetch(`http://${url.host}/?query=SELECT%201`);
  expect(response.status).toBe(401);
});

test('links between ids: the earliest active one wins, an undo gives way to the next', async () => {
  const { warehouse } = await once();
  await migrate(warehouse);
  const link = (user: string, at: string, active = 1) =>
    warehouse.insert(
      'identities',
      ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id', 'active'],
      Buffer.from(`${JSON.stringify(['s', 'device', user, at, 'm', active])}\n`),
    );
  const owner = async (): Promise<string> => {
    await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
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
  for (let round = 0; round < 5; round += 1) {
    const kill = setTimeout(() => process.kill(engine.pid(), 'SIGKILL'), 20 + Math.random() * 150);
    await expect(async () => {
      for (;;) await insert();
    }).rejects.toMatchObject({ code: 'unavailable' });
    clearTimeout(kill);
    await expect
      .poll(
        () =>
          warehouse.ping().then(
            () => 'back',
            () => 'away',
          ),
        { timeout: 15_000 },
      )
      .toBe('back');
  }
  const { rows } = await warehouse.query(
    sql`SELECT block, count() AS rows, uniqExact(row) AS distinct FROM killed GROUP BY block ORDER BY block`,
    z.object({ block: z.number(), rows: z.coerce.number(), distinct: z.coerce.number() }),
  );
  const stored = new Map(rows.map((row) => [row.block, row]));
  expect(acknowledged.length).toBeGreaterThan(5);
  for (const each of acknowledged) expect(stored.get(each)).toEqual({ block: each, rows: 2000, distinct: 2000 });
});
