import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const flag = z.stringbool();
const optionalText = z.string().min(1).optional();

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
  KAFKA_BROKERS: optionalText.describe('Comma-separated brokers; without it the embedded log is used'),
  CLICKHOUSE_URL: optionalText.describe(
    'http(s)://user:password@host:8123/database; without it the embedded engine is used',
  ),
});
export type Environment = z.infer<typeof Environment>;
