import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTelemetry } from '../../services/platform/telemetry.ts';
import { createClickHouse } from '../../services/platform/warehouse/clickhouse.ts';
import { createEmbeddedEngine } from '../../services/platform/warehouse/embedded.ts';
import { migrate } from '../../services/platform/warehouse/migrate.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';

/** A migrated engine, for scripts: on a temporary folder, or on one that stays. */
export const startEngine = async (
  kept?: string,
): Promise<{ warehouse: Warehouse; pid: () => number; close(): Promise<void> }> => {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'desirepath-bench-')));
  const telemetry = createTelemetry({ logLevel: 'warn' });
  const engine = await createEmbeddedEngine({ path: folder, telemetry });
  const warehouse = createClickHouse({ url: engine.url, telemetry });
  await migrate(warehouse);
  return {
    warehouse,
    pid: engine.pid,
    close: async () => {
      await warehouse.close();
      await engine.close();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};
