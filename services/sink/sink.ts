import { Counter, Gauge, Histogram } from 'prom-client';
import type { StoredRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { type Block, blockMilliseconds, isFull, openBlock } from './block.ts';
import { createIdentities, type Link } from './identities.ts';
import { createPartitionState, type PartitionState, takeRecords } from './intake.ts';
import { startRejected } from './rejected.ts';
import { lastStoredOffsets, placeKey, storedIds, storedPlaces } from './stored.ts';
import { createAgentReader } from './user-agent.ts';
import { text } from './values.ts';
import { writeBlock } from './write.ts';

const group = 'sink';
/** Waits between two tries while the warehouse is away. */
const firstRetryMilliseconds = 200;
const longestRetryMilliseconds = 5000;
/** Closing waits no longer for a warehouse that is away. */
const closeMilliseconds = 4000;

const createMetrics = ({ telemetry, log, clock }: Platform) => {
  const registers = [telemetry.metrics];
  const rows = new Counter({
    name: 'desirepath_sink_events_total',
    help: 'Events by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const delay = new Histogram({
    name: 'desirepath_sink_visible_seconds',
    help: 'From receiving an event until a question sees it (the last of a block)',
    buckets: [0.25, 0.5, 1, 2, 5, 10, 60, 600],
    registers,
  });
  new Gauge({
    name: 'desirepath_sink_lag_records',
    help: 'Records of the log that are not stored yet',
    registers,
    async collect() {
      this.set(await log.lag('events', group));
    },
  });
  return (block: Block, stored: number): void => {
    rows.inc({ outcome: 'stored' }, stored);
    rows.inc({ outcome: 'duplicate' }, block.duplicates.length);
    const last = block.entries.at(-1);
    if (last !== undefined)
      delay.observe((clock.now() - Date.parse(`${text(last.row.received_at).replace(' ', 'T')}Z`)) / 1000);
  };
};

/** Leaves of a block what is not written yet: asked after an insert whose outcome is not known. */
const withoutWritten = async (platform: Platform, block: Block): Promise<Block> => {
  const written = new Set<string>();
  const offsets = Map.groupBy(
    [...block.entries, ...block.duplicates].map(({ place }) => place),
    ({ partition }) => partition,
  );
  for (const [partition, places] of offsets) {
    const all = places.map(({ offset }) => offset);
    const from = all.reduce((least, offset) => Math.min(least, offset), Number.POSITIVE_INFINITY);
    const to = all.reduce((most, offset) => Math.max(most, offset), 0);
    for (const place of await storedPlaces(platform.warehouse, partition, from, to)) written.add(place);
  }
  return {
    ...block,
    entries: block.entries.filter(({ place, row }) => !written.has(placeKey(place, text(row.message_id)))),
    duplicates: block.duplicates.filter(({ place, messageId }) => !written.has(placeKey(place, messageId))),
  };
};

/**
 * Copies the topic `events` into the table `events`, each message once. One block is gathered while the one before is written; a full
 * one holds back the log. Order of effects: links, duplicates, rows, then the commit; a crash anywhere in between is mended by the
 * places of the log that rows carry.
 */
export const start = async (platform: Platform): Promise<{ close(): Promise<void> }> => {
  const { log, warehouse, clock, telemetry } = platform;
  const partitions = new Map<number, PartitionState>();
  const identities = createIdentities(warehouse, clock.now);
  const readAgent = createAgentReader();
  const count = createMetrics(platform);
  const life = { stop: new AbortController(), failed: null as unknown };
  const gathering = { block: openBlock(clock.now()), links: [] as Link[], turn: Promise.resolve() as Promise<unknown> };
  const writing = { done: Promise.resolve() as Promise<void> };

  /** Until it works or the sink is stopped: the warehouse may be away for long, and the log keeps what is not committed. */
  const insist = async (work: () => Promise<void>): Promise<boolean> => {
    for (
      let wait = firstRetryMilliseconds;
      !life.stop.signal.aborted;
      wait = Math.min(wait * 2, longestRetryMilliseconds)
    ) {
      try {
        await work();
        return true;
      } catch (error) {
        telemetry.logger.warn({ err: error }, 'the sink waits for the warehouse');
        await clock.sleep(wait, life.stop.signal);
      }
    }
    return false;
  };

  const write = async (block: Block, links: readonly Link[]): Promise<void> => {
    const state = { left: block, mustCheck: false };
    const isWritten = await insist(async () => {
      if (state.mustCheck) state.left = await withoutWritten(platform, state.left);
      state.mustCheck = true;
      await identities.write(links);
      await writeBlock(warehouse, state.left);
    });
    if (!isWritten) return;
    await consumer.commit([...block.ends].map(([partition, offset]) => ({ partition, offset })));
    count(block, block.entries.length);
    await identities.reload().catch((error: unknown) => telemetry.logger.warn({ err: error }, 'links are seen later'));
  };

  /** Hands the gathered block over; waits for the one before, so that at most two are in memory. */
  const flush = async (): Promise<void> => {
    const { block, links } = gathering;
    if (block.ends.size === 0) return;
    gathering.block = openBlock(clock.now());
    gathering.links = [];
    await writing.done;
    writing.done = write(block, identities.fresh(links)).catch((error: unknown) => {
      life.failed ??= error;
      telemetry.logger.error({ err: error }, 'the sink stopped');
    });
  };

  /** The partitions' loops take turns: a block is filled by one at a time. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = gathering.turn.then(work);
    gathering.turn = result.catch(() => undefined);
    return result;
  };

  const rebuild = async (assigned: readonly number[]): Promise<void> => {
    for (const partition of assigned) partitions.set(partition, createPartitionState());
    await storedIds(warehouse, assigned, clock.now(), (partition, day, high, low) => {
      partitions.get(partition)?.recent.seen(high, low, day);
    });
    const last = await lastStoredOffsets(warehouse);
    for (const partition of assigned) {
      const state = partitions.get(partition);
      if (state !== undefined) state.checkUntil = last.get(partition) ?? -1;
    }
  };

  const take = async (records: readonly StoredRecord[]): Promise<void> => {
    const [first] = records;
    const state = first === undefined ? undefined : partitions.get(first.partition);
    if (first === undefined || state === undefined || life.stop.signal.aborted) return;
    if (first.offset <= state.checkUntil && state.redelivered.size === 0)
      await insist(async () => {
        state.redelivered = await storedPlaces(warehouse, first.partition, first.offset, state.checkUntil);
      });
    await takeRecords({ block: gathering.block, links: gathering.links, state, readAgent }, records);
    if (isFull(gathering.block)) await flush();
  };

  const consumer = await log.consume('events', group, {
    assigned: async (assigned) => {
      await insist(() => rebuild(assigned));
    },
    revoked: async (revoked) => {
      for (const partition of revoked) partitions.delete(partition);
    },
    records: (records) => inTurn(() => take(records)),
    failed: (error) => {
      life.failed ??= error;
      telemetry.logger.error({ err: error }, 'the sink stopped');
    },
  });
  const rejected = await startRejected(platform, insist);

  const timer = (async () => {
    while (!life.stop.signal.aborted) {
      await clock.sleep(blockMilliseconds / 4, life.stop.signal);
      if (clock.now() - gathering.block.openedAt >= blockMilliseconds) await inTurn(flush);
      await identities.reload().catch(() => undefined);
    }
  })();
  platform.http.addCheck('sink', async () => {
    if (life.failed !== null) throw life.failed;
  });

  return {
    close: async () => {
      // What is gathered is written and committed; what cannot be in time is still on the log.
      const late = setTimeout(() => life.stop.abort(), closeMilliseconds);
      await inTurn(flush);
      await writing.done;
      clearTimeout(late);
      life.stop.abort();
      await timer;
      await rejected.close();
      await consumer.close();
    },
  };
};
