import { Counter, Histogram } from 'prom-client';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { createGroup, type Group } from './embedded-consumer.ts';
import { trim } from './embedded-retention.ts';
import {
  firstOffset,
  nextOffset,
  openStore,
  partitionsIn,
  partitionsOf,
  storedTotals,
  topics,
} from './embedded-store.ts';
import { lockFolder } from './folder-lock.ts';
import type { EventLog, LogRecord, Topic } from './log.ts';
import { encodeRecord, partitionOf } from './record-bytes.ts';

/** Records that every group has done with are kept for this long, for a look or a new group. */
const retentionMilliseconds = 7 * 86_400_000;
const trimEveryMilliseconds = 600_000;
/** Appends that wait for the disk; beyond it they are refused, as the clients' bodies would fill the memory. */
const mostWaitingBytes = 256 * 1024 * 1024;

const createMeasures = ({ metrics }: Telemetry) => ({
  seconds: new Histogram({
    name: 'desirepath_log_append_seconds',
    help: 'Time until an append is durable',
    registers: [metrics],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  }),
  appended: new Counter({
    name: 'desirepath_log_appended_records_total',
    help: 'Records that were made durable',
    labelNames: ['topic'],
    registers: [metrics],
  }),
});

type Encoded = { partition: number; label: string; count: number; bytes: Buffer };

const encode = (topic: Topic, record: LogRecord, at: number): Encoded => ({
  partition: partitionOf(record.key, partitionsOf[topic]),
  label: record.label,
  count: record.count,
  bytes: encodeRecord(record, at),
});

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
  const lock = lockFolder(options.path);
  const store = openStore(options.path);
  const measures = createMeasures(telemetry);
  const groups = new Map<string, Group>();
  /** By topic and partition: `next` is for the next record, `end` is behind the last durable one. */
  const places = new Map(
    topics.map((topic) => [
      topic,
      partitionsIn(topic).map((partition) => {
        const next = nextOffset(store, topic, partition);
        return { next, end: next };
      }),
    ]),
  );
  /** With what is on its way to the disk; the store has what is there. */
  const totals = new Map(topics.map((topic) => [topic, storedTotals(store, topic)]));
  const life = { broken: null as unknown, isClosed: false, waitingBytes: 0, closing: null as null | Promise<void> };
  const underWay = new Set<Promise<unknown>>();

  const placeOf = (topic: Topic, partition: number): { next: number; end: number } =>
    places.get(topic)?.[partition] ?? { next: 0, end: 0 };

  const check = (): void => {
    if (life.isClosed) throw new Failure('unavailable', `The log at ${options.path} is closed.`);
    if (life.broken !== null)
      throw new Failure('unavailable', `The log at ${options.path} cannot write: ${life.broken}`, {
        cause: life.broken,
      });
  };

  /** All in one turn of the event loop, hence one transaction; answers the offsets behind the last record, by partition. */
  const write = async (topic: Topic, batch: readonly Encoded[]): Promise<Map<number, number>> => {
    const ends = new Map<number, number>();
    const sums = totals.get(topic) ?? new Map<string, number>();
    const writes = new Set<Promise<boolean>>();
    for (const { partition, label, count, bytes } of batch) {
      const place = placeOf(topic, partition);
      writes.add(store.records.put([topic, partition, place.next], bytes));
      place.next += 1;
      ends.set(partition, place.next);
      sums.set(label, (sums.get(label) ?? 0) + count);
    }
    for (const label of new Set(batch.map((each) => each.label)))
      writes.add(store.state.put(['total', topic, label], sums.get(label) ?? 0));
    await Promise.all(writes);
    return ends;
  };

  const append = async (topic: Topic, batch: readonly LogRecord[]): Promise<void> => {
    check();
    const at = clock.now();
    // First of all of them: one that does not fit must not leave half an append behind.
    const encoded = batch.map((record) => encode(topic, record, at));
    const bytes = encoded.reduce((sum, each) => sum + each.bytes.length, 0);
    if (life.waitingBytes > 0 && life.waitingBytes + bytes > mostWaitingBytes)
      throw new Failure('unavailable', 'The log is slower than what comes in: try again.');
    life.waitingBytes += bytes;
    const stopTimer = measures.seconds.startTimer();
    try {
      const ends = await write(topic, encoded);
      for (const [partition, end] of ends) {
        const place = placeOf(topic, partition);
        place.end = Math.max(place.end, end);
      }
      stopTimer();
      measures.appended.inc({ topic }, batch.length);
      for (const group of groups.values())
        if (group.topic === topic) for (const partition of ends.keys()) group.wake(partition);
    } catch (error) {
      // Which records of it are there is not known, nor are the totals: nothing more is taken until a restart has counted.
      life.broken = error;
      throw new Failure('unavailable', 'The log cannot write.', { cause: error });
    } finally {
      life.waitingBytes -= bytes;
    }
  };

  const stop = new AbortController();
  const trimAll = async (): Promise<void> => {
    const before = clock.now() - retentionMilliseconds;
    for (const topic of topics)
      for (const [partition, { next }] of (places.get(topic) ?? []).entries())
        await trim(store, { topic, partition, before, nextOffset: next }, stop.signal);
  };
  const trimmer = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(trimEveryMilliseconds, stop.signal);
      try {
        await trimAll();
      } catch (error) {
        // only logged: a disk that takes no writes is told by appends; trimming comes round again.
        telemetry.logger.error({ err: error }, 'the log could not be trimmed');
      }
    }
  })();

  const close = async (): Promise<void> => {
    stop.abort();
    await Promise.all([...groups.values()].map((group) => group.close()));
    groups.clear();
    life.isClosed = true;
    await Promise.allSettled(underWay);
    await trimmer;
    await store.close();
    lock.release();
  };

  return {
    append: (topic, batch) => {
      const work = append(topic, batch);
      underWay.add(work);
      return work.finally(() => underWay.delete(work));
    },
    consume: async (topic, name, handlers) => {
      check();
      const id = `${topic} ${name}`;
      if (groups.has(id)) throw new Error(`the group ${name} has its consumer of ${topic} in this process already`);
      const end = (partition: number): number => placeOf(topic, partition).end;
      const group = createGroup({ store, topic, name, end, handlers });
      groups.set(id, group);
      const leave = async (): Promise<void> => {
        await group.close();
        if (groups.get(id) === group) groups.delete(id);
      };
      try {
        await group.start();
      } catch (error) {
        groups.delete(id);
        throw error;
      }
      return { commit: group.commit, close: leave };
    },
    totals: async (topic) => storedTotals(store, topic),
    lag: async (topic, name) =>
      partitionsIn(topic).reduce((lag, partition) => {
        const { end } = placeOf(topic, partition);
        const done = store.state.get(['done', topic, name, partition]) ?? 0;
        // What was trimmed can no longer be read, so nobody waits for it.
        return lag + end - Math.max(done, firstOffset(store, topic, partition) ?? end);
      }, 0),
    ping: async () => check(),
    close: () => {
      life.closing ??= close();
      return life.closing;
    },
  };
};
