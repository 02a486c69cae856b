import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { open, type RootDatabase } from 'lmdb';
import { Failure } from '../failure.ts';
import { syncFolder } from './embedded-store.ts';
import { lockFolder } from './folder-lock.ts';
import type { LogRecord, Topic } from './log.ts';
import { decodeRecord, encodeRecord } from './record-bytes.ts';

/** Removing needs room too (pages are copied, not overwritten): so much of the disk is left free. */
const reservedBytes = 16 * 1024 * 1024;
const retryAfterSeconds = 10;

type Waiting = { values: Buffer[]; bytes: number; settle(error: unknown): void };
export type Spooled = { key: number; topic: Topic; record: LogRecord; bytes: number };

/** One byte in front of a record says its topic. */
const topics: readonly Topic[] = ['events', 'rejected', 'actions'];
const encode = (topic: Topic, record: LogRecord, at: number): Buffer =>
  Buffer.concat([Buffer.from([topics.indexOf(topic)]), encodeRecord(record, at)]);
const decode = (key: number, value: Buffer): Spooled => ({
  key,
  topic: topics[value[0] ?? 0] ?? 'events',
  record: decodeRecord(value.subarray(1)),
  bytes: value.length,
});

const full = (path: string, cause?: unknown): Failure =>
  new Failure('unavailable', `The log is away and the spool at ${path} is full.`, {
    retryAfterSeconds,
    ...(cause === undefined ? {} : { cause }),
  });

/** A queue on disk: what `put` resolved for survives kill -9 and power loss, and comes out in order. */
export const openQueue = (path: string, mostBytes: number) => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = lockFolder(path);
  const store: RootDatabase<Buffer, number> = open<Buffer, number>({
    path: `${path}/spool.mdb`,
    encoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
    mapSize: 4 * mostBytes + 64 * 1024 * 1024,
  });
  syncFolder(path);
  const state = { next: 0, bytes: 0, waiting: [] as Waiting[], loop: null as Promise<void> | null };
  for (const { key, value } of store.getRange({})) {
    state.next = key + 1;
    state.bytes += value.length;
  }

  const isDiskFull = async (): Promise<boolean> => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize < reservedBytes;
  };

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    if (await isDiskFull()) throw full(path);
    const first = state.next;
    try {
      await store.batch(() => {
        for (const { values } of group)
          for (const value of values) {
            void store.put(state.next, value);
            state.next += 1;
          }
      });
      for (const { bytes } of group) state.bytes += bytes;
    } catch (error) {
      (error as { commitError?: Promise<never> }).commitError?.catch(() => undefined);
      state.next = first;
      throw full(path, error);
    }
  };

  /** One commit at a time; what comes in the meantime shares the next, so the order is that of the calls. */
  const run = async (): Promise<void> => {
    while (state.waiting.length > 0) {
      const group = state.waiting;
      state.waiting = [];
      const error = await commit(group).then(
        () => null,
        (reason: unknown) => reason,
      );
      for (const { settle } of group) settle(error);
    }
    state.loop = null;
  };

  return {
    /** @throws Failure `unavailable` when it is full */
    put: (topic: Topic, records: readonly LogRecord[], at: number): Promise<void> => {
      const values = records.map((record) => encode(topic, record, at));
      const bytes = values.reduce((sum, { length }) => sum + length, 0);
      const waiting = state.waiting.reduce((sum, each) => sum + each.bytes, 0);
      if (state.bytes + waiting + bytes > mostBytes) return Promise.reject(full(path));
      return new Promise((resolve, reject) => {
        const settle = (error: unknown): void => (error === null ? resolve() : reject(error));
        state.waiting.push({ values, bytes, settle });
        state.loop ??= run();
      });
    },
    /** The oldest ones, up to so many bytes. */
    peek: (bytes: number): Spooled[] => {
      const found: Spooled[] = [];
      let sum = 0;
      for (const { key, value } of store.getRange({})) {
        if (found.length > 0 && sum + value.length > bytes) break;
        found.push(decode(key, Buffer.from(value)));
        sum += value.length;
      }
      return found;
    },
    remove: async (spooled: readonly Spooled[]): Promise<void> => {
      await store.batch(() => {
        for (const { key } of spooled) void store.remove(key);
      });
      state.bytes -= spooled.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    bytes: (): number => state.bytes,
    isWriting: (): boolean => state.loop !== null,
    written: async (): Promise<void> => {
      await state.loop;
    },
    close: async (): Promise<void> => {
      await state.loop;
      await store.close();
      lock.release();
    },
  };
};
