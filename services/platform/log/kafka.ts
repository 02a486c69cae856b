import { Counter, Histogram } from 'prom-client';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { createAdmin, lagOf, makeTopics } from './kafka-admin.ts';
import { createClient, groupName, type KafkaOptions, topicName } from './kafka-client.ts';
import { createConsumer } from './kafka-consumer.ts';
import { brokersAway } from './kafka-failure.ts';
import { createProducer } from './kafka-producer.ts';
import type { Consumer, EventLog } from './log.ts';

const pingMilliseconds = 3000;

const createMeasures = ({ metrics }: Telemetry) => ({
  seconds: new Histogram({
    name: 'desirepath_log_append_seconds',
    help: 'Time until an append is durable',
    registers: [metrics],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  }),
  appended: new Counter({
    name: 'desirepath_log_appended_records_total',
    help: 'Records that were made durable',
    labelNames: ['topic'],
    registers: [metrics],
  }),
});

/**
 * The log on Apache Kafka. `append` is acknowledged by every in-sync replica (`acks=all`, idempotent producer); a key keeps its partition for as long as
 * nobody changes the number of partitions.
 */
export const createKafkaLog = async (options: KafkaOptions & { telemetry: Telemetry }): Promise<EventLog> => {
  const { telemetry } = options;
  const kafka = createClient(options, telemetry);
  const admin = createAdmin(kafka);
  const producer = createProducer(kafka, options, telemetry);
  const measures = createMeasures(telemetry);
  const consumers = new Set<Consumer>();
  const appending = new Set<Promise<void>>();
  const life = { isClosed: false, hasTopics: false, failure: brokersAway() };

  const topicsMade = makeTopics(
    admin,
    options,
    telemetry,
    () => life.isClosed,
    (failure) => {
      life.failure = failure;
    },
  ).then(() => {
    life.hasTopics = true;
  });

  const waitForTopics = async (): Promise<void> => {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(life.failure), pingMilliseconds).unref();
    });
    await Promise.race([topicsMade, late]);
  };

  const checkOpen = (): void => {
    if (life.isClosed) throw new Failure('unavailable', 'The log is closed.');
  };

  return {
    append: async (topic, records) => {
      checkOpen();
      if (records.length === 0) return;
      const stopTimer = measures.seconds.startTimer();
      const work = (life.hasTopics ? Promise.resolve() : waitForTopics()).then(() => producer.append(topic, records));
      appending.add(work);
      try {
        await work;
      } finally {
        appending.delete(work);
      }
      stopTimer();
      measures.appended.inc({ topic }, records.length);
    },
    consume: async (topic, group, handlers) => {
      await topicsMade;
      checkOpen();
      const consumer = await createConsumer({
        kafka,
        topic: topicName(options, topic),
        group: groupName(options, topic, group),
        handlers,
        telemetry,
      });
      consumers.add(consumer);
      return consumer;
    },
    lag: (topic, group, patience = 0) =>
      admin.use((each) => lagOf(each, topicName(options, topic), groupName(options, topic, group), patience)),
    ping: async () => {
      checkOpen();
      const work = admin.use((each) => each.fetchTopicMetadata({ topics: [topicName(options, 'events')] }));
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Failure('unavailable', 'The brokers do not answer.')), pingMilliseconds).unref();
      });
      await Promise.race([work, late]);
    },
    close: async () => {
      if (life.isClosed) return;
      life.isClosed = true;
      await Promise.all([...consumers].map((consumer) => consumer.close()));
      await Promise.allSettled(appending);
      await producer.close();
      await admin.close();
    },
  };
};
