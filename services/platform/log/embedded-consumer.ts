import { Failure } from '../failure.ts';
import { partitionsIn, type RecordKey, type Store } from './embedded-store.ts';
import type { ConsumerHandlers, Position, StoredRecord, Topic } from './log.ts';
import { decodeRecord } from './record-bytes.ts';

/** One batch of one partition: whichever comes first. */
const batchRecords = 500;
const batchBytes = 4 * 1024 * 1024;
/** Without their values many more go together. */
const batchHeads = 5000;
const noValue = Buffer.alloc(0);

export type Group = {
  topic: Topic;
  start(): Promise<void>;
  /** There are new records in the partition. */
  wake(partition: number): void;
  commit(positions: readonly Position[]): Promise<void>;
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

const readHeads = ({ records }: Store, topic: Topic, partition: number, from: number): StoredRecord[] => {
  const batch: StoredRecord[] = [];
  for (const { key, value } of records.getRange({ ...rangeFrom(topic, partition, from), limit: batchHeads }))
    batch.push({ ...decodeRecord(value), value: noValue, partition, offset: key[2] });
  return batch;
};

const rangeFrom = (topic: Topic, partition: number, from: number) =>
  ({ start: [topic, partition, from], end: [topic, partition, Number.POSITIVE_INFINITY] }) as {
    start: RecordKey;
    end: RecordKey;
  };

const readBatch = ({ records }: Store, topic: Topic, partition: number, from: number): StoredRecord[] => {
  const batch: StoredRecord[] = [];
  let bytes = 0;
  for (const { key, value } of records.getRange({ ...rangeFrom(topic, partition, from), limit: batchRecords })) {
    // Copied: the bytes that the range shows may be used again by the store.
    batch.push({ ...decodeRecord(Buffer.from(value)), partition, offset: key[2] });
    bytes += value.length;
    if (bytes >= batchBytes) break;
  }
  return batch;
};

/** The consumer of a group in this process: it has every partition, and a loop for each, so that none waits for another. */
export const createGroup = (deps: {
  store: Store;
  topic: Topic;
  name: string;
  /** The offset behind the last durable record of a partition. */
  end(partition: number): number;
  handlers: ConsumerHandlers;
}): Group => {
  const { store, topic, name, handlers } = deps;
  const all = partitionsIn(topic);
  const read = handlers.headsOnly === true ? readHeads : readBatch;
  const doneKey = (partition: number) => ['done', topic, name, partition];
  const done = new Map(all.map((partition) => [partition, store.state.get(doneKey(partition)) ?? 0]));
  const signals = new Map(all.map((partition) => [partition, createSignal()]));
  const life = {
    isStopped: false,
    isRevoked: false,
    loops: [] as Promise<void>[],
    closing: null as null | Promise<void>,
  };

  const stop = (): void => {
    life.isStopped = true;
    for (const signal of signals.values()) signal.raise();
  };

  const run = async (partition: number): Promise<void> => {
    let from = done.get(partition) ?? 0;
    while (!life.isStopped) {
      // Most wakes are for records that came with the batch before: no look at the store for those.
      const batch = from < deps.end(partition) ? read(store, topic, partition, from) : [];
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

  /** Notes how far each partition is: never backwards, and durable when it resolves, also where an earlier commit of the same is still on its way. */
  const note = (positions: readonly Position[]): Promise<void> =>
    store.write(() => {
      for (const { partition, offset } of positions) {
        const next = Math.max(offset + 1, done.get(partition) ?? 0);
        done.set(partition, next);
        void store.state.put(doneKey(partition), next);
      }
    });

  const commit = async (positions: readonly Position[]): Promise<void> => {
    if (life.isRevoked || positions.length === 0) return;
    try {
      await note(positions);
    } catch (error) {
      throw new Failure('unavailable', 'The log cannot write.', { cause: error });
    }
  };

  const close = async (): Promise<void> => {
    stop();
    life.isRevoked = true;
    await handlers.revoked(all);
    await Promise.all(life.loops);
  };

  return {
    topic,
    start: async () => {
      // From here on the group is known: what it has not done with is kept, whether it is here or away.
      await note(all.map((partition) => ({ partition, offset: -1 })));
      await handlers.assigned(all, { isHeld: () => !life.isRevoked });
      life.loops = all.map((partition) =>
        run(partition).catch((error: unknown) => {
          if (life.isStopped) return;
          stop();
          handlers.failed(error);
        }),
      );
    },
    wake: (partition) => signals.get(partition)?.raise(),
    commit,
    close: () => {
      life.closing ??= close();
      return life.closing;
    },
  };
};
