import { Counter, Histogram } from 'prom-client';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { createGroup, type Group } from './embedded-consumer.ts';
import { trim } from './embedded-retention.ts';
import { firstOffset, openStore, partitionsIn, topics } from './embedded-store.ts';
import { createWriter } from './embedded-writer.ts';
import { lockFolder } from './folder-lock.ts';
import { type EventLog, type LogRecord, measureLag, type Topic } from './log.ts';

/** Records that every group has done with are kept for this long, for a look or a new group. */
const retentionMilliseconds = 7 * 86_400_000;
const trimEveryMilliseconds = 600_000;
/** Between two looks at how far a group is. */
const lookMilliseconds = 20;

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

/** The system's own words where there are some. */
const reasonOf = (error: unknown): string => String((error as Error).cause ?? error);

/**
 * The log on one disk, in LMDB: one process writes, appends that come together share one transaction and one fdatasync.
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
  const writer = createWriter(store, (topic, partition) => {
    for (const group of groups.values()) if (group.topic === topic) group.wake(partition);
  });
  const life = { isClosed: false, closing: null as null | Promise<void> };

  const checkOpen = (): void => {
    if (life.isClosed) throw new Failure('unavailable', `The log at ${options.path} is closed.`);
  };

  const append = async (topic: Topic, batch: readonly LogRecord[]): Promise<void> => {
    checkOpen();
    if (batch.length === 0) return;
    const stopTimer = measures.seconds.startTimer();
    const work = writer.append(topic, batch, clock.now());
    if (work === false) throw new Failure('unavailable', 'The log is slower than what comes in: try again.');
    try {
      await work;
    } catch (error) {
      throw new Failure('unavailable', 'The log cannot write.', { cause: error });
    }
    stopTimer();
    measures.appended.inc({ topic }, batch.length);
  };

  const stop = new AbortController();
  const trimAll = async (): Promise<void> => {
    const before = clock.now() - retentionMilliseconds;
    for (const topic of topics)
      for (const partition of partitionsIn(topic))
        await trim(store, { topic, partition, before, nextOffset: writer.end(topic, partition) }, stop.signal);
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
    await writer.idle();
    await trimmer;
    await store.close();
    lock.release();
  };

  return {
    append,
    consume: async (topic, name, handlers) => {
      checkOpen();
      const id = `${topic} ${name}`;
      if (groups.has(id)) throw new Error(`the group ${name} has its consumer of ${topic} in this process already`);
      const end = (partition: number): number => writer.end(topic, partition);
      const group = createGroup({ store, topic, name, end, handlers });
      groups.set(id, group);
      try {
        await group.start();
      } catch (error) {
        groups.delete(id);
        throw error;
      }
      const leave = async (): Promise<void> => {
        await group.close();
        if (groups.get(id) === group) groups.delete(id);
      };
      return { commit: group.commit, close: leave };
    },
    lag: async (topic, name, patience = 0) => {
      const ends = partitionsIn(topic).map((partition) => writer.end(topic, partition));
      const measure = (): number =>
        ends.reduce((lag, end, partition) => {
          const done = store.state.get(['done', topic, name, partition]) ?? 0;
          // What was trimmed can no longer be read, so nobody waits for it.
          return lag + Math.max(0, end - Math.max(done, firstOffset(store, topic, partition) ?? end));
        }, 0);
      return measureLag(measure, patience, lookMilliseconds);
    },
    ping: async () => {
      checkOpen();
      try {
        await writer.check();
      } catch (error) {
        // The reason comes a moment after the refusal.
        await new Promise(setImmediate);
        throw new Failure('unavailable', `The log at ${options.path} cannot write: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    close: () => {
      life.closing ??= close();
      return life.closing;
    },
  };
};
