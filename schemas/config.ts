import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const flag = z.stringbool();

/**
 * Every environment variable: its type, its default, one line of help. `docs/configuration.md` lists exactly these (a test compares them).
 */
export const Environment = z.object({
  PORT: port.default(8080).describe('Where the server listens; 0 takes any free port'),
  HOST: z.string().min(1).default('127.0.0.1').describe('The address to listen on; 0.0.0.0 for every network'),
  DATA_DIR: z.string().min(1).default('./data').describe('Embedded log, embedded warehouse, outbox, secrets'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('smtp(s)://user:password@host:port; without it mails are kept in the outbox'),
  MAIL_FROM: z
    .string()
    .min(3)
    .default('Desirepath <no-reply@localhost>')
    .describe('Sender of mails where a template names none: Name <address>'),
  DKIM_DOMAIN: z
    .string()
    .regex(/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/i, 'a domain')
    .optional()
    .describe('The domain that mails are signed for (DKIM); without it they are not signed here'),
  DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i, 'letters, digits and dashes')
    .optional()
    .describe('Under which the public key stands in the DNS: SELECTOR._domainkey.DOMAIN'),
  DKIM_PRIVATE_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('An RSA key of 1024 bits or more in PEM; its line breaks may be written \\n'),
  DKIM_PRIVATE_KEY_FILE: z.string().min(1).optional().describe('Or the file that holds it'),
  WEBHOOK_PRIVATE_HOSTS: z
    .string()
    .regex(/^[^\s,]+(,[^\s,]+)*$/, 'host or host:port, more of them after commas')
    .optional()
    .describe('Hosts of the own network that webhooks may reach; without it only public addresses'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base of links in mails; default http://localhost:PORT'),
  ADMIN_TOKEN: z
    .string()
    .min(16, 'at least 16 characters')
    .optional()
    .describe('Bearer token with every right; made at first start and printed once if missing'),
  SECRET_KEY: z
    .string()
    .min(32, 'at least 32 characters')
    .optional()
    .describe('Signs sessions, unsubscribe links and discount codes; made at first start if missing'),
  DEMO: flag.default(false).describe('The demo shop with its synthetic shoppers'),
  DEMO_SEED: z.coerce.number().int().default(20261).describe('Seed of the synthetic shoppers'),
  DEMO_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(365)
    .default(60)
    .describe('Days of history that the demo loads at first start'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('Least level that is logged'),
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'host:port, more of them after commas')
    .optional()
    .describe('Comma-separated brokers (host:port); without it the embedded log is used'),
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,100}$/, 'letters, digits, dots, dashes and underscores')
    .default('desirepath')
    .describe('Topics and consumer groups are called PREFIX.name'),
  KAFKA_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(12)
    .describe('Partitions of a topic that is made: the most sinks that can share the work'),
  KAFKA_REPLICATION: z.coerce.number().int().min(1).max(9).default(1).describe('Replicas of a topic that is made'),
  KAFKA_MIN_INSYNC_REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .max(9)
    .default(1)
    .describe('Replicas that must have an event before it is acknowledged, of a topic that is made'),
  KAFKA_RETENTION_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .default(168)
    .describe('Hours that a topic that is made keeps its records: longer than any outage of the warehouse'),
  KAFKA_SSL: flag.default(false).describe('TLS to the brokers, checked against the system certificates'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('plain, scram-sha-256 or scram-sha-512; without it nobody signs in to the brokers'),
  KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('User at the brokers'),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional().describe('Password at the brokers'),
  SPOOL_BYTES: z.coerce
    .number()
    .int()
    .min(1_000_000)
    .default(1_000_000_000)
    .describe('Most bytes that are kept on disk, in DATA_DIR/spool, while the brokers are away'),
  CLICKHOUSE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('http(s)://user:password@host:8123/database; without it the embedded engine is used'),
  CLICKHOUSE_CLUSTER: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the cluster, as in remote_servers: tables are then replicated, events spread over its shards'),
});
export type Environment = z.infer<typeof Environment>;
