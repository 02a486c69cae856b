import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What SQLite says when another connection, of whatever process, holds the lock. */
const sqliteBusy = 5;

const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === sqliteBusy;

/** Only for the message: the lock itself is the system's. */
const ownerOf = (pidFile: string): string => {
  try {
    return readFileSync(pidFile, 'utf8') || 'unknown';
  } catch {
    return 'unknown';
  }
};

/**
 * Takes a folder for this process until `release`, or until the process dies in whatever way. The lock is the system's own on an (empty)
 * SQLite file, as Node offers no other: nothing stale is left by kill -9, and of two that start at the same time one gets it.
 * @throws Error naming the folder and the process that has it.
 */
export const lockFolder = (folder: string): { release(): void } => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pidFile = join(folder, 'in-use.pid');
  const file = new DatabaseSync(join(folder, 'in-use.lock'), { timeout: 0 });
  try {
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (!isBusy(error)) throw error;
    throw new Error(`${folder} is in use by process ${ownerOf(pidFile)}: stop it, or set DATA_DIR to another folder.`);
  }
  writeFileSync(pidFile, String(process.pid));
  return { release: () => file.close() };
};
