import { pause } from './faults.ts';

/** Long enough for a busy machine, short enough that a client notices a collector that is gone. */
const answerMilliseconds = 15_000;
const retryMilliseconds = 100;

export type Acknowledged = { messageId: string; userId: string; batch: number };

/**
 * A server-side client as real ones are: it sends the same messageIds until it is told 200, whatever happens in between. Answers how often it had to
 * try, 0 where it was stopped before.
 */
export const sendUntilAcknowledged = async (
  base: string,
  writeKey: string,
  batch: readonly object[],
  signal?: AbortSignal,
): Promise<number> => {
  const body = JSON.stringify({ writeKey, sentAt: new Date().toISOString(), batch });
  for (let tries = 1; signal?.aborted !== true; tries += 1) {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const status = await fetch(`${base}/v1/batch`, {
      ...request,
      signal: AbortSignal.timeout(answerMilliseconds),
    }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    if (status === 200) return tries;
    await pause(retryMilliseconds);
  }
  return 0;
};

/**
 * Steady load: users who each send batch after batch to the collector that a load balancer has pinned them to (which is what keeps a person's events
 * in order while a collector spools). `acknowledged` grows as it goes.
 */
export const startLoad = (
  bases: readonly string[],
  writeKey: string,
  options: { users?: number; perBatch?: number; pauseMilliseconds?: number; name?: string; paddingBytes?: number } = {},
) => {
  const { users = 8, perBatch = 20, pauseMilliseconds = 40, name = 'user', paddingBytes = 0 } = options;
  const padding = 'x'.repeat(paddingBytes);
  const acknowledged: Acknowledged[] = [];
  const stop = new AbortController();
  const counts = { retries: 0 };
  const run = async (user: number): Promise<void> => {
    const userId = `${name}-${user}`;
    const base = bases[user % bases.length] ?? '';
    for (let batch = 0; !stop.signal.aborted; batch += 1) {
      const events = Array.from({ length: perBatch }, (_, index) => ({
        type: 'track',
        event: 'Tick',
        userId,
        messageId: `${userId}-b${batch}-${index}`,
        properties: { batch, padding },
      }));
      const tries = await sendUntilAcknowledged(base, writeKey, events, stop.signal);
      counts.retries += Math.max(0, tries - 1);
      if (tries > 0) acknowledged.push(...events.map(({ messageId }) => ({ messageId, userId, batch })));
      await pause(pauseMilliseconds);
    }
  };
  const running = Promise.all(Array.from({ length: users }, (_, user) => run(user)));
  return {
    acknowledged,
    counts,
    stop: async (): Promise<void> => {
      stop.abort();
      await running;
    },
  };
};
