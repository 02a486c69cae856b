import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startSecureKafka, user } from '../../../test/support/kafka-secure.ts';
import { lacksBroker } from '../../../test/support/servers.ts';
import { createKafkaLog } from './kafka.ts';
import type { KafkaOptions } from './kafka-client.ts';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const ownBroker = { environment: { TEST_DOCKER: 'off' } };

describe.skipIf(lacksBroker(ownBroker))('Kafka with TLS and users', { timeout: 60_000 }, () => {
  const started: { kafka?: Awaited<ReturnType<typeof startSecureKafka>> } = {};
  const trust = (...more: string[]): void => setDefaultCACertificates([...getCACertificates('bundled'), ...more]);
  const usual = getCACertificates('default');

  beforeAll(async () => {
    started.kafka = await startSecureKafka();
    trust(started.kafka.certificate);
  }, 120_000);
  afterAll(async () => {
    setDefaultCACertificates(usual);
    await started.kafka?.close();
  });

  /** `said`: all that it logged, whatever the level. */
  const open = async (sasl: KafkaOptions['sasl']) => {
    const lines: string[] = [];
    const log = await createKafkaLog({
      brokers: started.kafka?.brokers ?? [],
      prefix: `secure-${sasl?.mechanism}`,
      partitions: 1,
      replication: 1,
      minInSyncReplicas: 1,
      retentionHours: 1,
      tls: true,
      sasl,
      telemetry: {
        logger: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
        metrics: new Registry(),
      },
    });
    onTestFinished(() => log.close());
    return { log, said: () => lines.join('') };
  };
  const record = { key: 'a', label: 'shop', count: 1, value: Buffer.from('through TLS') };

  test.each(mechanisms)('%s: who signs in appends and consumes', async (mechanism) => {
    const { log, said } = await open({ mechanism, ...user });
    const got: string[] = [];
    await log.append('events', [record]);
    await log.consume('events', 'group', {
      assigned: async () => undefined,
      revoked: async () => undefined,
      records: async (batch) => void got.push(...batch.map(({ value }) => value.toString())),
      failed: (error) => expect.fail(String(error)),
    });
    await expect.poll(() => got, { timeout: 20_000 }).toEqual(['through TLS']);
    expect(said()).not.toContain(user.password);
  });

  test('who is refused is told soon and by name, and no password is logged', async () => {
    const refused = {
      code: 'unavailable',
      message: 'The brokers refuse the sign-in by KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
    };
    await Promise.all(
      mechanisms.map(async (mechanism) => {
        const { log, said } = await open({ mechanism, username: user.username, password: 'one-letter-too-many' });
        await expect(log.append('events', [record])).rejects.toMatchObject(refused);
        await expect(log.ping()).rejects.toMatchObject(refused);
        expect(said()).toContain('refuse the sign-in');
        expect(said()).not.toContain('one-letter-too-many');
      }),
    );
  });

  test('a broker whose certificate nobody knows gets no password', async () => {
    trust();
    const { log } = await open({ mechanism: 'plain', ...user });
    const untrusted = { code: 'unavailable', message: expect.stringContaining('certificate is not trusted') };
    await expect(log.append('events', [record])).rejects.toMatchObject(untrusted);
  });
});
