import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startClickHouse } from '../../../test/support/clickhouse.ts';
import { chooseWarehouse } from '../../../test/support/servers.ts';
import { createTelemetry } from '../telemetry.ts';
import { createClickHouse } from './clickhouse.ts';
import { warehouseContract } from './contract.ts';
import { migrate } from './migrate.ts';
import { sql } from './sql.ts';
import { targetOf } from './target.ts';

const open = async () => {
  const clickHouse = await startClickHouse();
  const { url } = clickHouse;
  const telemetry = createTelemetry({ logLevel: 'silent' });
  return { clickHouse, warehouse: createClickHouse({ url, telemetry, target: targetOf(url, null) }) };
};
const shared: { opened?: ReturnType<typeof open> } = {};
const once = () => (shared.opened ??= open());

// The first time, an image may have to be fetched.
beforeAll(once, 300_000);
afterAll(async () => {
  const { warehouse, clickHouse } = await once();
  await warehouse.close();
  await clickHouse.close();
});

warehouseContract(`ClickHouse by URL (${chooseWarehouse({}).kind})`, async () => (await once()).warehouse);

test('links between ids are read in the database of the URL, which is not the default one', async () => {
  const { warehouse } = await once();
  await migrate(warehouse);
  await warehouse.insert(
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
    Buffer.from(`${JSON.stringify(['s', 'device', 'ada', '2026-01-01 00:00:00', 'm'])}\n`),
  );
  await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
  const { rows } = await warehouse.query(
    sql`
      SELECT
        currentDatabase() AS database,
        dictGet('identity', 'to_person', sipHash64('s', 'anonymous', 'device')) = sipHash64('s', 'user', 'ada') AS isAda`,
    z.object({ database: z.string(), isAda: z.number() }),
  );
  expect(rows).toEqual([{ database: expect.stringMatching(/^desirepath_tests_/), isAda: 1 }]);
});
