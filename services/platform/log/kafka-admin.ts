import type { Admin, Kafka } from 'kafkajs';
import type { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { bounded, type KafkaOptions, topicName } from './kafka-client.ts';
import { brokersAway } from './kafka-failure.ts';
import { measureLag, type Topic } from './log.ts';

const topics: readonly Topic[] = ['events', 'rejected', 'actions'];
/** A refused event is one record, of 16 MiB at most and each byte of it escaped: far more than a broker takes by default (1 MiB). */
const mostRecordBytes = 40 * 1024 * 1024;
/** Between two tries to make the topics. */
const topicPauseMilliseconds = 1000;
/** Between two looks at how far a group is. */
const lookMilliseconds = 100;

/** Makes what is missing; what is there stays as the operator set it. Several services may do so at once. */
const createTopics = async (admin: Admin, options: KafkaOptions): Promise<void> => {
  const there = new Set(await admin.listTopics());
  const missing = topics.map((topic) => topicName(options, topic)).filter((name) => !there.has(name));
  if (missing.length === 0) return;
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic,
        numPartitions: options.partitions,
        replicationFactor: options.replication,
        configEntries: [
          { name: 'retention.ms', value: String(options.retentionHours * 3_600_000) },
          { name: 'min.insync.replicas', value: String(options.minInSyncReplicas) },
          { name: 'max.message.bytes', value: String(mostRecordBytes) },
          // A broker that was behind must not become the leader: acknowledged records would be gone.
          { name: 'unclean.leader.election.enable', value: 'false' },
          // What something else writes to our topics becomes readable for us: kafkajs knows neither Snappy nor LZ4.
          { name: 'compression.type', value: 'zstd' },
          { name: 'message.timestamp.type', value: 'LogAppendTime' },
        ],
      })),
    });
  } catch (error) {
    if (!isAllExisting(error)) throw error;
  }
};

const isAllExisting = (error: unknown): boolean => {
  const { errors = [error] } = error as { errors?: unknown[] };
  return errors.every((each) => (each as { type?: string }).type === 'TOPIC_ALREADY_EXISTS');
};

/** Committed offsets against the ends of the partitions as they are now: what a group has not done with. */
export const lagOf = async (admin: Admin, topic: string, groupId: string, patience: number): Promise<number> => {
  const ends = await admin.fetchTopicOffsets(topic);
  const measure = async (): Promise<number> => {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const done = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.reduce(
      (lag, { partition, high, low }) =>
        // What retention removed can no longer be read, so nobody waits for it.
        lag + Math.max(0, Number(high) - Math.max(Number(low), done.get(partition) ?? -1)),
      0,
    );
  };
  return measureLag(measure, patience, lookMilliseconds);
};

/** An admin client that is connected when it is first needed, and anew after a failure. */
export const createAdmin = (kafka: Kafka) => {
  const state = { admin: null as Promise<Admin> | null };
  const connected = (): Promise<Admin> => {
    state.admin ??= (async () => {
      const admin = kafka.admin();
      await admin.connect();
      return admin;
    })();
    return state.admin;
  };
  const close = async (): Promise<void> => {
    const { admin } = state;
    state.admin = null;
    if (admin !== null) await bounded(admin.then((each) => each.disconnect()));
  };
  return {
    use: async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
      try {
        return await work(await connected());
      } catch (error) {
        void close();
        throw brokersAway(error);
      }
    },
    close,
  };
};

type AdminClient = ReturnType<typeof createAdmin>;

/** Resolves when the topics are there. The brokers may be away at the start: a collector takes events all the same. */
export const makeTopics = async (
  admin: AdminClient,
  options: KafkaOptions,
  { logger }: Telemetry,
  isClosed: () => boolean,
  failed: (failure: Failure) => void,
): Promise<void> => {
  while (!isClosed()) {
    try {
      await admin.use((each) => createTopics(each, options));
      return;
    } catch (error) {
      failed(error as Failure);
      logger.warn({ err: error }, 'the topics could not be made: it is tried again');
      await new Promise((resolve) => setTimeout(resolve, topicPauseMilliseconds));
    }
  }
};
