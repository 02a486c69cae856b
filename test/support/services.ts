import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../services/platform/clock.ts';
import { createConfig, readEnvironment } from '../../services/platform/config.ts';
import { createPlatform, type Platform } from '../../services/platform/platform.ts';
import { layMigrated } from './migrated.ts';

/** A platform without services on a temporary folder: for tests that start one of them. Give `dataDir` to open the same again. */
export const openPlatform = async (
  options: { clock?: Clock; dataDir?: string; environment?: Readonly<Record<string, string>> } = {},
): Promise<{ platform: Platform; dataDir: string; close(): Promise<void> }> => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'desirepath-platform-')));
  if (options.dataDir === undefined) await layMigrated(join(dataDir, 'warehouse'));
  const config = createConfig(
    readEnvironment({
      PORT: '0',
      DATA_DIR: dataDir,
      ADMIN_TOKEN: 'admin-token-of-the-tests',
      LOG_LEVEL: 'silent',
      ...options.environment,
    }),
  );
  const { platform, close } = await createPlatform(config, options.clock === undefined ? {} : { clock: options.clock });
  const closing: { promise: Promise<void> | null } = { promise: null };
  const closeOnce = (): Promise<void> => (closing.promise ??= platform.http.close().then(close));
  onTestFinished(async () => {
    await closeOnce();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  }, 20_000);
  return { platform, dataDir, close: closeOnce };
};
