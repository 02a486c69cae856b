import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Environment } from '../../schemas/config.ts';
import type { KafkaOptions } from './log/kafka-client.ts';
import type { DkimKey } from './mail/dkim.ts';

export type Config = {
  port: number;
  host: string;
  dataDir: string;
  smtpUrl: string | null;
  mailFrom: { name: string; address: string };
  /** Null: mails go out as they are; the mail server may sign them. */
  dkim: DkimKey | null;
  /** Without a trailing slash. Null until the port is known: use `http.publicUrl()`. */
  publicUrl: string | null;
  adminToken: string;
  /** True when this start made the admin token: it is printed once. */
  adminTokenIsNew: boolean;
  /** 32 bytes or more; signs sessions, links and codes, each under its own label. */
  secretKey: string;
  demo: { seed: number; days: number } | null;
  /** Null: the embedded log. */
  kafka: KafkaOptions | null;
  spoolBytes: number;
  /** `http(s)://user:password@host:port/database`; null: the embedded engine. */
  clickhouseUrl: string | null;
  /** Null: a single server. */
  clickhouseCluster: string | null;
  /** Hosts that webhooks may be sent to although they are not of the public internet. */
  webhookPrivateHosts: readonly string[];
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** What is wrong with the environment: every variable that is, in one message. */
export class ConfigError extends Error {}

/** @throws ConfigError naming each bad variable, what it got and what it takes. */
export const readEnvironment = (variables: Readonly<Record<string, string | undefined>> = process.env): Environment => {
  const known = Object.fromEntries(
    Object.keys(Environment.shape).flatMap((name) => {
      const value = variables[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = Environment.safeParse(known);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const isSecret = /TOKEN|SECRET|PASSWORD|URL|SASL|PRIVATE_KEY/.test(name);
    const got = isSecret ? '(not shown)' : JSON.stringify(known[name]);
    const help = Environment.shape[name as keyof Environment]?.description ?? '';
    return `  ${name} is ${got}: ${issue.message}. ${help}.`;
  });
  throw new ConfigError(
    `The configuration has ${lines.length === 1 ? 'an error' : `${lines.length} errors`}:\n${lines.join('\n')}`,
  );
};

/** Reads a secret from DATA_DIR, or makes it there (0600) at first start. */
const keptSecret = (dataDir: string, name: string): { value: string; isNew: boolean } => {
  const file = join(dataDir, 'secrets', name);
  if (existsSync(file)) return { value: readFileSync(file, 'utf8').trim(), isNew: false };
  mkdirSync(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 });
  const value = randomBytes(32).toString('base64url');
  writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return { value, isNew: true };
};

const parseSender = (text: string): { name: string; address: string } => {
  const match = /^(.*?)\s*<([^<>\s]+)>$/.exec(text);
  return match ? { name: match[1] ?? '', address: match[2] ?? '' } : { name: '', address: text };
};

/** What several processes share must be said to each: a secret that one makes for itself is of no use to the others. */
const checkShared = ({ KAFKA_BROKERS, ADMIN_TOKEN, SECRET_KEY }: Environment): void => {
  if (KAFKA_BROKERS === undefined || (ADMIN_TOKEN !== undefined && SECRET_KEY !== undefined)) return;
  throw new ConfigError('With KAFKA_BROKERS, set ADMIN_TOKEN and SECRET_KEY too: the same for every service.');
};

const saslOptions = (environment: Environment): KafkaOptions['sasl'] => {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = environment;
  if (mechanism === undefined && username === undefined && password === undefined) return null;
  if (mechanism !== undefined && username !== undefined && password !== undefined)
    return { mechanism, username, password };
  throw new ConfigError(
    'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together: set all or none.',
  );
};

const kafkaOptions = (environment: Environment): KafkaOptions | null => {
  if (environment.KAFKA_BROKERS === undefined) return null;
  return {
    brokers: environment.KAFKA_BROKERS.split(','),
    prefix: environment.KAFKA_TOPIC_PREFIX,
    partitions: environment.KAFKA_PARTITIONS,
    replication: environment.KAFKA_REPLICATION,
    minInSyncReplicas: environment.KAFKA_MIN_INSYNC_REPLICAS,
    retentionHours: environment.KAFKA_RETENTION_HOURS,
    tls: environment.KAFKA_SSL,
    sasl: saslOptions(environment),
  };
};

const readKey = (pem: string): KeyObject | null => {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
};

/** Fewer bits than these no receiver believes (RFC 8301). */
const leastBits = 1024;

/** The key is looked at when we start: a mail with a broken signature is worse off than one without. */
const dkimKey = (environment: Environment): DkimKey | null => {
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY_FILE: file } = environment;
  const given = environment.DKIM_PRIVATE_KEY;
  if ([domain, selector, file, given].every((each) => each === undefined)) return null;
  if (domain === undefined || selector === undefined || (file === undefined) === (given === undefined))
    throw new ConfigError(
      'DKIM_DOMAIN, DKIM_SELECTOR and either DKIM_PRIVATE_KEY or DKIM_PRIVATE_KEY_FILE go together: set all or none.',
    );
  const name = file === undefined ? 'DKIM_PRIVATE_KEY' : 'DKIM_PRIVATE_KEY_FILE';
  if (file !== undefined && !existsSync(file)) throw new ConfigError(`${name}: there is no file ${file}.`);
  const privateKey = file === undefined ? (given ?? '').replaceAll('\\n', '\n') : readFileSync(file, 'utf8');
  const key = readKey(privateKey);
  const bits = key?.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
  if (bits < leastBits) throw new ConfigError(`${name} holds no private RSA key of ${leastBits} bits or more in PEM.`);
  return { domain, selector, privateKey };
};

/** Turns the flat environment into what the product uses; makes missing secrets in DATA_DIR. */
export const createConfig = (environment: Environment): Config => {
  checkShared(environment);
  const dataDir = resolve(environment.DATA_DIR);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const admin =
    environment.ADMIN_TOKEN === undefined
      ? keptSecret(dataDir, 'admin-token')
      : { value: environment.ADMIN_TOKEN, isNew: false };
  return {
    port: environment.PORT,
    host: environment.HOST,
    dataDir,
    smtpUrl: environment.SMTP_URL ?? null,
    mailFrom: parseSender(environment.MAIL_FROM),
    dkim: dkimKey(environment),
    publicUrl: environment.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    adminToken: admin.value,
    adminTokenIsNew: admin.isNew,
    secretKey: environment.SECRET_KEY ?? keptSecret(dataDir, 'secret-key').value,
    demo: environment.DEMO ? { seed: environment.DEMO_SEED, days: environment.DEMO_DAYS } : null,
    kafka: kafkaOptions(environment),
    spoolBytes: environment.SPOOL_BYTES,
    clickhouseUrl: environment.CLICKHOUSE_URL ?? null,
    clickhouseCluster: environment.CLICKHOUSE_CLUSTER ?? null,
    webhookPrivateHosts: environment.WEBHOOK_PRIVATE_HOSTS?.split(',') ?? [],
    logLevel: environment.LOG_LEVEL,
  };
};
