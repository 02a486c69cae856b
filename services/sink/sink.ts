import type { Lease, StoredRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { type Block, blockMilliseconds, dropPartitions, isFull, openBlock, stillOurs } from './block.ts';
import { decide } from './decide.ts';
import { foldDoublesLater } from './doubles.ts';
import { createIdentities, type Link } from './identities.ts';
import { createInsist } from './insist.ts';
import { createPartitionState, type PartitionState, takeRecords } from './intake.ts';
import { createMetrics } from './metrics.ts';
import { startReceived } from './received.ts';
import { startRejected } from './rejected.ts';
import { createRowEncoder } from './row-bytes.ts';
import { placeKey, storedIds, storedPlaces } from './stored.ts';
import { createAgentReader } from './user-agent.ts';
import { writeBlock } from './write.ts';

const group = 'sink';
/** Closing waits no longer for a warehouse that is away. */
const closeMilliseconds = 4000;

/** Leaves of a block what is not written yet: asked after an insert whose outcome is not known. */
const withoutWritten = async ({ warehouse }: Platform, block: Block): Promise<Block> => {
  const written = new Set<string>();
  const all = [...block.entries, ...block.duplicates, ...block.refused].map(({ place }) => place);
  for (const [partition, places] of Map.groupBy(all, (place) => place.partition)) {
    const from = places.reduce((least, { offset }) => Math.min(least, offset), Number.POSITIVE_INFINITY);
    const to = places.reduce((most, { offset }) => Math.max(most, offset), 0);
    for (const place of await storedPlaces(warehouse, partition, from, to)) written.add(place);
  }
  return {
    ...block,
    entries: block.entries.filter(({ place, messageId }) => !written.has(placeKey(place, messageId))),
    duplicates: block.duplicates.filter(({ place, messageId }) => !written.has(placeKey(place, messageId))),
  };
};

/** Writes one block after the other, each until it is written and committed. */
const createWriter = (platform: Platform, stop: AbortSignal, commit: (ends: Block['ends']) => Promise<void>) => {
  const { warehouse, clock, telemetry } = platform;
  const insist = createInsist(platform, stop);
  const metrics = createMetrics(platform, group);
  const identities = createIdentities(warehouse, clock.now, metrics.leftOutLink);

  const write = async (block: Block, links: readonly Link[]): Promise<void> => {
    const startedAt = clock.now();
    const state = { decided: null as Block | null, left: block, isTried: false, refused: 0 };
    const isWritten = await insist(async () => {
      if (state.decided === null) {
        state.decided = await decide(warehouse, stillOurs(block));
        state.left = state.decided;
      }
      if (state.isTried) state.left = await withoutWritten(platform, stillOurs(state.left));
      state.isTried = true;
      await identities.write(links);
      state.left = stillOurs(state.left);
      state.refused = await writeBlock(warehouse, state.left);
    });
    if (!isWritten) return;
    await commit(state.left.ends);
    metrics.wrote(state.decided ?? block, state.refused, (clock.now() - startedAt) / 1000);
  };
  const reload = (): Promise<void> =>
    identities.reload().catch((error: unknown) => telemetry.logger.warn({ err: error }, 'links are seen later'));

  return { insist, reload, write, isFresh: identities.isFresh };
};

/**
 * Copies the topic `events` into the table `events`, each message once. One block is gathered while the one before is written; a full
 * one holds back the log. Order of effects: the warehouse's word on possible duplicates, then links, duplicates, rows, refused rows, then the
 * commit. A crash anywhere in between is mended by delivering again: what stands stored from the same place is left as it is.
 */
export const start = async (platform: Platform): Promise<{ close(): Promise<void> }> => {
  const { log, warehouse, clock, telemetry } = platform;
  const partitions = new Map<number, PartitionState>();
  const readAgent = createAgentReader();
  const encode = createRowEncoder();
  const life = { stop: new AbortController(), failed: null as unknown };
  const gathering = { block: openBlock(clock.now()), links: [] as Link[], turn: Promise.resolve() as Promise<unknown> };
  const writing = { done: Promise.resolve() as Promise<void> };
  const fail = (error: unknown): void => {
    life.failed ??= error;
    telemetry.logger.error({ err: error }, 'the sink stopped');
  };
  const writer = createWriter(platform, life.stop.signal, (ends) =>
    consumer.commit([...ends].map(([partition, offset]) => ({ partition, offset }))),
  );

  /** Hands the gathered block over; waits for the one before, so that at most two are in memory. */
  const flush = async (): Promise<void> => {
    if (gathering.block.ends.size === 0) return;
    await writing.done;
    const { block, links } = gathering;
    gathering.block = openBlock(clock.now());
    gathering.links = [];
    writing.done = writer.write(block, links).catch(fail);
  };

  /** The partitions' loops take turns: a block is filled by one at a time. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = gathering.turn.then(work);
    gathering.turn = result.catch(() => undefined);
    return result;
  };

  const watch = (begins: ReadonlyMap<number, number>): void => {
    foldDoublesLater(platform, begins, life.stop.signal).catch((error: unknown) => {
      // only logged: the rows are folded when the engine merges their month.
      telemetry.logger.warn({ err: error }, 'rows that a lost sink wrote could not be looked for');
    });
  };

  const rebuild = async (assigned: readonly number[], lease: Lease): Promise<void> => {
    const begins = new Map<number, number>();
    for (const partition of assigned) partitions.set(partition, createPartitionState(assigned.length, lease, begins));
    await storedIds(warehouse, assigned, clock.now(), (partition, day, high, low) => {
      partitions.get(partition)?.recent.seen(high, low, day);
    });
    watch(begins);
  };

  const take = async (records: readonly StoredRecord[]): Promise<void> => {
    const state = partitions.get(records[0]?.partition ?? -1);
    if (state === undefined || life.stop.signal.aborted) return;
    if (gathering.block.ends.size === 0) gathering.block.openedAt = clock.now();
    const showed = (link: Link): void => {
      if (writer.isFresh(link)) gathering.links.push(link);
    };
    await takeRecords({ block: gathering.block, showed, state, readAgent, encode }, records);
    if (isFull(gathering.block)) await flush();
  };

  const consumer = await log.consume('events', group, {
    assigned: async (assigned, lease) => {
      // A block of the time before a revoke may still be on its way: the ids in it must be found.
      await writing.done;
      await writer.insist(() => rebuild(assigned, lease));
    },
    revoked: async (revoked) => {
      for (const partition of revoked) {
        const state = partitions.get(partition);
        if (state !== undefined) state.isRevoked = true;
        partitions.delete(partition);
      }
      dropPartitions(gathering.block, revoked);
    },
    records: (records) => inTurn(() => take(records)),
    failed: fail,
  });
  const beside = [
    await startRejected(platform, writer.insist),
    await startReceived(platform, 'events', writer.insist),
    await startReceived(platform, 'rejected', writer.insist),
  ];

  const timer = (async () => {
    while (!life.stop.signal.aborted) {
      await clock.sleep(blockMilliseconds / 4, life.stop.signal);
      if (clock.now() - gathering.block.openedAt >= blockMilliseconds) await inTurn(flush);
      await writer.reload();
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
      for (const other of beside) await other.close();
      await consumer.close();
    },
  };
};
