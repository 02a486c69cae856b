import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createTelemetry } from '../../services/platform/telemetry.ts';
import { createClickHouse } from '../../services/platform/warehouse/clickhouse.ts';
import { createEmbeddedEngine } from '../../services/platform/warehouse/embedded.ts';
import { migrate } from '../../services/platform/warehouse/migrate.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';

/** A migrated engine on a temporary folder, with what closes it. */
export const startWarehouse = async (): Promise<{
  warehouse: Warehouse;
  pid: () => number;
  close(): Promise<void>;
}> => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-warehouse-'));
  const telemetry = createTelemetry({ logLevel: 'silent' });
  const engine = await createEmbeddedEngine({ path: folder, telemetry });
  const warehouse = createClickHouse({ url: engine.url, telemetry });
  await migrate(warehouse);
  return {
    warehouse,
    pid: engine.pid,
    close: async () => {
      await warehouse.close();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The same, closed when the test is over. */
export const openWarehouse = async (): Promise<Warehouse> => {
  const { warehouse, close } = await startWarehouse();
  onTestFinished(close, 20_000);
  return warehouse;
};
