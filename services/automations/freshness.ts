import type { Clock } from '../platform/clock.ts';
import type { EventLog } from '../platform/log/log.ts';

/** The sink's consumer group on the topic `events`. */
const sinkGroup = 'sink';
/** Written within a second; above it, what the warehouse says of a basket may be long past. */
const mostRecordsBehind = 2000;
/** A sink that is alive commits about once a second. */
const looks = 20;
const lookMilliseconds = 100;
/** That it is not behind is believed for so long. The next look begins before that is over, so that mails need not wait for it. */
const believedMilliseconds = 1000;
const renewedMilliseconds = 250;

type Deps = { log: Pick<EventLog, 'lag'>; clock: Clock };

const isBehindNow = async ({ log, clock }: Deps): Promise<boolean> => {
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

/**
 * Whether events that were acknowledged may be missing from the warehouse, e.g. an order after a restart with a backlog: then what it says must
 * not be acted on. Not behind means: nothing waits, or the sink was seen to commit within the last second and little waits. Takes 2 s at most.
 */
export const createIsSinkBehind = (deps: Deps): (() => Promise<boolean>) => {
  const { clock } = deps;
  const seen = { freshAt: Number.NEGATIVE_INFINITY, look: null as Promise<boolean> | null };
  const look = async (): Promise<boolean> => {
    try {
      const isBehind = await isBehindNow(deps);
      seen.freshAt = isBehind ? Number.NEGATIVE_INFINITY : clock.now();
      return isBehind;
    } finally {
      seen.look = null;
    }
  };
  return async () => {
    const age = clock.now() - seen.freshAt;
    if (age < renewedMilliseconds) return false;
    seen.look ??= look();
    if (age >= believedMilliseconds) return seen.look;
    // Who asks when it is not believed any more is told what went wrong.
    seen.look.catch(() => undefined);
    return false;
  };
};
