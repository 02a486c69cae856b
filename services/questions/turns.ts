import { Failure } from '../platform/failure.ts';

/** Works of a site wait for each other and never for those of another site. */
export type Turns = {
  /** @throws Failure `unavailable` when too many of the site wait already; the signal's reason when it was given up before its turn came. */
  take<T>(site: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
};

const retrySeconds = 5;

/** At most `atOnce` works of a site run, first come, first served. */
export const createTurns = (atOnce: number, mostWaiting: number): Turns => {
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();

  const begin = async (site: string): Promise<void> => {
    const count = running.get(site) ?? 0;
    if (count < atOnce) {
      running.set(site, count + 1);
      return;
    }
    const queue = waiting.get(site) ?? [];
    if (queue.length >= mostWaiting)
      throw new Failure('unavailable', `${queue.length} questions about this site wait already.`, {
        retryAfterSeconds: retrySeconds,
      });
    waiting.set(site, queue);
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  const end = (site: string): void => {
    const next = waiting.get(site)?.shift();
    if (next !== undefined) {
      // The turn goes on to the next as it is.
      next();
      return;
    }
    waiting.delete(site);
    const left = (running.get(site) ?? 1) - 1;
    if (left === 0) running.delete(site);
    else running.set(site, left);
  };

  return {
    take: async (site, signal, work) => {
      await begin(site);
      try {
        signal.throwIfAborted();
        return await work();
      } finally {
        end(site);
      }
    },
  };
};
