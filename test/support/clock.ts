import type { Clock } from '../../services/platform/clock.ts';

/** A clock that runs with the real one and can be set forward: who sleeps past the new time wakes at once. */
export const createShiftedClock = (): Clock & { advance(milliseconds: number): void } => {
  let offset = 0;
  const sleepers = new Set<{ wakeAt: number; wake: () => void }>();
  const now = () => Date.now() + offset;
  return {
    now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const sleeper = { wakeAt: now() + milliseconds, wake: done };
        const timer = setTimeout(done, milliseconds);
        sleepers.add(sleeper);
        signal?.addEventListener('abort', done, { once: true });
      }),
    advance: (milliseconds) => {
      offset += milliseconds;
      for (const sleeper of [...sleepers]) if (sleeper.wakeAt <= now()) sleeper.wake();
    },
  };
};
