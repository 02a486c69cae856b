import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Config } from './config.ts';

/** Logs carry ids, never personal data or secrets. Metrics carry low-cardinality labels. */
export type Logger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type Telemetry = {
  logger: Logger;
  /** Everything registered here is served at /metrics. */
  metrics: Registry;
};

export const createTelemetry = (config: Pick<Config, 'logLevel'>): Telemetry => ({
  logger: pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true })),
  metrics: new Registry(),
});
