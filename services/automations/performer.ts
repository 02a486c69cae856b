import { Action } from '../../schemas/action.ts';
import type { Consumer, Lease, StoredRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { createLedger, type OnPartition } from './ledger.ts';
import { createPerform } from './perform.ts';

const group = 'performer';
/** Actions in memory; more wait on the log. */
const mostWaiting = 10_000;
/** Mails under way at the same time, never two to one person. */
const atOnce = 4;
/** Waits before another try: doubles from the first to the last. */
const firstRetryMilliseconds = 5000;
const longestRetryMilliseconds = 600_000;

/** `lease`: of the partition that the action stands on; when it is lost, the action is another performer's. */
type Waiting = OnPartition & { lease: Lease; notBefore: number; tries: number };

/** Null for bytes that are no action: one bad record must not hold up those behind it. */
const readAction = ({ value }: StoredRecord): Action | null => {
  try {
    return Action.safeParse(JSON.parse(value.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
};

const personOf = ({ site, userId }: Action): string => `${site}/${userId}`;

/**
 * Does what is on the topic `actions`. An action is first noted in the ledger (`requested`), then its offset is committed: from there on
 * the ledger is what says what is still to be done, so one that must wait holds up no other, and a restart finds them all.
 */
export const startPerformer = async (platform: Platform): Promise<{ close(): Promise<void> }> => {
  const { log, warehouse, clock, telemetry } = platform;
  const { logger } = telemetry;
  const ledger = createLedger({ warehouse, now: clock.now });
  const perform = createPerform(platform);
  const stop = new AbortController();
  const waiting = new Map<string, Waiting>();
  const leases = new Map<number, Lease>();
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  const bell = { ring: () => {} };
  const life = { failed: null as unknown };

  const enqueue = ({ action, partition }: OnPartition): void => {
    const lease = leases.get(partition);
    // Lost while it was read: whoever has the partition now finds it in the ledger or on the log.
    if (lease === undefined) return;
    if (waiting.get(action.id)?.lease !== lease)
      waiting.set(action.id, { action, partition, lease, notBefore: 0, tries: 0 });
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

  const note = async (record: StoredRecord): Promise<void> => {
    const action = readAction(record);
    if (action === null) {
      logger.error(
        { offset: record.offset, partition: record.partition },
        'a record of actions cannot be read: left out',
      );
      return;
    }
    await insist(async () => {
      if ((await ledger.standing(action)) === null) await ledger.request(action, record.partition);
    });
    enqueue({ action, partition: record.partition });
  };

  const doOne = async (item: Waiting): Promise<void> => {
    const { action, partition, lease, tries } = item;
    const again = () => {
      if (leases.get(partition) !== lease || waiting.has(action.id)) return;
      // Spread by a fifth, so that what failed together does not come back together.
      const wait =
        Math.min(firstRetryMilliseconds * 2 ** tries, longestRetryMilliseconds) * (0.8 + Math.random() * 0.4);
      waiting.set(action.id, { ...item, notBefore: clock.now() + wait, tries: tries + 1 });
    };
    try {
      if ((await perform(action, lease)) === 'retry') again();
    } catch (error) {
      logger.error({ err: error, action: action.id }, 'an action could not be done');
      again();
    }
  };

  const next = (): Waiting | undefined => {
    const now = clock.now();
    for (const each of waiting.values())
      if (each.notBefore <= now && each.lease.isHeld() && !busy.has(personOf(each.action))) return each;
    return undefined;
  };

  const loop = (async () => {
    while (!stop.signal.aborted) {
      const item = running.size < atOnce ? next() : undefined;
      if (item === undefined) {
        const rest = new AbortController();
        bell.ring = () => rest.abort();
        await clock.sleep(500, AbortSignal.any([stop.signal, rest.signal]));
        continue;
      }
      const person = personOf(item.action);
      waiting.delete(item.action.id);
      busy.add(person);
      const work = doOne(item).finally(() => {
        busy.delete(person);
        running.delete(work);
        bell.ring();
      });
      running.add(work);
    }
  })();

  const joined = Promise.withResolvers<Consumer>();
  const consumer = await log.consume('actions', group, {
    assigned: async (partitions, lease) => {
      for (const partition of partitions) leases.set(partition, lease);
      await insist(async () => {
        for (const each of await ledger.unfinished(partitions, mostWaiting)) enqueue(each);
        for (const each of await ledger.untold(partitions, mostWaiting)) enqueue(each);
      });
    },
    revoked: async (partitions) => {
      for (const partition of partitions) leases.delete(partition);
      for (const [id, { partition }] of waiting) if (!leases.has(partition)) waiting.delete(id);
    },
    records: async (batch) => {
      for (const record of batch) {
        while (waiting.size >= mostWaiting && !stop.signal.aborted) await clock.sleep(200, stop.signal);
        if (stop.signal.aborted) return;
        await note(record);
        // Records may come before `consume` has answered.
        if (!stop.signal.aborted) await (await joined.promise).commit([record]);
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
      await consumer.close();
      await loop;
      await Promise.all(running);
    },
  };
};
