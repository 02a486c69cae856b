import { z } from 'zod';
import type { Position, StoredRecord, Topic } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import type { Insist } from './insist.ts';
import { linesOf } from './write.ts';

/** Its commits say how far the counts are; analytics waits for them. */
const group = 'accounts';
/** The accounts are at most so far behind the log. */
const writeMilliseconds = 500;
const gatherMilliseconds = 100;
const columns = ['topic', 'log_partition', 'site', 'up_to_offset', 'events'] as const;

/**
 * Of one partition: events by site in all records up to an offset, inclusive; -1 where nothing is counted yet. `isNew`: something was read since the last
 * commit, if only what had been counted before a crash.
 */
type Count = { upTo: number; events: Map<string, number>; changed: Set<string>; isNew: boolean };

const Row = z.object({ partition: z.number(), site: z.string(), upTo: z.coerce.number(), events: z.coerce.number() });

const counted = async (
  warehouse: Warehouse,
  topic: Topic,
  partitions: readonly number[],
): Promise<Map<number, Count>> => {
  const counts = new Map(
    partitions.map((partition) => [partition, { upTo: -1, events: new Map(), changed: new Set(), isNew: false }]),
  );
  const { rows } = await warehouse.query(
    sql`
      SELECT log_partition AS partition, site, max(up_to_offset) AS upTo, max(received.events) AS events
      FROM received
      WHERE topic = ${topic}
      GROUP BY log_partition, site`,
    Row,
  );
  for (const { partition, site, upTo, events } of rows) {
    const count = counts.get(partition);
    if (count === undefined) continue;
    count.upTo = Math.max(count.upTo, upTo);
    count.events.set(site, events);
  }
  return counts as Map<number, Count>;
};

const add = (count: Count, { offset, label, count: events }: StoredRecord): void => {
  count.isNew = true;
  if (offset <= count.upTo) return;
  count.upTo = offset;
  count.events.set(label, (count.events.get(label) ?? 0) + events);
  count.changed.add(label);
};

/** Counts what the log took in of a topic, by site, into the table `received`: a reader of its own, that knows nothing of what the sink makes of it. */
export const startReceived = async (
  { log, warehouse, clock, telemetry }: Platform,
  topic: Topic,
  insist: Insist,
): Promise<{ close(): Promise<void> }> => {
  const stop = new AbortController();
  const state = { counts: new Map<number, Count>(), writing: Promise.resolve() };

  const write = async (): Promise<void> => {
    const due = [...state.counts].filter(([, { isNew }]) => isNew);
    if (due.length === 0) return;
    const positions: Position[] = due.map(([partition, { upTo }]) => ({ partition, offset: upTo }));
    const rows = due.flatMap(([partition, { upTo, events, changed }]) =>
      [...changed].map((site) => [topic, partition, site, upTo, events.get(site) ?? 0]),
    );
    for (const [, count] of due) {
      count.changed.clear();
      count.isNew = false;
    }
    const body = await linesOf(rows, (row) => JSON.stringify(row));
    if (await insist(() => warehouse.insert('received', columns, body))) await consumer.commit(positions);
  };
  const writeInTurn = (): Promise<void> => {
    state.writing = state.writing.then(write).catch((error: unknown) => {
      telemetry.logger.error({ err: error, topic }, 'received events could not be counted');
    });
    return state.writing;
  };

  const consumer = await log.consume(topic, group, {
    headsOnly: true,
    assigned: async (partitions) => {
      await insist(async () => {
        for (const [partition, count] of await counted(warehouse, topic, partitions))
          state.counts.set(partition, count);
      });
    },
    revoked: async (partitions) => {
      for (const partition of partitions) state.counts.delete(partition);
    },
    records: async (batch) => {
      const count = state.counts.get(batch[0]?.partition ?? -1);
      if (count !== undefined) for (const record of batch) add(count, record);
      // Rather a few large batches than one for each append.
      await clock.sleep(gatherMilliseconds, stop.signal);
    },
    failed: (error) => telemetry.logger.error({ err: error, topic }, 'the count of received events stopped'),
  });
  const timer = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(writeMilliseconds, stop.signal);
      await writeInTurn();
    }
  })();

  return {
    close: async () => {
      stop.abort();
      await timer;
      await writeInTurn();
      await consumer.close();
    },
  };
};
