import type { EachBatchPayload, Kafka, Consumer as KafkaJsConsumer, KafkaMessage } from 'kafkajs';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { bounded } from './kafka-client.ts';
import type { Consumer, ConsumerHandlers, Position, StoredRecord } from './log.ts';

/** A member that is silent for so long loses its partitions. */
const sessionMilliseconds = 10_000;
/** After the sending of the last heartbeat that was answered. What is begun within it is at the warehouse well before another has the partition. */
const leaseMilliseconds = 6000;
/** What a member has to wind up when the group is dealt anew. */
const rebalanceMilliseconds = 15_000;
const heartbeatMilliseconds = 2000;
const fetchBytesOfPartition = 1024 * 1024;
const fetchBytes = 8 * 1024 * 1024;
const fetchWaitMilliseconds = 250;
/** After a broker refused a commit; it is tried again for as long as the partitions are ours. */
const commitPauseMilliseconds = 500;
/** kafkajs gives up for good on some errors (no broker at all); we do not. */
const restartMilliseconds = 1000;

/** One dealing of the partitions: what the group gave to this member until it deals again. */
type Session = {
  partitions: ReadonlySet<number>;
  /** Resolves when the handlers have taken the partitions over. */
  ready: Promise<void>;
  isReady: boolean;
  /** Rejects when the partitions are lost. */
  lost: Promise<never>;
  lose(error: unknown): void;
  isLost: boolean;
  /** When the last sign of life that the group answered was sent, by the monotonic clock. */
  aliveAt: number;
  committed: Map<number, number>;
};

const createSession = (partitions: readonly number[]): Session => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const session: Session = {
    partitions: new Set(partitions),
    ready: Promise.resolve(),
    isReady: false,
    lost: promise,
    isLost: false,
    aliveAt: performance.now(),
    committed: new Map(),
    lose: (error) => {
      session.isLost = true;
      reject(error);
    },
  };
  return session;
};

/** Errors that say: you are no longer a member as you were. Anything else may pass (a broker that restarts). */
const isDealtAnew = (error: unknown): boolean => {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'].includes(String(type ?? cause?.type));
};

/** No record of ours counts for more; one that says so was written by something else. */
const mostCounted = 10_000;

const countOf = (header: string | undefined): number => {
  const count = Number(header ?? 1);
  return Number.isInteger(count) && count >= 1 && count <= mostCounted ? count : 1;
};

const storedRecord = (partition: number, message: KafkaMessage): StoredRecord => ({
  key: message.key?.toString() ?? '',
  label: message.headers?.['label']?.toString() ?? '',
  count: countOf(message.headers?.['count']?.toString()),
  value: message.value ?? Buffer.alloc(0),
  partition,
  offset: Number(message.offset),
  appendedAt: Number(message.timestamp),
});

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a member of the group does: its dealing of partitions, one after the other. */
const createMember = (topic: string, handlers: ConsumerHandlers, telemetry: Telemetry) => {
  const state = { session: null as Session | null, turn: Promise.resolve(), isFailed: false, isClosed: false };

  const alive = (sentAt: number): void => {
    if (state.session !== null) state.session.aliveAt = sentAt;
  };

  const fail = (error: unknown): void => {
    if (state.isFailed || state.isClosed) return;
    state.isFailed = true;
    handlers.failed(error);
  };

  /** Every dealing takes all partitions back first: what is not committed comes again, to whomever. */
  const lose = (error: unknown): void => {
    const { session } = state;
    if (session === null) return;
    state.session = null;
    session.lose(error);
    state.turn = state.turn.then(() => handlers.revoked([...session.partitions])).catch(fail);
  };

  const dealt = (partitions: readonly number[]): void => {
    lose(new Error('the group was dealt anew'));
    const session = createSession(partitions);
    state.session = session;
    session.ready = state.turn.then(async () => {
      if (session.isLost) return;
      const isHeld = (): boolean => !session.isLost && performance.now() - session.aliveAt < leaseMilliseconds;
      if (partitions.length > 0) await handlers.assigned(partitions, { isHeld });
      session.isReady = true;
    });
    state.turn = session.ready.catch(fail);
  };

  /** kafkajs asks for a sign of life while a batch takes its time, e.g. while the warehouse is away. */
  const keepAlive = (session: Session, heartbeat: () => Promise<void>): (() => void) => {
    const last = { at: performance.now() };
    const timer = setInterval(() => {
      heartbeat().then(
        () => {
          last.at = performance.now();
        },
        (error: unknown) => {
          const isSilent = performance.now() - last.at > sessionMilliseconds;
          if ((isDealtAnew(error) || isSilent) && state.session === session) lose(error);
        },
      );
    }, heartbeatMilliseconds);
    return () => clearInterval(timer);
  };

  const eachBatch = async ({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> => {
    const { session } = state;
    const last = batch.messages.at(-1);
    if (session === null || !session.partitions.has(batch.partition) || last === undefined || state.isFailed) return;
    const stop = keepAlive(session, heartbeat);
    const take = async (): Promise<boolean> => {
      await session.ready;
      if (session.isLost || state.isFailed) return false;
      await handlers.records(batch.messages.map((message) => storedRecord(batch.partition, message)));
      return true;
    };
    try {
      const isTaken = await Promise.race([
        session.lost,
        take().catch((error: unknown) => {
          if (!session.isLost) fail(error);
          return false;
        }),
      ]);
      if (isTaken && !session.isLost) resolveOffset(last.offset);
    } catch (error) {
      // Only what kafkajs knows how to mend: it joins the group again. Otherwise the batch is just not taken.
      if (isDealtAnew(error)) throw error;
    } finally {
      stop();
    }
  };

  const commit = async (consumer: KafkaJsConsumer, positions: readonly Position[]): Promise<void> => {
    const { session } = state;
    if (session === null || !session.isReady) return;
    const due = positions.filter(
      ({ partition, offset }) => session.partitions.has(partition) && offset > (session.committed.get(partition) ?? -1),
    );
    if (due.length === 0) return;
    while (!session.isLost && !state.isClosed) {
      try {
        await consumer.commitOffsets(
          due.map(({ partition, offset }) => ({ topic, partition, offset: String(offset + 1) })),
        );
        for (const { partition, offset } of due) session.committed.set(partition, offset);
        return;
      } catch (error) {
        if (isDealtAnew(error)) return;
        telemetry.logger.warn({ err: error }, 'the brokers took no commit');
        await sleep(commitPauseMilliseconds);
      }
    }
  };

  return { state, dealt, alive, lose, eachBatch, commit };
};

/** A consumer of one topic in one group, by kafkajs: keeps the promises of log.ts through rebalances and outages of the brokers. */
export const createConsumer = async (deps: {
  kafka: Kafka;
  topic: string;
  group: string;
  handlers: ConsumerHandlers;
  telemetry: Telemetry;
}): Promise<Consumer> => {
  const { kafka, topic, group, handlers, telemetry } = deps;
  const member = createMember(topic, handlers, telemetry);
  const { state } = member;
  const life = { consumer: null as KafkaJsConsumer | null, closing: null as Promise<void> | null };

  const open = async (): Promise<void> => {
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionMilliseconds,
      rebalanceTimeout: rebalanceMilliseconds,
      heartbeatInterval: heartbeatMilliseconds,
      maxBytesPerPartition: fetchBytesOfPartition,
      maxBytes: fetchBytes,
      maxWaitTimeInMs: fetchWaitMilliseconds,
      allowAutoTopicCreation: false,
    });
    life.consumer = consumer;
    const { GROUP_JOIN, REBALANCING, CRASH, REQUEST, HEARTBEAT } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => member.dealt(payload.memberAssignment[topic] ?? []));
    // An answer may have lain in the socket for as long as this process was stopped: what counts is when it was asked for.
    const heartbeat = { sentAt: 0 };
    consumer.on(REQUEST, ({ payload: { apiName, duration } }) => {
      if (apiName === 'Heartbeat') heartbeat.sentAt = performance.now() - duration;
    });
    consumer.on(HEARTBEAT, () => member.alive(heartbeat.sentAt));
    consumer.on(REBALANCING, () => member.lose(new Error('the group is dealt anew')));
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      member.lose(error);
      if (restart || state.isClosed) return;
      telemetry.logger.warn({ err: error }, 'the consumer starts again');
      void reopen();
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 4,
        eachBatch: member.eachBatch,
      });
    } catch (error) {
      await bounded(consumer.disconnect());
      throw error;
    }
  };

  /** Brokers may be away when a service starts as at any other time. */
  const openPatiently = async (): Promise<void> => {
    while (!state.isClosed) {
      try {
        await open();
        return;
      } catch (error) {
        // only logged: it is tried again for as long as the consumer is wanted.
        telemetry.logger.warn({ err: error }, 'the consumer could not start: it is tried again');
        await sleep(restartMilliseconds);
      }
    }
  };

  const reopen = async (): Promise<void> => {
    await sleep(restartMilliseconds);
    await openPatiently();
  };

  const close = async (): Promise<void> => {
    state.isClosed = true;
    member.lose(new Failure('unavailable', 'The consumer is closed.'));
    await state.turn;
    if (life.consumer !== null) await bounded(life.consumer.disconnect());
  };

  await openPatiently();
  return {
    commit: async (positions) => {
      if (life.consumer !== null) await member.commit(life.consumer, positions);
    },
    close: () => {
      life.closing ??= close();
      return life.closing;
    },
  };
};
