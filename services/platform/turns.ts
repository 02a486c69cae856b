/** Work of one key waits for each other, whether it succeeds or fails; that of different keys goes side by side. */
export type Turns = {
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when all that is under way now is over. */
  over(): Promise<void>;
};

export const createTurns = (): Turns => {
  const turns = new Map<string, Promise<unknown>>();
  return {
    take: (key, work) => {
      const result = (turns.get(key) ?? Promise.resolve()).then(work);
      const over = result
        .catch(() => undefined)
        .then(() => {
          if (turns.get(key) === over) turns.delete(key);
        });
      turns.set(key, over);
      return result;
    },
    over: async () => {
      await Promise.all(turns.values());
    },
  };
};
