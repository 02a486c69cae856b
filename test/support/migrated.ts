import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createTelemetry } from '../../services/platform/telemetry.ts';
import { createClickHouse } from '../../services/platform/warehouse/clickhouse.ts';
import { createEmbeddedEngine } from '../../services/platform/warehouse/embedded.ts';
import { migrate } from '../../services/platform/warehouse/migrate.ts';

const migrations = new URL('../../services/platform/warehouse/migrations/', import.meta.url).pathname;
const kept = new URL('../../node_modules/.cache/desirepath/', import.meta.url).pathname;

/** Another for each text of the migrations and each engine. */
const nameOf = (): string => {
  const hash = createHash('sha256').update(
    readFileSync(join(createRequire(import.meta.url).resolve('chdb'), '../package.json')),
  );
  for (const file of readdirSync(migrations).sort())
    hash.update(`${file}\n`).update(readFileSync(join(migrations, file)));
  return `migrated-${hash.digest('hex').slice(0, 16)}`;
};

const make = async (): Promise<string> => {
  const folder = join(kept, nameOf());
  if (existsSync(folder)) return folder;
  mkdirSync(kept, { recursive: true });
  const own = `${folder}-${randomBytes(4).toString('hex')}`;
  const telemetry = createTelemetry({ logLevel: 'silent' });
  const engine = await createEmbeddedEngine({ path: own, telemetry });
  const warehouse = createClickHouse({ url: engine.url, telemetry });
  await migrate(warehouse);
  await warehouse.close();
  await engine.close();
  try {
    renameSync(own, folder);
  } catch (error) {
    // Another file's worker was first.
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
};
const made: { folder: Promise<string> | null } = { folder: null };

/**
 * A data directory of the engine in which all migrations are applied, in place of an empty one: they take twice as long as the engine itself,
 * and tests open hundreds. What opens it applies those that it finds missing, as ever; embedded.test.ts and the journeys begin with nothing.
 */
export const layMigrated = async (path: string): Promise<void> => {
  made.folder ??= make();
  cpSync(await made.folder, path, { recursive: true, verbatimSymlinks: true });
};
