import { Gauge } from 'prom-client';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EventLog, LogRecord, Topic } from './log.ts';
import { openQueue, type Spooled } from './spool-queue.ts';

/** What is drained with one append. */
const drainBytes = 500_000;
/** Between two tries to drain while the log is away. */
const pauseMilliseconds = 500;

/**
 * A log that takes records while the one behind it is away: they are kept on disk and passed on in order when it is back. While anything is kept,
 * what comes later is kept too, so that no record overtakes another. A crash between passing on and forgetting passes on again; readers deduplicate.
 */
export const createSpool = async (options: {
  log: EventLog;
  path: string;
  mostBytes: number;
  clock: Clock;
  telemetry: Telemetry;
}): Promise<EventLog> => {
  const { log, clock, telemetry } = options;
  const queue = openQueue(options.path, options.mostBytes);
  const stop = new AbortController();
  /** True from the first record that the log did not take until all that is kept is passed on. */
  const state = { isAway: queue.bytes() > 0, drained: Promise.resolve() as Promise<void> };
  new Gauge({
    name: 'desirepath_spool_bytes',
    help: 'Bytes that wait on this disk for the log',
    registers: [telemetry.metrics],
    collect() {
      this.set(queue.bytes());
    },
  });

  /** Runs of one topic go together, in order. */
  const passOn = async (spooled: readonly Spooled[]): Promise<void> => {
    let from = 0;
    for (let index = 1; index <= spooled.length; index += 1) {
      const topic = spooled[from]?.topic;
      if (topic === undefined || (index < spooled.length && spooled[index]?.topic === topic)) continue;
      await log.append(
        topic,
        spooled.slice(from, index).map(({ record }) => record),
      );
      from = index;
    }
    await queue.remove(spooled);
  };

  const drain = async (): Promise<void> => {
    const waiting = queue.bytes();
    while (!stop.signal.aborted) {
      const spooled = queue.peek(drainBytes);
      if (spooled.length === 0 && queue.isWriting()) await queue.written();
      else if (spooled.length === 0) {
        // No await between the look and this: nothing can come in between.
        state.isAway = false;
        telemetry.logger.info({ bytes: waiting }, 'the spool is empty: records go to the log again');
        return;
      } else {
        try {
          await passOn(spooled);
        } catch {
          // only waited out: the log says by itself what is wrong with it.
          await clock.sleep(pauseMilliseconds, stop.signal);
        }
      }
    }
  };
  const startDrain = (): void => {
    state.drained = drain();
  };
  if (state.isAway) startDrain();

  const keep = async (topic: Topic, records: readonly LogRecord[]): Promise<void> => {
    const kept = queue.put(topic, records, clock.now());
    if (!state.isAway) {
      state.isAway = true;
      telemetry.logger.warn({}, 'the log is away: records go to the spool');
      startDrain();
    }
    await kept;
  };

  return {
    ...log,
    append: async (topic, records) => {
      if (stop.signal.aborted) throw new Failure('unavailable', 'The log is closed.');
      if (records.length === 0) return;
      if (state.isAway) return keep(topic, records);
      try {
        await log.append(topic, records);
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'unavailable')) throw error;
        await keep(topic, records);
      }
    },
    ping: async () => {
      // Away is no reason to send clients elsewhere for as long as the disk takes what they send.
      if (state.isAway && queue.bytes() < options.mostBytes) return;
      await log.ping();
    },
    close: async () => {
      stop.abort();
      await log.close();
      await state.drained;
      await queue.close();
    },
  };
};
