import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { onTestFinished } from 'vitest';
import { createApart } from './apart.ts';
import { createApi } from './api.ts';
import { startClickHouse } from './clickhouse.ts';
import { startKafka } from './kafka.ts';
import { eventually } from './product.ts';
import type { Service } from './service.ts';

export type Stats = Record<'received' | 'stored' | 'duplicate' | 'rejected' | 'waiting', number>;

export type Installation = Awaited<ReturnType<typeof startInstallation>>;

/**
 * What an operator runs past one machine, all of it in processes: real brokers, a ClickHouse by URL, two collectors, two sinks, analytics, two
 * automations. With one site, `shop`. Ended and removed when the test is over.
 */
export const startInstallation = async (
  options: {
    brokers?: number;
    /** What the test ends and starts again, besides the services: then it is not somebody else's. */
    kills?: readonly ('brokers' | 'warehouse')[];
    environment?: Readonly<Record<string, string>>;
    /** What the disk of the first collector has room for; unlimited unless said. */
    diskBytes?: number;
  } = {},
) => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-faults-'));
  // The last one goes first, and each goes whether or not another did.
  const atTheEnd = (close: () => Promise<void>): void => onTestFinished(close, 60_000);
  atTheEnd(() => rm(folder, { recursive: true, force: true }));
  const kills = options.kills ?? [];
  const kafka = await startKafka({ count: options.brokers ?? 1, isKilled: kills.includes('brokers') });
  atTheEnd(kafka.close);
  const clickHouse = await startClickHouse({ isKilled: kills.includes('warehouse') });
  atTheEnd(clickHouse.close);
  const apart = createApart({
    brokers: kafka.brokers,
    topicPrefix: kafka.prefix,
    warehouseUrl: clickHouse.url,
    folder,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  atTheEnd(apart.close);
  const warehouse = createClient({ url: clickHouse.url, request_timeout: 30_000 });
  atTheEnd(() => warehouse.close());

  const collectors = [
    await apart.create('collector-1', 'collector', options.diskBytes),
    await apart.create('collector-2', 'collector'),
  ];
  const sinks = [await apart.create('sink-1', 'sink'), await apart.create('sink-2', 'sink')];
  const analytics = await apart.create('analytics', 'analytics');
  const automations = [
    await apart.create('automations-1', 'automations'),
    await apart.create('automations-2', 'automations'),
  ];
  const services: readonly Service[] = [...collectors, ...sinks, analytics, ...automations];
  await apart.start(...services);

  /** A call as administrator. @throws on any status that is none of success */
  const api = createApi(analytics.base, 30_000);

  /** Rows of a query that the engine itself answers, past all of our code. */
  const rows = async <T>(query: string): Promise<T[]> => {
    const answer = await warehouse.query({
      query,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
    });
    return (await answer.json()) as T[];
  };

  const { writeKeys } = await api<{ writeKeys: string[] }>('POST', '/api/sites', { id: 'shop', name: 'Shop' });
  return {
    kafka,
    apart,
    /** Null where it is somebody else's. */
    warehouse: clickHouse.server,
    collectors,
    sinks,
    analytics,
    automations,
    services,
    api,
    rows,
    writeKey: writeKeys[0] ?? '',
    /** Waits until nothing waits any more. */
    settled: (seconds = 120): Promise<Stats> =>
      eventually(async () => {
        const stats = await api<Stats>('GET', '/api/sites/shop/ingest/stats');
        if (stats.waiting !== 0) throw new Error(`not settled: ${JSON.stringify(stats)}`);
        return stats;
      }, seconds),
    /** What all services said, for a test that failed. */
    output: (): string =>
      [...(clickHouse.server === null ? [] : [clickHouse.server]), ...services]
        .map((service) => `── ${service.name}\n${service.output().slice(-1500)}`)
        .join('\n'),
  };
};
