import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openWarehouse } from '../../../test/support/warehouse.ts';
import { splitStatements } from './migrate.ts';
import { embeddedTarget, insertSettings, questionSettings, statementsFor, targetOf } from './target.ts';

const cluster = targetOf('http://shop:it%27s@warehouse:8123/journeys', 'main cluster');
const folder = new URL('./migrations/', import.meta.url);
const migrations = readdirSync(folder).flatMap((file) => splitStatements(readFileSync(new URL(file, folder), 'utf8')));

test('every statement of every migration is one that the engine can parse, on a cluster and on a server', async () => {
  const warehouse = await openWarehouse();
  const maintenance = ["OPTIMIZE TABLE events PARTITION ID '202611' FINAL", 'SYSTEM RELOAD DICTIONARY identity'];
  const targets = [embeddedTarget, targetOf('http://shop:secret@warehouse:8123/journeys', null), cluster];
  const statements = targets.flatMap((target) =>
    [...migrations, ...maintenance].flatMap((statement) => statementsFor(statement, target)),
  );
  expect(statements.length).toBeGreaterThan(3 * migrations.length);
  for (const text of statements) {
    const { rows } = await warehouse.query(
      { text: `EXPLAIN AST ${text}`, parameters: {} },
      z.object({ explain: z.string() }),
    );
    expect(rows.length, text).toBeGreaterThan(0);
  }
  await expect(
    warehouse.query({ text: 'EXPLAIN AST CREATE TABLE ON CLUSTER', parameters: {} }, z.object({})),
    'parsing finds mistakes',
  ).rejects.toThrow('Syntax error');
});

test('on a cluster every table is replicated and made on every server; only events are spread', () => {
  const statements = migrations.flatMap((statement) => statementsFor(statement, cluster));
  const tables = statements.filter((statement) => statement.startsWith('CREATE TABLE'));
  expect(tables.every((statement) => statement.includes('ON CLUSTER `main cluster`'))).toBe(true);
  expect(
    tables.filter((statement) => !/ENGINE = (Replicated\w*MergeTree\('\/clickhouse|Distributed\()/.test(statement)),
  ).toEqual([]);
  expect(tables.find((statement) => statement.includes('TABLE IF NOT EXISTS events_local'))).toContain(
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{table}/{shard}', '{replica}')",
  );
  expect(tables).toContain(
    "CREATE TABLE IF NOT EXISTS events ON CLUSTER `main cluster` AS events_local ENGINE = Distributed('main cluster', 'journeys', 'events_local', person)",
  );
  expect(tables.find((statement) => statement.includes('TABLE IF NOT EXISTS received'))).toContain(
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{table}/all', '{shard}-{replica}', events)",
  );
  const dictionary = statements.find((statement) => statement.startsWith('CREATE DICTIONARY'));
  expect(dictionary).toContain(
    "USER 'shop' PASSWORD 'it\\'s' DB 'journeys' INVALIDATE_QUERY 'SELECT count(), max(recorded_at) FROM `journeys`.identities' QUERY",
  );
  expect(dictionary).toMatch(/QUERY '\s+SELECT from_person[^']+FROM `journeys`\.identities/);
  expect(dictionary).toContain('LIFETIME(MIN 2 MAX 5)');
});

test('events change on their shards and above them, the rest where it is; other DDL must be taught', () => {
  expect(statementsFor('ALTER TABLE events ADD COLUMN IF NOT EXISTS x String', cluster)).toEqual([
    'ALTER TABLE events_local ON CLUSTER `main cluster` ADD COLUMN IF NOT EXISTS x String',
    'ALTER TABLE events ON CLUSTER `main cluster` ADD COLUMN IF NOT EXISTS x String',
  ]);
  expect(statementsFor('ALTER TABLE ledger ADD COLUMN IF NOT EXISTS x String', cluster)).toHaveLength(1);
  expect(statementsFor('ALTER TABLE events MATERIALIZE PROJECTION IF EXISTS x', cluster)).toEqual([
    'ALTER TABLE events_local ON CLUSTER `main cluster` MATERIALIZE PROJECTION IF EXISTS x',
  ]);
  expect(statementsFor('ALTER TABLE events ADD INDEX IF NOT EXISTS x order_id TYPE minmax', cluster)).toEqual([
    'ALTER TABLE events_local ON CLUSTER `main cluster` ADD INDEX IF NOT EXISTS x order_id TYPE minmax',
  ]);
  expect(statementsFor("OPTIMIZE TABLE events PARTITION ID '202611' FINAL", cluster)).toEqual([
    "OPTIMIZE TABLE events_local ON CLUSTER `main cluster` PARTITION ID '202611' FINAL",
  ]);
  expect(() => statementsFor('CREATE MATERIALIZED VIEW x TO y AS SELECT 1', cluster)).toThrow('Teach target.ts');
});

test('a single server gets no setting of a cluster; on a cluster the ledger is written by a quorum, in turn', () => {
  expect(insertSettings('ledger', embeddedTarget)).toEqual({});
  expect(questionSettings(embeddedTarget)).toEqual({});
  expect(insertSettings('ledger', cluster)).toMatchObject({ insert_quorum: 'auto', insert_quorum_parallel: 0 });
  expect(insertSettings('events', cluster)).toMatchObject({ insert_quorum: 'auto', insert_quorum_parallel: 1 });
});
