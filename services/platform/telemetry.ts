import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
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

/** How long the process's event loop was held, since the metrics were last read: what a tracking request waits at least. */
const watchEventLoop = (metrics: Registry): void => {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'desirepath_event_loop_delay_p99_seconds',
    help: '99th percentile since the last look',
    registers: [metrics],
    collect() {
      // Sampled every 10 ms: what is beyond that is delay.
      this.set(Math.max(0, delay.percentile(99) / 1e9 - 0.01));
      delay.reset();
    },
  });
};

export const createTelemetry = (config: Pick<Config, 'logLevel'>): Telemetry => {
  const metrics = new Registry();
  watchEventLoop(metrics);
  return { logger: pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true })), metrics };
};
