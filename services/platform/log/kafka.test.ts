import { basename } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { startKafka, type TestKafka } from '../../../test/support/kafka.ts';
import { lacksBroker } from '../../../test/support/servers.ts';
import { createTelemetry } from '../telemetry.ts';
import { logContract } from './contract.ts';
import { createKafkaLog } from './kafka.ts';
import type { EventLog } from './log.ts';

const shared: { kafka?: Promise<TestKafka> } = {};
const once = () => (shared.kafka ??= startKafka());

/** A folder's name stands for a cluster of its own. */
const open = async (folder: string): Promise<EventLog> => {
  const kafka = await once();
  return createKafkaLog({
    brokers: kafka.brokers,
    prefix: `${kafka.prefix}-${basename(folder)}`,
    partitions: 3,
    replication: 1,
    minInSyncReplicas: 1,
    retentionHours: 1,
    tls: false,
    sasl: null,
    telemetry: createTelemetry({ logLevel: 'silent' }),
  });
};

describe.skipIf(lacksBroker())('Kafka', { timeout: 120_000 }, () => {
  // The first time, an image may have to be fetched.
  beforeAll(once, 300_000);
  afterAll(async () => (await once()).close());
  logContract('Kafka', open);
});
