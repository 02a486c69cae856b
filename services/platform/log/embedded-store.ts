import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, open } from 'lmdb';
import type { Topic } from './log.ts';

/** Fixed for good: another number would send the records of a key to another partition. */
export const partitionsOf: Readonly<Record<Topic, number>> = { events: 4, rejected: 1, actions: 2 };
export const topics = Object.keys(partitionsOf) as Topic[];
export const partitionsIn = (topic: Topic): number[] =>
  Array.from({ length: partitionsOf[topic] }, (_, partition) => partition);

export type RecordKey = [topic: Topic, partition: number, offset: number];

export type Store = {
  records: Database<Buffer, RecordKey>;
  /** `['next', topic, partition]`, `['done', topic, group, partition]` -> number */
  state: Database<number, (string | number)[]>;
  /**
   * What `work` puts and removes, at once and not later, is one transaction, shared with what others write at the time. Resolves when it is
   * durable and visible. Rejects with the system's reason as `cause`, which may come a moment later.
   */
  write(work: () => void): Promise<void>;
  close(): Promise<void>;
};

/** A new file is there after a power failure only once the folder that names it is on disk too. */
export const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** lmdb tells the system's reason for a failed commit by a second promise. If nobody listened to it, a full disk would end the process. */
const withCause = (error: unknown): unknown => {
  const failed = error as Error & { commitError?: Promise<never> };
  failed.commitError?.catch((reason: unknown) => {
    failed.cause = reason;
  });
  return failed;
};

export const openStore = (path: string): Store => {
  const root = open({
    path,
    // A commit ends with its fdatasync: a resolved write is durable, and nothing is visible before it is.
    overlappingSync: false,
    // `write` says what belongs together. With it, lmdb makes a promise of its own for each turn, and where a commit fails nobody listens to that.
    eventTurnBatching: false,
    maxDbs: 4,
    // Disk is taken as it is needed; this is the most that may ever be mapped.
    mapSize: 64 * 1024 ** 3,
  });
  syncFolder(path);
  syncFolder(dirname(path));
  return {
    records: root.openDB<Buffer, RecordKey>('records', { encoding: 'binary' }),
    state: root.openDB<number, (string | number)[]>('state', { encoding: 'msgpack' }),
    write: async (work) => {
      try {
        await root.batch(work);
      } catch (error) {
        throw withCause(error);
      }
    },
    close: () => root.close(),
  };
};

/** The offset that the next record of the partition gets. */
export const nextOffset = ({ records, state }: Store, topic: Topic, partition: number): number => {
  const range = { start: [topic, partition, Number.POSITIVE_INFINITY], end: [topic, partition, -1] };
  const [last] = [...records.getKeys({ ...(range as { start: RecordKey; end: RecordKey }), reverse: true, limit: 1 })];
  // After trimming there may be no record left to count from.
  return Math.max(last === undefined ? 0 : last[2] + 1, state.get(['next', topic, partition]) ?? 0);
};

/** The offset of the oldest record that is still there, or null. */
export const firstOffset = ({ records }: Store, topic: Topic, partition: number): number | null => {
  const range = { start: [topic, partition, -1], end: [topic, partition, Number.POSITIVE_INFINITY] };
  const [first] = [...records.getKeys({ ...(range as { start: RecordKey; end: RecordKey }), limit: 1 })];
  return first?.[2] ?? null;
};

/** The first offset that some group, here or away, has not done with; null if there is no group. */
export const firstNeeded = ({ state }: Store, topic: Topic, partition: number): number | null => {
  const needed = [...state.getRange({ start: ['done', topic], end: ['done', topic, '\uffff'] })]
    .filter(({ key }) => key[3] === partition)
    .map(({ value }) => value);
  return needed.length === 0 ? null : Math.min(...needed);
};
