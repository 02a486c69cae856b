import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from './clock.ts';
import { type Config, ConfigError } from './config.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { Failure } from './failure.ts';
import { type Access, createAccess } from './http/access.ts';
import { createServe, type Serve } from './http/serve.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { createEmbeddedLog } from './log/embedded.ts';
import { createKafkaLog } from './log/kafka.ts';
import type { EventLog } from './log/log.ts';
import { createSpool } from './log/spool.ts';
import type { Mailer } from './mail/mailer.ts';
import { createOutbox, type Outbox } from './mail/outbox.ts';
import { createSmtpMailer } from './mail/smtp.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';
import { createClickHouse } from './warehouse/clickhouse.ts';
import { createEmbeddedEngine, type EmbeddedEngine } from './warehouse/embedded.ts';
import { migrate } from './warehouse/migrate.ts';
import { embeddedTarget, targetOf } from './warehouse/target.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** What every service stands on. Built once, from configuration; tests build it with a temporary folder and a hand-set clock. */
export type Platform = {
  config: Config;
  clock: Clock;
  log: EventLog;
  warehouse: Warehouse;
  definitions: Definitions;
  mailer: Mailer;
  /** Mails kept on this machine; null when an SMTP server is set. */
  outbox: Outbox | null;
  http: HttpServer;
  access: Access;
  /** Mounts a route value with its handler on `http`. */
  serve: Serve;
  telemetry: Telemetry;
};

/** Below this much free disk the product says that it is not ready: the log and the engine must be able to write. */
const leastFreeBytes = 500_000_000;

const checkDisk = async (dataDir: string): Promise<void> => {
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < leastFreeBytes)
    throw new Failure('unavailable', `less than ${leastFreeBytes / 1e6} MB free at ${dataDir}`);
};

const openLog = async (config: Config, clock: Clock, telemetry: Telemetry): Promise<EventLog> => {
  if (config.kafka === null) return createEmbeddedLog({ path: join(config.dataDir, 'log'), clock, telemetry });
  const log = await createKafkaLog({ ...config.kafka, telemetry });
  return createSpool({
    log,
    path: join(config.dataDir, 'spool'),
    mostBytes: config.spoolBytes,
    clock,
    telemetry,
  });
};

const openEngine = (config: Config, telemetry: Telemetry, url?: string): Promise<EmbeddedEngine> =>
  createEmbeddedEngine({
    path: join(config.dataDir, 'warehouse'),
    telemetry,
    ...(url === undefined ? {} : { url }),
  });

const openWarehouse = (config: Config, engine: EmbeddedEngine | null, telemetry: Telemetry): Warehouse => {
  const url = engine?.url ?? config.clickhouseUrl ?? '';
  const target = engine === null ? targetOf(url, config.clickhouseCluster) : embeddedTarget;
  return createClickHouse({ url, telemetry, target });
};

/** Between two tries to reach a server that is not there yet. */
const warehousePauseMilliseconds = 1000;

/** A service that starts before its warehouse waits for it; anything else that is wrong with it is told at once. */
const migrateWhenThere = async (warehouse: Warehouse, clock: Clock, { logger }: Telemetry): Promise<void> => {
  for (;;) {
    try {
      await migrate(warehouse);
      return;
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'unavailable')) throw error;
      logger.warn({ err: error }, 'the warehouse is not there yet');
      await clock.sleep(warehousePauseMilliseconds);
    }
  }
};

/** The engine alone, for services in other processes: listens where CLICKHOUSE_URL says. */
export const startEngine = async (config: Config): Promise<EmbeddedEngine> => {
  if (config.clickhouseUrl === null)
    throw new ConfigError(
      'To run the engine alone, set CLICKHOUSE_URL: it listens there, with that user and password.',
    );
  return openEngine(config, createTelemetry(config), config.clickhouseUrl);
};

/** Chooses the adapters, once, and starts them: the only place that knows which is which. `close` stops them in reverse. */
export const createPlatform = async (
  config: Config,
  overrides: { clock?: Clock } = {},
): Promise<{ platform: Platform; close(): Promise<void> }> => {
  const clock = overrides.clock ?? systemClock;
  const telemetry = createTelemetry(config);
  const http = createHttpServer(config, telemetry);
  // The log's lock on DATA_DIR comes first: a second process must not start an engine on the same data.
  const log = await openLog(config, clock, telemetry);
  const engine = config.clickhouseUrl === null ? await openEngine(config, telemetry) : null;
  const warehouse = openWarehouse(config, engine, telemetry);
  await migrateWhenThere(warehouse, clock, telemetry);
  const definitions = createDefinitions({ warehouse, clock });
  const { dkim, smtpUrl } = config;
  const outbox = smtpUrl === null ? createOutbox({ path: join(config.dataDir, 'outbox'), clock, dkim }) : null;
  const mailer = outbox ?? createSmtpMailer({ url: smtpUrl ?? '', clock, dkim });
  const access = createAccess({ config, definitions, clock });
  http.addCheck('log', () => log.ping());
  http.addCheck('warehouse', () => warehouse.ping());
  http.addCheck('disk', () => checkDisk(config.dataDir));

  return {
    platform: {
      config,
      clock,
      log,
      warehouse,
      definitions,
      mailer,
      outbox,
      http,
      access,
      serve: createServe(http, access.guard),
      telemetry,
    },
    close: async () => {
      await mailer.close();
      await definitions.close();
      await log.close();
      await warehouse.close();
      await engine?.close();
    },
  };
};
