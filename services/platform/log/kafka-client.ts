import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { Telemetry } from '../telemetry.ts';
import { useZstd } from './kafka-zstd.ts';
import type { Topic } from './log.ts';

/** Where the brokers are and what the topics are to be. */
export type KafkaOptions = {
  /** `host:port` each. */
  brokers: readonly string[];
  /** Topics and groups are called `prefix.name`, so that several installations can share brokers. */
  prefix: string;
  /** Of the topic `events` and, each, of the others; only where a topic is made. */
  partitions: number;
  replication: number;
  minInSyncReplicas: number;
  retentionHours: number;
  tls: boolean;
  sasl: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string } | null;
};

export const topicName = ({ prefix }: KafkaOptions, topic: Topic): string => `${prefix}.${topic}`;
/** A group reads one topic: members of one group with different topics would get each other's partitions. */
export const groupName = (options: KafkaOptions, topic: Topic, group: string): string =>
  `${topicName(options, topic)}.${group}`;

/** A broker that does not answer for so long counts as gone; callers then spool or ask again. */
const requestMilliseconds = 5000;
const connectMilliseconds = 3000;

/**
 * kafkajs with its log turned down: what it calls errors are mostly retries of its own ("the coordinator is loading"). What we cannot mend is
 * logged by us.
 */
export const createClient = (options: KafkaOptions, { logger }: Telemetry): Kafka => {
  useZstd();
  return new Kafka({
    clientId: 'desirepath',
    brokers: [...options.brokers],
    connectionTimeout: connectMilliseconds,
    requestTimeout: requestMilliseconds,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
    ssl: options.tls,
    ...(options.sasl === null ? {} : { sasl: options.sasl as SASLOptions }),
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, error } = entry.log as { message: string; error?: string };
      logger.debug({ kafka: entry.namespace, ...(error === undefined ? {} : { error }) }, message);
    },
  });
};

/** kafkajs 2.2 computes a negative time to wait, of no consequence, and Node warns of each first one: not an operator's business. */
const hideTimerWarning = (): void => {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!rest.some((each) => String(each).includes('TimeoutNegativeWarning'))) emitWarning(warning, ...rest);
  }) as typeof process.emitWarning;
};
hideTimerWarning();

/** kafkajs may wait for a broker that is gone: nobody waits longer than this for a good-bye. */
const goodByeMilliseconds = 3000;

/** Resolves when `work` is done, has failed, or took too long. */
export const bounded = async (work: Promise<unknown>, milliseconds = goodByeMilliseconds): Promise<void> => {
  const timer = { handle: undefined as NodeJS.Timeout | undefined };
  const late = new Promise<void>((resolve) => {
    timer.handle = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer.handle);
};
