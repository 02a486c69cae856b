import * as analytics from './analytics/analytics.ts';
import * as automations from './automations/automations.ts';
import { basketRescue } from './automations/ready-made.ts';
import { mountAutomationRoutes } from './automations/routes.ts';
import * as collector from './collector/collector.ts';
import * as demo from './demo/demo.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { createPlatform, type Platform } from './platform/platform.ts';
import * as sink from './sink/sink.ts';

/** The whole API stands at one address, wherever the work is done: dashboards and scripts know of one server. */
const startAnalytics: typeof analytics.start = (platform) => {
  mountAutomationRoutes(platform);
  return analytics.start(platform);
};

/** In the order of the flow, so that nothing waits unread. */
const starters = {
  sink: sink.start,
  collector: collector.start,
  analytics: startAnalytics,
  automations: automations.start,
} as const;
export type ServiceName = keyof typeof starters;
export const allServices = Object.keys(starters) as ServiceName[];

/** The whole product in one process: what `npm start` runs, and what the tests run on a temporary folder. */
export type Product = {
  platform: Platform;
  port: number;
  /** Resolves when the demo's history is loaded; at once where there is no demo. */
  demoReady: Promise<void>;
  /** Stops accepting, flushes, commits, closes. */
  close(): Promise<void>;
};

/** `progress` gets a line for a terminal now and then, e.g. while the demo's history loads. `services`: all unless said; apart, they need brokers and a server. */
export const startProduct = async (
  config: Config,
  options: { clock?: Clock; progress?: (line: string) => void; services?: readonly ServiceName[] } = {},
): Promise<Product> => {
  const { platform, close: closePlatform } = await createPlatform(
    config,
    options.clock === undefined ? {} : { clock: options.clock },
  );
  const running: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    // Nothing new comes in before what is in is written; then in reverse of the start.
    await platform.http.close();
    for (const service of running.toReversed()) await service.close();
    await closePlatform();
  };
  try {
    for (const name of options.services ?? allServices) running.push(await starters[name](platform));
    const shop =
      config.demo === null
        ? null
        : await demo.start(platform, { basketRescue, ...(options.progress ? { progress: options.progress } : {}) });
    if (shop !== null) running.push(shop);
    const port = await platform.http.listen();
    return { platform, port, demoReady: shop?.ready ?? Promise.resolve(), close };
  } catch (error) {
    await close();
    throw error;
  }
};
