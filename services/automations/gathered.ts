type Waiting<Asked, Answer> = { asked: Asked; resolve(answer: Answer): void; reject(error: unknown): void };

type Options<Asked, Answer> = {
  /** An answer for each, in their order. Where it rejects, all of them are told. */
  work(batch: readonly Asked[]): Promise<readonly Answer[]>;
  /** In one batch. */
  most: number;
  /** What goes into one batch together; by itself everything may. */
  by?: (asked: Asked) => string;
  /** The error may be one's fault: the batch is halved until the others have their answers. */
  isOneAtFault?: (error: unknown) => boolean;
  /**
   * Between the beginnings of two batches, unless the next is full by the time that the first has ended: what costs the same for one as for a hundred is done seldom enough that many come together. Whoever comes alone still waits
   * for nobody.
   */
  paceMilliseconds?: number;
};

/**
 * What many ask for one by one, done for all of them together: one batch is under way at a time, and the next takes all that has come meanwhile. So batches grow with the rush, one alone
 * waits for nobody, and no answer is older than its question.
 */
export const createGathered = <Asked, Answer>({
  work,
  most,
  by = () => '',
  isOneAtFault = () => false,
  paceMilliseconds = 0,
}: Options<Asked, Answer>): ((asked: Asked) => Promise<Answer>) => {
  const queues = new Map<string, Waiting<Asked, Answer>[]>();

  const answer = async (batch: readonly Waiting<Asked, Answer>[]): Promise<void> => {
    try {
      const answers = await work(batch.map(({ asked }) => asked));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      if (batch.length > 1 && isOneAtFault(error)) {
        const half = Math.ceil(batch.length / 2);
        await answer(batch.slice(0, half));
        await answer(batch.slice(half));
      } else for (const { reject } of batch) reject(error);
    }
  };

  const run = async (kind: string, queue: Waiting<Asked, Answer>[]): Promise<void> => {
    // Those who ask in the same moment go together.
    await new Promise(setImmediate);
    while (queue.length > 0) {
      const startedAt = performance.now();
      await answer(queue.splice(0, most));
      const rest = paceMilliseconds - (performance.now() - startedAt);
      if (rest > 1 && queue.length < most) await new Promise((resolve) => setTimeout(resolve, rest));
    }
    queues.delete(kind);
  };

  return (asked) =>
    new Promise((resolve, reject) => {
      const kind = by(asked);
      const waiting = { asked, resolve, reject };
      const queue = queues.get(kind);
      if (queue !== undefined) queue.push(waiting);
      else {
        const first = [waiting];
        queues.set(kind, first);
        void run(kind, first);
      }
    });
};
