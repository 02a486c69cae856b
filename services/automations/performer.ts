import type { Action, Settlement } from '../../schemas/action.ts';
import type { Consumer, Lease, StoredRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { createLanes, type Waiting } from './lanes.ts';
import { createLedger, type OnPartition, settled } from './ledger.ts';
import { createPerform } from './perform.ts';
import { readRecord } from './read-action.ts';

type Kind = Action['kind'];
/** An action as it came from the log, or what a person decided about it. */
type Come = OnPartition & { settlement: Settlement | null };

export const performerGroup = 'performer';
/**
 * Of each kind so many are in memory, ready and at rest; the others stand in the ledger. Beyond it an automation still has room for a few, so memory grows with the automations that have
 * something waiting, and not with what waits.
 */
const bounds = { most: 10_000, leastOfOne: 50, pageSize: 1000 };
/**
 * Under way at the same time, never two to one person. Many mails, since what they ask and note is asked and noted for all of them together; few webhooks of one automation, since receivers are
 * people's own servers, and one that is slow must not hold up the others.
 */
const atOnce: Readonly<Record<Kind, { atOnce: number; atOnceOfOne: number }>> = {
  email: { atOnce: 600, atOnceOfOne: 600 },
  webhook: { atOnce: 200, atOnceOfOne: 20 },
};
const kinds = ['email', 'webhook'] as const;
/** More cannot have been under way when a performer stopped. */
const mostUntold = 10_000;
/** Noted together. */
const mostNoted = 500;
/** Waits before another try: doubles from the first to the last. */
const firstRetryMilliseconds = 5000;
const longestRetryMilliseconds = 600_000;
/** Between two looks for those whose rest is over, and for lanes that may read on. */
const lookMilliseconds = 500;
/** What is under way when we stop may take so long. */
const endMilliseconds = 2000;

/**
 * Does what is on the topic `actions`. An action is first noted in the ledger (`requested`), then its offset is committed: from there on
 * the ledger is what says what is still to be done, so one that must wait holds up no other, and a restart finds them all.
 */
export const startPerformer = async (
  platform: Platform,
  narrower: Partial<typeof bounds> = {},
): Promise<{ close(): Promise<void> }> => {
  const { log, warehouse, clock, telemetry } = platform;
  const { logger } = telemetry;
  const ledger = createLedger({ warehouse, logger, now: clock.now });
  const perform = createPerform(platform, ledger);
  const stop = new AbortController();
  const leases = new Map<number, Lease>();
  const busy = new Set<string>();
  const shared = { ...bounds, ...narrower, longestRest: longestRetryMilliseconds, busy };
  const lanes = {
    email: createLanes({ ...shared, ...atOnce.email }),
    webhook: createLanes({ ...shared, ...atOnce.webhook }),
  };
  const running = new Set<Promise<void>>();
  const bell = { ring: () => {} };
  const life = { failed: null as unknown };

  const enqueue = ({ action, partition }: OnPartition, mustStay = false): void => {
    const lease = leases.get(partition);
    // Lost while it was read: whoever has the partition now finds it in the ledger or on the log.
    if (lease === undefined) return;
    lanes[action.kind].offer({ action, partition, lease, notBefore: 0, tries: 0 }, clock.now(), mustStay);
    bell.ring();
  };

  const insist = async (work: () => Promise<void>): Promise<boolean> => {
    for (let wait = 200; !stop.signal.aborted; wait = Math.min(wait * 2, 5000)) {
      try {
        await work();
        return true;
      } catch (error) {
        logger.warn({ err: error }, 'the performer waits for the warehouse');
        await clock.sleep(wait, stop.signal);
      }
    }
    return false;
  };

  /** Those that can be read: one bad record must not hold up those behind it. */
  const read = (batch: readonly StoredRecord[]): Come[] =>
    batch.flatMap<Come>(({ offset, partition, value }) => {
      const record = readRecord(value.toString('utf8'));
      if (record?.kind === 'settlement') return [{ action: record.action, partition, settlement: record }];
      if (record !== null) return [{ action: record, partition, settlement: null }];
      logger.error({ offset, partition }, 'a record of actions cannot be read: left out');
      return [];
    });

  /** Stands in the ledger from then on, as the only one of its id; what was decided about it stands there once, however often it comes. */
  const noteOnce = async ({ action, partition, settlement }: Come): Promise<void> => {
    const standing = await ledger.standing(action);
    if (settlement === null) return standing === null ? ledger.request(action, partition) : undefined;
    const phase = settled(standing, settlement);
    // Above the late word of a performer that lost its partition while the mail server had the mail (channels/mails.ts).
    if (phase !== null) await ledger.record(action, phase, settlement.sequence + 2, `by hand: ${settlement.as}`);
  };

  const note = async (batch: readonly StoredRecord[]): Promise<void> => {
    // Planned by two planners, an action may come twice; decided by two persons, the first counts.
    const actions = [...Map.groupBy(read(batch), ({ action }) => action.id).values()];
    await insist(async () => {
      await Promise.all(
        actions.map(async (come) => {
          for (const each of come) await noteOnce(each);
        }),
      );
    });
    for (const come of actions) {
      const [first] = come;
      // What was decided to be sent is found by no reading of the ledger before the next start.
      const mustStay = come.some(({ settlement }) => settlement !== null);
      if (first !== undefined) enqueue(first, mustStay);
    }
  };

  const doOne = async (item: Waiting): Promise<void> => {
    const { action, partition, lease, tries } = item;
    const again = (mustStay: boolean) => {
      if (leases.get(partition) !== lease) return;
      // Spread by a fifth, so that what failed together does not come back together.
      const wait =
        Math.min(firstRetryMilliseconds * 2 ** tries, longestRetryMilliseconds) * (0.8 + Math.random() * 0.4);
      const now = clock.now();
      lanes[action.kind].rest({ ...item, notBefore: now + wait, tries: tries + 1 }, now, mustStay);
    };
    try {
      const outcome = await perform(action, lease);
      // In the ledger it is over: nobody would find it there.
      if (outcome !== 'done') again(outcome === 'untold');
    } catch (error) {
      logger.error({ err: error, action: action.id }, 'an action could not be done');
      again(false);
    }
  };

  const next = (): Waiting | undefined => lanes.email.next() ?? lanes.webhook.next();

  const start = (item: Waiting): void => {
    const work = doOne(item).finally(() => {
      lanes[item.action.kind].over(item);
      running.delete(work);
      bell.ring();
    });
    running.add(work);
  };

  const loop = (async () => {
    let lookAt = 0;
    while (!stop.signal.aborted) {
      if (lookAt <= clock.now()) {
        for (const kind of kinds) lanes[kind].wake(clock.now());
        lookAt = clock.now() + lookMilliseconds;
      }
      const item = next();
      if (item !== undefined) {
        start(item);
        continue;
      }
      const rest = new AbortController();
      bell.ring = () => rest.abort();
      await clock.sleep(lookMilliseconds, AbortSignal.any([stop.signal, rest.signal]));
    }
  })();

  /** Whether there was a page to read. */
  const readOn = async (kind: Kind): Promise<boolean> => {
    const page = lanes[kind].toRead(clock.now());
    if (page === undefined) return false;
    const { found, upTo } = await ledger.unfinished(page, [...leases.keys()]);
    lanes[kind].wasRead(page, upTo);
    for (const each of found) if (each.action.kind === kind) enqueue(each);
    return true;
  };

  const reading = (async () => {
    while (!stop.signal.aborted) {
      const wasRead = { any: false };
      await insist(async () => {
        for (const kind of kinds) if (await readOn(kind)) wasRead.any = true;
      });
      if (!wasRead.any) await clock.sleep(lookMilliseconds, stop.signal);
    }
  })();

  const joined = Promise.withResolvers<Consumer>();
  const consumer = await log.consume('actions', performerGroup, {
    assigned: async (partitions, lease) => {
      for (const partition of partitions) leases.set(partition, lease);
      await insist(async () => {
        for (const lane of await ledger.unfinishedLanes(partitions))
          for (const kind of kinds) lanes[kind].leave(lane, clock.now());
        for (const each of await ledger.untold(partitions, mostUntold)) enqueue(each, true);
      });
    },
    revoked: async (partitions) => {
      for (const partition of partitions) leases.delete(partition);
      for (const kind of kinds) lanes[kind].drop(({ partition }) => !leases.has(partition));
    },
    records: async (batch) => {
      for (let first = 0; first < batch.length; first += mostNoted) {
        if (stop.signal.aborted) return;
        const some = batch.slice(first, first + mostNoted);
        await note(some);
        // Records may come before `consume` has answered.
        if (!stop.signal.aborted) await (await joined.promise).commit(some.slice(-1));
      }
    },
    failed: (error) => {
      life.failed ??= error;
      logger.error({ err: error }, 'the performer stopped');
    },
  });
  joined.resolve(consumer);
  platform.http.addCheck('performer', async () => {
    if (life.failed !== null) throw life.failed;
  });

  return {
    close: async () => {
      stop.abort();
      await loop;
      const ended = Promise.all(running);
      // What the mail server is about to get still is ours: without the partitions it would be uncertain.
      await Promise.race([ended, clock.sleep(endMilliseconds)]);
      await consumer.close();
      await Promise.all([ended, reading]);
    },
  };
};
