import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Definitions } from './definitions.ts';
import type { Serve } from './http/serve.ts';
import type { HttpServer } from './http/server.ts';
import type { EventLog } from './log/log.ts';
import type { Mailer } from './mail/mailer.ts';
import type { Outbox } from './mail/outbox.ts';
import type { Telemetry } from './telemetry.ts';
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
  /** Mounts a route value with its handler on `http`. */
  serve: Serve;
  telemetry: Telemetry;
};
