/** Connections that carry one statement at a time each. Callers wait their turn, first come, first served. */
export type Lane<Connection> = {
  /** @throws LaneFull when too many wait already */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Nothing runs and nothing waits. */
  isIdle(): boolean;
};

/** As a server says it, so that the adapter needs to know one dialect. */
export class LaneFull extends Error {
  readonly clickhouseCode = 202;
  constructor() {
    super('Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)');
  }
}

export const createLane = <Connection>(connections: readonly Connection[], mostWaiting: number): Lane<Connection> => {
  const free = [...connections];
  const waiting: ((connection: Connection) => void)[] = [];

  const take = (): Promise<Connection> => {
    const connection = free.pop();
    if (connection !== undefined) return Promise.resolve(connection);
    if (waiting.length >= mostWaiting) return Promise.reject(new LaneFull());
    return new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (connection: Connection): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(connection);
    else next(connection);
  };

  return {
    use: async (work) => {
      const connection = await take();
      try {
        return await work(connection);
      } finally {
        giveBack(connection);
      }
    },
    isIdle: () => free.length === connections.length,
  };
};
