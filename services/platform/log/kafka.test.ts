import { basename } from 'node:path';
import { afterAll, describe } from 'vitest';
import { fetchKafka, startKafka, type TestKafka } from '../../../test/support/kafka.ts';
import { createTelemetry } from '../telemetry.ts';
import { logContract } from './contract.ts';
import { createKafkaLog } from './kafka.ts';
import type { EventLog } from './log.ts';

const shared: { kafka?: Promise<TestKafka> } = {};
afterAll(async () => (await shared.kafka)?.close());

/** A folder's name stands for a cluster of its own. */
const open = async (folder: string): Promise<EventLog> => {
  shared.kafka ??= startKafka();
  const kafka = await shared.kafka;
  return createKafkaLog({
    brokers: kafka.brokers,
    prefix: basename(folder),
    partitions: 3,
    replication: 1,
    minInSyncReplicas: 1,
    retentionHours: 1,
    tls: false,
    sasl: null,
    telemetry: createTelemetry({ logLevel: 'silent' }),
  });
};

describe.skipIf('missing' in fetchKafka())('Kafka', { timeout: 120_000 }, () => {
  logContract('Kafka', open);
});
