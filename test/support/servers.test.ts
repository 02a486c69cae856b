import { once } from 'node:events';
import { createServer } from 'node:net';
import { createClient } from '@clickhouse/client';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createKafkaLog } from '../../services/platform/log/kafka.ts';
import { createTelemetry } from '../../services/platform/telemetry.ts';
import { createClickHouse } from '../../services/platform/warehouse/clickhouse.ts';
import { migrate } from '../../services/platform/warehouse/migrate.ts';
import { targetOf } from '../../services/platform/warehouse/target.ts';
import { startClickHouse } from './clickhouse.ts';
import { startKafka } from './kafka.ts';
import { chooseBroker, chooseWarehouse, composeImage, lacksBroker, type Reach, reachesDocker } from './servers.ts';

const quiet = () => createTelemetry({ logLevel: 'silent' });

describe('the choice', () => {
  const all: Reach = { docker: () => true, kafka: () => ({ jars: '/jars' }) };
  const noDocker: Reach = { ...all, docker: () => false };
  const nothing: Reach = { docker: () => false, kafka: () => ({ missing: 'there is no Java' }) };
  /** Asked only when it comes to that: an answer may cost a download. */
  const unasked: Reach = { docker: () => expect.fail('asked'), kafka: () => expect.fail('asked') };
  const brokers = { KAFKA_BROKERS: 'a:9092,b:9092' };
  const clickHouse = { CLICKHOUSE_URL: 'http://a:8123' };

  test('of brokers: those that are given, then containers, then Maven', () => {
    expect(chooseBroker({ environment: brokers }, unasked)).toEqual({ kind: 'given', brokers: ['a:9092', 'b:9092'] });
    expect(chooseBroker({ environment: { KAFKA_BROKERS: '' } }, all)).toEqual({ kind: 'docker' });
    expect(chooseBroker({ environment: {} }, noDocker)).toEqual({ kind: 'maven', jars: '/jars' });
    expect(chooseBroker({ environment: {} }, nothing)).toEqual({ kind: 'missing', reason: 'there is no Java' });
  });

  test('what is killed is not what is given', () => {
    expect(chooseBroker({ environment: brokers, isKilled: true }, all)).toEqual({ kind: 'docker' });
    expect(chooseBroker({ environment: brokers, isKilled: true }, nothing)).toMatchObject({ kind: 'missing' });
    expect(chooseWarehouse({ environment: clickHouse, isKilled: true }, all)).toEqual({ kind: 'docker' });
    expect(chooseWarehouse({ environment: clickHouse, isKilled: true }, nothing)).toEqual({ kind: 'engine' });
  });

  test('of warehouses: the one that is given, then a container, then the engine, which is always there', () => {
    expect(chooseWarehouse({ environment: clickHouse }, unasked)).toEqual({ kind: 'given', url: 'http://a:8123' });
    expect(chooseWarehouse({ environment: {} }, all)).toEqual({ kind: 'docker' });
    expect(chooseWarehouse({ environment: {} }, nothing)).toEqual({ kind: 'engine' });
  });

  test('Docker can be left aside', () => {
    const environment = { TEST_DOCKER: 'off' };
    expect(chooseBroker({ environment }, { ...all, docker: unasked.docker })).toMatchObject({ kind: 'maven' });
    expect(chooseWarehouse({ environment }, unasked)).toEqual({ kind: 'engine' });
  });
});

test('a Docker that takes the connection and says nothing counts as none', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  expect(reachesDocker({ PATH: process.env['PATH'], DOCKER_HOST: `tcp://127.0.0.1:${port}` })).toBe(false);
});

test('the image of the warehouse is the one that docker-compose.yml names', () => {
  expect(composeImage('clickhouse', {})).toMatch(/^clickhouse\/clickhouse-server:\d+\.\d+$/);
  expect(composeImage('clickhouse', { CLICKHOUSE_VERSION: '1.2' })).toBe('clickhouse/clickhouse-server:1.2');
  expect(() => composeImage('nobody')).toThrow('no service nobody');
});

const listTopics = async (brokers: readonly string[]): Promise<string[]> => {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics.filter((topic) => !topic.startsWith('__'));
};

test.skipIf(lacksBroker({ isKilled: true }))(
  'on brokers that are given, a test has topics of its own and leaves others alone',
  { timeout: 90_000 },
  async () => {
    const operators = await startKafka({ isKilled: true });
    onTestFinished(() => operators.close());
    const environment = { KAFKA_BROKERS: operators.brokers.join(',') };
    const open = async (brokers: readonly string[], prefix: string): Promise<void> => {
      const log = await createKafkaLog({
        brokers,
        prefix,
        partitions: 1,
        replication: 1,
        minInSyncReplicas: 1,
        retentionHours: 1,
        tls: false,
        sasl: null,
        telemetry: quiet(),
      });
      await log.append('events', [{ key: 'a', label: 'shop', count: 1, value: Buffer.from('a') }]);
      await log.close();
    };
    await open(operators.brokers, 'theirs');
    const theirs = await listTopics(operators.brokers);
    expect(theirs).toContain('theirs.events');

    const [first, second] = [await startKafka({ environment }), await startKafka({ environment })];
    expect(first.nodes).toEqual([]);
    await open(first.brokers, first.prefix);
    await open(second.brokers, second.prefix);
    await first.close();
    // Brokers say that topics are gone a moment before they are.
    const left = () => listTopics(operators.brokers);
    await expect.poll(left, { timeout: 10_000 }).not.toContainEqual(expect.stringContaining(first.prefix));
    expect(await left()).toContain(`${second.prefix}.events`);
    await second.close();
    await expect.poll(async () => (await left()).sort(), { timeout: 10_000 }).toEqual(theirs.sort());
  },
);

test('on a warehouse that is given, a test has a database of its own, which goes with it', {
  timeout: 60_000,
}, async () => {
  const operators = await startClickHouse({ isKilled: true });
  onTestFinished(() => operators.close());
  const client = createClient({ url: operators.url });
  onTestFinished(() => client.close());
  const databases = async (): Promise<string[]> => {
    const answer = await client.query({ query: 'SELECT name FROM system.databases', format: 'JSONEachRow' });
    return ((await answer.json()) as { name: string }[]).map(({ name }) => name).sort();
  };
  const before = await databases();
  const environment = { CLICKHOUSE_URL: operators.url };
  const given = [await startClickHouse({ environment }), await startClickHouse({ environment })];
  for (const { url, server } of given) {
    expect(server).toBeNull();
    const warehouse = createClickHouse({ url, telemetry: quiet(), target: targetOf(url, null) });
    expect((await migrate(warehouse)).applied.length, 'nobody was here before').toBeGreaterThan(5);
    await warehouse.close();
  }
  expect(await databases()).toHaveLength(before.length + 2);
  for (const each of given) await each.close();
  expect(await databases()).toEqual(before);
});

test('a warehouse of our own is killed and started again at the same address, with all that was acknowledged', {
  timeout: 60_000,
}, async () => {
  const { url, server, close } = await startClickHouse({ isKilled: true });
  onTestFinished(close);
  const client = createClient({ url });
  onTestFinished(() => client.close());
  await client.command({ query: 'CREATE TABLE kept (id UInt64) ENGINE = MergeTree ORDER BY id' });
  await client.insert({ table: 'kept', values: [{ id: 1 }, { id: 2 }], format: 'JSONEachRow' });
  await server?.kill9();
  await expect(fetch(`http://${new URL(url).host}/ping`)).rejects.toThrow();
  await server?.start();
  await server?.ready();
  const answer = await client.query({ query: 'SELECT id FROM kept ORDER BY id', format: 'JSONEachRow' });
  expect(await answer.json()).toHaveLength(2);
});
