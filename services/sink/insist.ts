import type { Platform } from '../platform/platform.ts';

/** Waits between two tries while the warehouse is away. */
const firstRetryMilliseconds = 200;
const longestRetryMilliseconds = 5000;

/** Tries until it works (true) or the sink is stopped (false; what was in flight then is a crash's: some, all or none of it happened). */
export type Insist = (work: () => Promise<void>) => Promise<boolean>;

/** The warehouse may be away for long; the log keeps what is not committed, so trying for ever loses nothing and holds little. */
export const createInsist =
  ({ clock, telemetry }: Pick<Platform, 'clock' | 'telemetry'>, stop: AbortSignal): Insist =>
  async (work) => {
    let wait = firstRetryMilliseconds;
    while (!stop.aborted) {
      const outcome = await settledOrStopped(work, stop);
      if (outcome.kind === 'done') return true;
      if (outcome.kind === 'stopped') return false;
      telemetry.logger.warn({ err: outcome.error }, 'the sink tries again');
      await clock.sleep(wait, stop);
      wait = Math.min(wait * 2, longestRetryMilliseconds);
    }
    return false;
  };

type Outcome = { kind: 'done' } | { kind: 'stopped' } | { kind: 'failed'; error: unknown };

/** Does not wait for work that hangs when the sink is to stop. */
const settledOrStopped = (work: () => Promise<void>, stop: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const settle = (outcome: Outcome) => {
      // Taken off again: one listener a block would pile up over days.
      stop.removeEventListener('abort', onStop);
      resolve(outcome);
    };
    const onStop = () => settle({ kind: 'stopped' });
    stop.addEventListener('abort', onStop, { once: true });
    work().then(
      () => settle({ kind: 'done' }),
      (error: unknown) => settle({ kind: 'failed', error }),
    );
  });
