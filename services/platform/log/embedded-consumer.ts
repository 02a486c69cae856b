import type { Database } from 'lmdb';
import type { ConsumerHandlers, Position, StoredRecord, Topic } from './log.ts';
import { decodeRecord } from './record-bytes.ts';

/** One batch of one partition: whichever comes first. */
const batchRecords = 500;
const batchBytes = 4 * 1024 * 1024;

export type Group = {
  topic: Topic;
  start(): Promise<void>;
  wake(): void;
  commit(positions: readonly Position[]): Promise<void>;
  /** Offset of the first record of the partition that the group has not done with. */
  position(partition: number): number;
  close(): Promise<void>;
};

/** A flag to wait for: `raise` lets the waiter through, also one that comes later. */
const createSignal = () => {
  const state: { isRaised: boolean; release: (() => void) | null } = { isRaised: false, release: null };
  return {
    raise: (): void => {
      state.isRaised = true;
      state.release?.();
    },
    wait: (): Promise<void> =>
      new Promise((resolve) => {
        const pass = () => {
          state.isRaised = false;
          state.release = null;
          resolve();
        };
        if (state.isRaised) pass();
        else state.release = pass;
      }),
  };
};

/** The consumer of a group in this process: it has every partition, and a loop for each, so that none waits for another. */
export const createGroup = (deps: {
  records: Database<Buffer, [Topic, number, number]>;
  state: Database<number, (string | number)[]>;
  topic: Topic;
  name: string;
  partitions: number;
  handlers: ConsumerHandlers;
}): Group => {
  const { records, state, topic, name, handlers } = deps;
  const all = Array.from({ length: deps.partitions }, (_, partition) => partition);
  const done = new Map(all.map((partition) => [partition, state.get(['done', topic, name, partition]) ?? 0]));
  const signals = new Map(all.map((partition) => [partition, createSignal()]));
  const life = { isClosed: false, loops: [] as Promise<void>[] };

  const read = (partition: number, from: number): StoredRecord[] => {
    const batch: StoredRecord[] = [];
    let bytes = 0;
    const range = {
      start: [topic, partition, from] as [Topic, number, number],
      end: [topic, partition, Number.POSITIVE_INFINITY] as [Topic, number, number],
      limit: batchRecords,
    };
    for (const { key, value } of records.getRange(range)) {
      // Copied: the bytes that the range shows may be used again by the store.
      batch.push({ ...decodeRecord(Buffer.from(value)), partition, offset: key[2] });
      bytes += value.length;
      if (bytes >= batchBytes) break;
    }
    return batch;
  };

  const run = async (partition: number): Promise<void> => {
    let from = done.get(partition) ?? 0;
    while (!life.isClosed) {
      const batch = read(partition, from);
      const last = batch.at(-1);
      if (last === undefined) {
        await signals.get(partition)?.wait();
        continue;
      }
      await handlers.records(batch);
      from = last.offset + 1;
      // Lets requests in between two batches of a long lag.
      await new Promise(setImmediate);
    }
  };

  return {
    topic,
    start: async () => {
      await handlers.assigned(all);
      life.loops = all.map((partition) =>
        run(partition).catch((error: unknown) => {
          if (!life.isClosed) handlers.failed(error);
        }),
      );
    },
    wake: () => {
      for (const signal of signals.values()) signal.raise();
    },
    commit: async (positions) => {
      if (life.isClosed) return;
      const forward = positions.filter(({ partition, offset }) => offset + 1 > (done.get(partition) ?? 0));
      for (const { partition, offset } of forward) done.set(partition, offset + 1);
      await Promise.all(
        forward.map(({ partition, offset }) => state.put(['done', topic, name, partition], offset + 1)),
      );
    },
    position: (partition) => done.get(partition) ?? 0,
    close: async () => {
      if (life.isClosed) return;
      life.isClosed = true;
      for (const signal of signals.values()) signal.raise();
      await handlers.revoked(all);
      await Promise.all(life.loops);
    },
  };
};
