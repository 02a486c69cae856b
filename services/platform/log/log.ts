/** Topics of the log. Their meaning is in schemas/event.ts and schemas/action.ts. */
export type Topic = 'events' | 'rejected' | 'actions';

export type LogRecord = {
  /** Records with the same key keep their order and land in the same partition, always. */
  key: string;
  /** Whose it is: the site id. */
  label: string;
  /** How many events the record holds, for the accounts. */
  count: number;
  value: Buffer;
};

export type StoredRecord = LogRecord & {
  partition: number;
  /** Grows by one or more within a partition; never reused. */
  offset: number;
  /** Milliseconds UTC at which the log took it. */
  appendedAt: number;
};

/** "Everything in this partition up to and including this offset is done." */
export type Position = { partition: number; offset: number };

/** Whether the partitions of one dealing are still surely this consumer's. Ask right before an effect: a process may be stopped for minutes and not know. */
export type Lease = {
  /** False for good after a revoke; false for a while where the group has not been heard of, since it may have dealt anew. */
  isHeld(): boolean;
};

export type ConsumerHandlers = {
  /** For who only counts: values may come empty, which spares copying them. */
  headsOnly?: boolean;
  /** Called before the first record of these partitions; records wait until it resolves. */
  assigned(partitions: readonly number[], lease: Lease): Promise<void>;
  /** The partitions are lost (rebalance or close). What is in flight is a zombie's: do not commit it afterwards. */
  revoked(partitions: readonly number[]): Promise<void>;
  /**
   * Takes over a batch of one partition, in offset order. Resolving means "taken": the next batch of that partition comes
   * only after, so a slow consumer holds back the log, not memory. It does not commit. A rejection stops the
   * consumer and is reported to `failed`.
   */
  records(batch: readonly StoredRecord[]): Promise<void>;
  /** The consumer cannot go on; the service decides (usually: crash and restart clean). */
  failed(error: unknown): void;
};

export type Consumer = {
  /** Durable once resolved. Committing backwards or for a revoked partition is ignored. */
  commit(positions: readonly Position[]): Promise<void>;
  /** Leaves the group: no handler call after it resolves. */
  close(): Promise<void>;
};

/**
 * The log. Promises, tested for each adapter by contract.ts:
 * - `append` resolves when the records survive kill -9 and power loss; it rejects when none of that is sure
 *   (some may still be there: readers deduplicate).
 * - order is kept per key.
 * - a consumer group gets every record from its last commit on, at least once.
 * - memory is bounded whatever the lag.
 */
export type EventLog = {
  append(topic: Topic, records: readonly LogRecord[]): Promise<void>;
  consume(topic: Topic, group: string, handlers: ConsumerHandlers): Promise<Consumer>;
  /** Records there at the time of the call that the group has not committed, after waiting for it up to `patience` milliseconds (default 0). */
  lag(topic: Topic, group: string, patience?: number): Promise<number>;
  /** Rejects with a Failure `unavailable` that says what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Measures until it is 0 or patience is at an end. */
export const measureLag = async (
  measure: () => number | Promise<number>,
  patience: number,
  pauseMilliseconds: number,
): Promise<number> => {
  const until = performance.now() + patience;
  for (;;) {
    const lag = await measure();
    if (lag === 0 || performance.now() >= until) return lag;
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
};
