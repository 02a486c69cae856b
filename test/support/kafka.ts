import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { TestBroker } from './broker.ts';
import { chooseBroker, type Needs } from './servers.ts';

export type TestKafka = {
  brokers: readonly string[];
  /** Topics and groups of this test start with it: the brokers may have others'. */
  prefix: string;
  /** Empty where the brokers are somebody else's. */
  nodes: readonly TestBroker[];
  close(): Promise<void>;
};

/** Somebody else's brokers: the topics that this test made there are removed; groups without topics go by themselves. */
const joinGiven = (brokers: readonly string[], prefix: string) => ({
  brokers,
  nodes: [],
  close: async (): Promise<void> => {
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await admin.disconnect();
  },
});

const open = async (needs: Needs, count: number, prefix: string): Promise<Omit<TestKafka, 'prefix'>> => {
  const source = chooseBroker(needs);
  switch (source.kind) {
    case 'missing':
      throw new Error(`no broker: ${source.reason}`);
    case 'given':
      return joinGiven(source.brokers, prefix);
    case 'docker':
      // Loaded only where it can run: that alone takes a second or two.
      return (await import('./kafka-docker.ts')).startInDocker(count);
    case 'maven':
      return (await import('./kafka-maven.ts')).startByMaven({ jars: source.jars, count });
  }
};

/** A real Apache Kafka 4: servers.ts says whose. @throws where none can be had: ask `lacksBroker` first. */
export const startKafka = async (options: Needs & { count?: number } = {}): Promise<TestKafka> => {
  const count = options.count ?? 1;
  const prefix = `tests-${randomBytes(4).toString('hex')}`;
  return { prefix, ...(await open({ ...options, isKilled: options.isKilled === true || count > 1 }, count, prefix)) };
};
