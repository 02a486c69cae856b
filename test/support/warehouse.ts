import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createTelemetry, type Telemetry } from '../../services/platform/telemetry.ts';
import { createClickHouse } from '../../services/platform/warehouse/clickhouse.ts';
import { createEmbeddedEngine } from '../../services/platform/warehouse/embedded.ts';
import { migrate } from '../../services/platform/warehouse/migrate.ts';
import { targetOf } from '../../services/platform/warehouse/target.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { startClickHouse } from './clickhouse.ts';
import { layMigrated } from './migrated.ts';

/** Where CLICKHOUSE_URL is given, a database there; else the engine, on a temporary folder. */
const open = async (telemetry: Telemetry): Promise<{ warehouse: Warehouse; close(): Promise<void> }> => {
  if (process.env['CLICKHOUSE_URL']) {
    const { url, close } = await startClickHouse();
    return { warehouse: createClickHouse({ url, telemetry, target: targetOf(url, null) }), close };
  }
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-warehouse-'));
  await layMigrated(folder);
  const engine = await createEmbeddedEngine({ path: folder, telemetry });
  const close = async (): Promise<void> => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { warehouse: createClickHouse({ url: engine.url, telemetry }), close };
};

/** A migrated warehouse, with what closes it. */
export const startWarehouse = async (): Promise<{ warehouse: Warehouse; close(): Promise<void> }> => {
  const { warehouse, close } = await open(createTelemetry({ logLevel: 'silent' }));
  await migrate(warehouse);
  return {
    warehouse,
    close: async () => {
      await warehouse.close();
      await close();
    },
  };
};

/** The same, closed when the test is over. */
export const openWarehouse = async (): Promise<Warehouse> => {
  const { warehouse, close } = await startWarehouse();
  onTestFinished(close, 20_000);
  return warehouse;
};

/** One for all tests of a file. */
export const sharedWarehouse = (): (() => Warehouse) => {
  const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
  beforeAll(async () => {
    opened.engine = await startWarehouse();
  });
  afterAll(() => opened.engine?.close());
  return () => {
    if (opened.engine === undefined) throw new Error('the warehouse is not open yet');
    return opened.engine.warehouse;
  };
};
