import {
  CompressionTypes,
  type IHeaders,
  type Kafka,
  type Message,
  Partitioners,
  type Producer,
  type TopicMessages,
} from 'kafkajs';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { bounded, type KafkaOptions, topicName } from './kafka-client.ts';
import { brokersAway } from './kafka-failure.ts';
import type { LogRecord, Topic } from './log.ts';

/** Brokers take batches of 1 MiB of one partition by default; a send never has more in all, unless one record does. */
const sendBytes = 900_000;
/** Appends that wait; beyond it they are refused, as the clients' bodies would fill the memory. */
const mostWaitingBytes = 64 * 1024 * 1024;
/** kafkajs tries again by itself within this; then whoever appends spools or tells the client to come back. */
const sendMilliseconds = 8000;
/** What a client that is sent away is told to wait. */
const retrySeconds = 3;
/** Roughly what a record has besides its value. */
const recordOverhead = 200;

type Waiting = { topic: Topic; records: readonly LogRecord[]; bytes: number; settle(error: unknown): void };

export type KafkaProducer = {
  /** Resolves when every in-sync replica has the records. @throws Failure `unavailable`; `too_large` for a record that the brokers will never take */
  append(topic: Topic, records: readonly LogRecord[]): Promise<void>;
  close(): Promise<void>;
};

/** What the accounts need, readable without the value. */
export const headersOf = ({ label, count }: LogRecord): IHeaders => ({ label, count: String(count) });

const messageOf = (record: LogRecord): Message => ({
  key: record.key,
  value: record.value,
  headers: headersOf(record),
});

const bytesOf = ({ value }: LogRecord): number => value.length + recordOverhead;

type Run = { records: LogRecord[]; bytes: number };

/** Consecutive records that fit one send; one that is larger than that goes alone. */
const runsOf = (records: readonly LogRecord[]): Run[] => {
  const runs: Run[] = [];
  for (const record of records) {
    const bytes = bytesOf(record);
    const last = runs.at(-1);
    if (last === undefined || last.bytes + bytes > sendBytes) runs.push({ records: [record], bytes });
    else {
      last.records.push(record);
      last.bytes += bytes;
    }
  }
  return runs;
};

const failureOf = (cause: unknown): Failure =>
  (cause as { type?: unknown }).type === 'MESSAGE_TOO_LARGE'
    ? new Failure('too_large', 'A record is larger than the brokers take: raise max.message.bytes.', { cause })
    : brokersAway(cause, retrySeconds);

const topicMessages = (options: KafkaOptions, batch: readonly Waiting[]): TopicMessages[] =>
  [...Map.groupBy(batch, ({ topic }) => topic)].map(([topic, appends]) => ({
    topic: topicName(options, topic),
    messages: appends.flatMap(({ records }) => records.map(messageOf)),
  }));

const within = async <T>(work: Promise<T>, milliseconds: number): Promise<T> => {
  const timer = { handle: undefined as NodeJS.Timeout | undefined };
  const late = new Promise<never>((_, reject) => {
    timer.handle = setTimeout(() => reject(new Error(`no answer for ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer.handle);
  }
};

/**
 * The one way to the brokers: one send at a time, and what comes in the meantime shares the next (kafkajs has no linger of its own). So the order of a
 * key is that of the appends, and under load a send carries hundreds of records. After any failed send the producer is thrown away: an idempotent
 * one that met an out-of-order or unknown-producer error never heals.
 */
export const createProducer = (kafka: Kafka, options: KafkaOptions, { logger }: Telemetry): KafkaProducer => {
  const queue = { waiting: [] as Waiting[], bytes: 0, loop: null as Promise<void> | null };
  const life = { producer: null as Promise<Producer> | null, isClosed: false };

  const connect = async (): Promise<Producer> => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Java's: other clients that key by person find the same partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
    });
    await producer.connect();
    return producer;
  };

  const discard = (): void => {
    const { producer } = life;
    life.producer = null;
    if (producer !== null) void bounded(producer.then((each) => each.disconnect()));
  };

  const send = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      life.producer ??= connect();
      const producer = await within(life.producer, sendMilliseconds);
      const work = producer.sendBatch({
        acks: -1,
        compression: CompressionTypes.ZSTD,
        topicMessages: topicMessages(options, batch),
      });
      await within(work, sendMilliseconds);
    } catch (error) {
      discard();
      logger.warn({ err: error }, 'the brokers took no records');
      throw error;
    }
  };

  const nextBatch = (): Waiting[] => {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const each of queue.waiting) {
      if (batch.length > 0 && bytes + each.bytes > sendBytes) break;
      batch.push(each);
      bytes += each.bytes;
    }
    queue.waiting.splice(0, batch.length);
    return batch;
  };

  const sendAll = async (): Promise<void> => {
    // What is appended in the same turn goes together.
    await new Promise(setImmediate);
    while (queue.waiting.length > 0) {
      const batch = nextBatch();
      const error = await send(batch).then(() => null, failureOf);
      for (const { bytes, settle } of batch) {
        queue.bytes -= bytes;
        settle(error);
      }
    }
    queue.loop = null;
  };

  const take = (topic: Topic, { records, bytes }: Run): Promise<void> =>
    new Promise((resolve, reject) => {
      queue.bytes += bytes;
      const settle = (error: unknown): void => (error === null ? resolve() : reject(error));
      queue.waiting.push({ topic, records, bytes, settle });
      queue.loop ??= sendAll();
    });

  return {
    append: async (topic, records) => {
      if (life.isClosed) throw new Failure('unavailable', 'The log is closed.');
      const runs = runsOf(records);
      const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
      if (queue.bytes > 0 && queue.bytes + bytes > mostWaitingBytes)
        throw new Failure('unavailable', 'The brokers are slower than what comes in: try again.');
      // One after the other: where one is not taken, none behind it may come before it when all are sent again.
      for (const run of runs) await take(topic, run);
    },
    close: async () => {
      life.isClosed = true;
      await queue.loop;
      const { producer } = life;
      if (producer !== null) await bounded(producer.then((each) => each.disconnect()));
    },
  };
};
