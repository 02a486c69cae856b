import type { Clock } from '../platform/clock.ts';
import type { EventLog } from '../platform/log/log.ts';

/** The sink's consumer group on the topic `events`. */
const sinkGroup = 'sink';
/** Written within a second; above it, what the warehouse says of a basket may be long past. */
const mostRecordsBehind = 2000;
/** A sink that is alive commits about once a second. */
const looks = 20;
const lookMilliseconds = 100;

/**
 * Whether events that were acknowledged may be missing from the warehouse, e.g. an order after a restart with a backlog: then what it says must
 * not be acted on. Not behind means: nothing waits, or the sink was just seen to commit and little waits. Takes 2 s at most.
 */
export const isSinkBehind = async (log: Pick<EventLog, 'lag'>, clock: Clock): Promise<boolean> => {
  let before = Number.POSITIVE_INFINITY;
  for (let look = 0; look < looks; look += 1) {
    const lag = await log.lag('events', sinkGroup);
    if (lag === 0) return false;
    if (look > 0 && lag < before) return lag > mostRecordsBehind;
    before = lag;
    await clock.sleep(lookMilliseconds);
  }
  return true;
};
