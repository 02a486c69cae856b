import { type Database, open, type RootDatabase } from 'lmdb';
import { Counter, Histogram } from 'prom-client';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { createGroup, type Group } from './embedded-consumer.ts';
import { lockFolder } from './folder-lock.ts';
import type { EventLog, LogRecord, Topic } from './log.ts';
import { decodeRecord, encodeRecord, partitionOf } from './record-bytes.ts';

/** Fixed for good: another number would send the records of a key to another partition. */
export const partitionsOf: Readonly<Record<Topic, number>> = { events: 4, rejected: 1, actions: 2 };
const topics = Object.keys(partitionsOf) as Topic[];

/** Records that every group has done with are kept for this long, for a look or a new group. */
const retentionMilliseconds = 7 * 86_400_000;
const trimEveryMilliseconds = 600_000;
/** Records removed at a stretch, so that trimming never holds up appends. */
const trimmedAtOnce = 500;

type RecordKey = [topic: Topic, partition: number, offset: number];

type Store = {
  root: RootDatabase;
  records: Database<Buffer, RecordKey>;
  /** `['next', topic, partition]`, `['total', topic, label]`, `['done', topic, group, partition]` -> number */
  state: Database<number, (string | number)[]>;
};

const openStore = (path: string): Store => {
  const root = open({
    path,
    // A commit ends with its fdatasync: a resolved write is durable, and nothing is visible before it is.
    overlappingSync: false,
    maxDbs: 4,
    // Disk is taken as it is needed; this is the most that may ever be mapped.
    mapSize: 64 * 1024 ** 3,
  });
  return {
    root,
    records: root.openDB<Buffer, RecordKey>('records', { encoding: 'binary' }),
    state: root.openDB<number, (string | number)[]>('state', { encoding: 'msgpack' }),
  };
};

const nextOffset = ({ records, state }: Store, topic: Topic, partition: number): number => {
  const [last] = [
    ...records.getKeys({
      start: [topic, partition, Number.POSITIVE_INFINITY],
      end: [topic, partition, -1],
      reverse: true,
      limit: 1,
    }),
  ];
  // After trimming there may be no record left to count from.
  return Math.max(last === undefined ? 0 : last[2] + 1, state.get(['next', topic, partition]) ?? 0);
};

/**
 * The log on one disk, in LMDB: one process writes, appends that come together share one transaction and one fdatasync. What
 * belongs together is in one transaction: records with the totals that count them.
 */
export const createEmbeddedLog = async (options: {
  path: string;
  clock: Clock;
  telemetry: Telemetry;
}): Promise<EventLog> => {
  const { clock, telemetry } = options;
  const lock = await lockFolder(options.path);
  const store = openStore(options.path);
  const { records, state } = store;
  const groups = new Map<string, Group>();
  const next = new Map<string, number>();
  const totals = new Map<string, number>();
  for (const topic of topics)
    for (let partition = 0; partition < partitionsOf[topic]; partition += 1)
      next.set(`${topic} ${partition}`, nextOffset(store, topic, partition));
  for (const { key, value } of state.getRange({ start: ['total'], end: ['total', '\uffff'] }))
    totals.set(`${key[1]} ${key[2]}`, value);

  const appendSeconds = new Histogram({
    name: 'desirepath_log_append_seconds',
    help: 'Time until an append is durable',
    registers: [telemetry.metrics],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  });
  const appended = new Counter({
    name: 'desirepath_log_appended_records_total',
    help: 'Records that were made durable',
    labelNames: ['topic'],
    registers: [telemetry.metrics],
  });
  const condition = { broken: null as unknown };

  /** Everything in here happens in one turn of the event loop, which lmdb makes one transaction. */
  const write = (topic: Topic, batch: readonly LogRecord[]): Promise<boolean> => {
    const at = clock.now();
    let last: Promise<boolean> = Promise.resolve(true);
    for (const record of batch) {
      const partition = partitionOf(record.key, partitionsOf[topic]);
      const slot = `${topic} ${partition}`;
      const offset = next.get(slot) ?? 0;
      next.set(slot, offset + 1);
      last = records.put([topic, partition, offset], encodeRecord(record, at));
      const total = (totals.get(`${topic} ${record.label}`) ?? 0) + record.count;
      totals.set(`${topic} ${record.label}`, total);
      last = state.put(['total', topic, record.label], total);
    }
    return last;
  };

  const trim = async (topic: Topic, partition: number): Promise<void> => {
    const done = [...groups.values()]
      .filter((group) => group.topic === topic)
      .map((group) => group.position(partition));
    const limit = Math.min(...done);
    if (!Number.isFinite(limit)) return;
    const before = clock.now() - retentionMilliseconds;
    const old: RecordKey[] = [];
    for (const { key, value } of records.getRange({
      start: [topic, partition, -1],
      end: [topic, partition, limit],
      limit: trimmedAtOnce,
    })) {
      if (decodeRecord(value).appendedAt >= before) break;
      old.push(key);
    }
    if (old.length === 0) return;
    await store.root.transaction(() => {
      state.put(['next', topic, partition], next.get(`${topic} ${partition}`) ?? 0);
      for (const key of old) records.remove(key);
    });
    if (old.length === trimmedAtOnce) await trim(topic, partition);
  };

  const stop = new AbortController();
  const trimmer = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(trimEveryMilliseconds, stop.signal);
      if (stop.signal.aborted) return;
      for (const topic of topics)
        for (let partition = 0; partition < partitionsOf[topic]; partition += 1) await trim(topic, partition);
    }
  })();

  return {
    append: async (topic, batch) => {
      if (batch.length === 0) return;
      if (condition.broken !== null)
        throw new Failure('unavailable', 'The log cannot write.', { cause: condition.broken });
      const end = appendSeconds.startTimer();
      try {
        await write(topic, batch);
      } catch (error) {
        // Which records of it are there is not known, nor are the totals: nothing more is taken until a restart has counted.
        condition.broken = error;
        throw new Failure('unavailable', 'The log cannot write.', { cause: error });
      }
      end();
      appended.inc({ topic }, batch.length);
      for (const group of groups.values()) if (group.topic === topic) group.wake();
    },
    consume: async (topic, name, handlers) => {
      const id = `${topic} ${name}`;
      if (groups.has(id)) throw new Error(`the group ${name} has its consumer of ${topic} in this process already`);
      const group = createGroup({ records, state, topic, name, partitions: partitionsOf[topic], handlers });
      groups.set(id, group);
      await group.start();
      return {
        commit: group.commit,
        close: async () => {
          await group.close();
          groups.delete(id);
        },
      };
    },
    totals: async (topic) => {
      const found = new Map<string, number>();
      for (const [key, total] of totals) if (key.startsWith(`${topic} `)) found.set(key.slice(topic.length + 1), total);
      return found;
    },
    lag: async (topic, name) => {
      let lag = 0;
      for (let partition = 0; partition < partitionsOf[topic]; partition += 1)
        lag += (next.get(`${topic} ${partition}`) ?? 0) - (state.get(['done', topic, name, partition]) ?? 0);
      return lag;
    },
    ping: async () => {
      if (condition.broken !== null)
        throw new Failure('unavailable', `the log at ${options.path} cannot write: ${condition.broken}`);
    },
    close: async () => {
      stop.abort();
      await trimmer;
      for (const group of groups.values()) await group.close();
      groups.clear();
      await store.root.close();
      await lock.release();
    },
  };
};
