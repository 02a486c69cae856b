import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { Failure } from './failure.ts';
import { type Access, createAccess } from './http/access.ts';
import { createServe, type Serve } from './http/serve.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { createEmbeddedLog } from './log/embedded.ts';
import type { EventLog } from './log/log.ts';
import type { Mailer } from './mail/mailer.ts';
import { createOutbox, type Outbox } from './mail/outbox.ts';
import { createSmtpMailer } from './mail/smtp.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';
import { createClickHouse } from './warehouse/clickhouse.ts';
import { createEmbeddedEngine } from './warehouse/embedded.ts';
import { migrate } from './warehouse/migrate.ts';
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

/** Chooses the adapters, once, and starts them: the only place that knows which is which. `close` stops them in reverse. */
export const createPlatform = async (
  config: Config,
  overrides: { clock?: Clock } = {},
): Promise<{ platform: Platform; close(): Promise<void> }> => {
  const clock = overrides.clock ?? systemClock;
  const telemetry = createTelemetry(config);
  const http = createHttpServer(config, telemetry);
  // The log's lock on DATA_DIR comes first: a second process must not start an engine on the same data.
  const log = await createEmbeddedLog({ path: join(config.dataDir, 'log'), clock, telemetry });
  const engine = await createEmbeddedEngine({ path: join(config.dataDir, 'warehouse'), telemetry });
  const warehouse = createClickHouse({ url: engine.url, telemetry });
  await migrate(warehouse);
  const definitions = createDefinitions({ warehouse, clock });
  const outbox = config.smtpUrl === null ? createOutbox({ path: join(config.dataDir, 'outbox'), clock }) : null;
  const mailer = outbox ?? createSmtpMailer({ url: config.smtpUrl ?? '', clock });
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
      await engine.close();
    },
  };
};
