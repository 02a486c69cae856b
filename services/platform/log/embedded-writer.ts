import { nextOffset, partitionsIn, partitionsOf, type Store, storedTotals, topics } from './embedded-store.ts';
import type { LogRecord, Topic } from './log.ts';
import { encodeRecord, partitionOf } from './record-bytes.ts';

/** Appends that wait for the disk; beyond it they are refused, as the clients' bodies would fill the memory. */
const mostWaitingBytes = 256 * 1024 * 1024;

type Encoded = { partition: number; label: string; count: number; bytes: Buffer };
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
 * One commit at a time; what comes in the meantime shares the next. So offsets and totals are those of the store at every start of a commit, and
 * one that fails (a full disk) leaves neither a gap nor a total that counts what is not there: the next goes on from what is.
 */
export const createWriter = (store: Store, written: (topic: Topic, partition: number) => void): Writer => {
  const readEnds = () =>
    new Map(topics.map((topic) => [topic, partitionsIn(topic).map((each) => nextOffset(store, topic, each))]));
  const readTotals = () => new Map(topics.map((topic) => [topic, storedTotals(store, topic)]));
  const known = { ends: readEnds(), totals: readTotals(), failure: null as unknown };
  const queue = { waiting: [] as Waiting[], bytes: 0, loop: null as Promise<void> | null };

  const encode = (topic: Topic, record: LogRecord, at: number): Encoded => ({
    partition: partitionOf(record.key, partitionsOf[topic]),
    label: record.label,
    count: record.count,
    bytes: encodeRecord(record, at),
  });

  /** Puts the records and each total that they change, once. */
  const put = (group: readonly Waiting[]): void => {
    const changed = new Map<Topic, Set<string>>();
    for (const { topic, batch } of group) {
      const ends = known.ends.get(topic) ?? [];
      const totals = known.totals.get(topic) ?? new Map<string, number>();
      const labels = changed.get(topic) ?? new Set();
      changed.set(topic, labels);
      for (const { partition, label, count, bytes } of batch) {
        const offset = ends[partition] ?? 0;
        void store.records.put([topic, partition, offset], bytes);
        ends[partition] = offset + 1;
        totals.set(label, (totals.get(label) ?? 0) + count);
        labels.add(label);
      }
    }
    for (const [topic, labels] of changed)
      for (const label of labels)
        void store.state.put(['total', topic, label], known.totals.get(topic)?.get(label) ?? 0);
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
      known.totals = readTotals();
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
