import { nextOffset, partitionsIn, partitionsOf, type Store, topics } from './embedded-store.ts';
import type { LogRecord, Topic } from './log.ts';
import { encodeRecord, partitionOf } from './record-bytes.ts';

/** Appends that wait for the disk; beyond it they are refused, as the clients' bodies would fill the memory. */
const mostWaitingBytes = 256 * 1024 * 1024;

type Encoded = { partition: number; bytes: Buffer };
type Waiting = { topic: Topic; batch: Encoded[]; bytes: number; settle(error: unknown): void };

export type Writer = {
  /** Resolves when the records are durable. Refuses at once (false) when too much is waiting already. */
  append(topic: Topic, records: readonly LogRecord[], at: number): Promise<void> | false;
  /** The offset behind the last durable record. */
  end(topic: Topic, partition: number): number;
  /** After a failed commit tries whether the disk takes something again. Rejects with the reason if not. */
  check(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

/**
 * One commit at a time; what comes in the meantime shares the next. So offsets are those of the store at every start of a commit, and one that
 * fails (a full disk) leaves no gap: the next goes on from what is.
 */
export const createWriter = (store: Store, written: (topic: Topic, partition: number) => void): Writer => {
  const readEnds = () =>
    new Map(topics.map((topic) => [topic, partitionsIn(topic).map((each) => nextOffset(store, topic, each))]));
  const known = { ends: readEnds(), failure: null as unknown };
  const queue = { waiting: [] as Waiting[], bytes: 0, loop: null as Promise<void> | null };

  const encode = (topic: Topic, record: LogRecord, at: number): Encoded => ({
    partition: partitionOf(record.key, partitionsOf[topic]),
    bytes: encodeRecord(record, at),
  });

  const put = (group: readonly Waiting[]): void => {
    for (const { topic, batch } of group) {
      const ends = known.ends.get(topic) ?? [];
      for (const { partition, bytes } of batch) {
        const offset = ends[partition] ?? 0;
        void store.records.put([topic, partition, offset], bytes);
        ends[partition] = offset + 1;
      }
    }
  };

  const durable = { ends: readEnds() };
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await store.write(() => put(group));
      known.failure = null;
    } catch (error) {
      known.failure ??= error;
      // What the failed commit has left in the store, if anything, counts.
      known.ends = readEnds();
      throw error;
    } finally {
      durable.ends = new Map([...known.ends].map(([topic, ends]) => [topic, [...ends]]));
    }
  };

  const run = async (): Promise<void> => {
    while (queue.waiting.length > 0) {
      const group = queue.waiting;
      queue.waiting = [];
      const error = await commit(group).then(
        () => null,
        (reason: unknown) => reason ?? new Error('the commit failed'),
      );
      for (const { bytes, settle } of group) {
        queue.bytes -= bytes;
        settle(error);
      }
      for (const { topic, batch } of group) for (const { partition } of batch) written(topic, partition);
    }
    queue.loop = null;
  };

  return {
    append: (topic, records, at) => {
      // First of all of them: one that does not fit must not leave half an append behind.
      const batch = records.map((record) => encode(topic, record, at));
      const bytes = batch.reduce((sum, each) => sum + each.bytes.length, 0);
      if (queue.bytes > 0 && queue.bytes + bytes > mostWaitingBytes) return false;
      queue.bytes += bytes;
      return new Promise((resolve, reject) => {
        const settle = (error: unknown): void => (error === null ? resolve() : reject(error));
        queue.waiting.push({ topic, batch, bytes, settle });
        queue.loop ??= run();
      });
    },
    end: (topic, partition) => durable.ends.get(topic)?.[partition] ?? 0,
    check: async () => {
      if (known.failure === null) return;
      await store.write(() => void store.state.put(['probe'], 1));
      known.failure = null;
    },
    idle: async () => {
      await queue.loop;
    },
  };
};
