import { Action } from '../../schemas/action.ts';
import type { Consumer, Lease, StoredRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { createLedger, type OnPartition } from './ledger.ts';
import { createPerform } from './perform.ts';

type Kind = Action['kind'];

const group = 'performer';
/** Actions in memory; more wait on the log. */
const mostWaiting = 10_000;
/**
 * Under way at the same time, never two to one person. Many mails, since what they ask and note is asked and noted for all of them together; few webhooks, since receivers are people's own
 * servers, and one that is slow must not hold up the mails.
 */
const atOnce: Readonly<Record<Kind, number>> = { email: 300, webhook: 20 };
const kinds = ['email', 'webhook'] as const;
/** Noted together. */
const mostNoted = 500;
/** Waits before another try: doubles from the first to the last. */
const firstRetryMilliseconds = 5000;
const longestRetryMilliseconds = 600_000;
/** What is under way when we stop may take so long. */
const endMilliseconds = 2000;

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
  const perform = createPerform(platform, ledger);
  const stop = new AbortController();
  const waiting: Readonly<Record<Kind, Map<string, Waiting>>> = { email: new Map(), webhook: new Map() };
  const leases = new Map<number, Lease>();
  const busy = new Set<string>();
  const running: Readonly<Record<Kind, Set<Promise<void>>>> = { email: new Set(), webhook: new Set() };
  const bell = { ring: () => {} };
  const life = { failed: null as unknown };

  const enqueue = ({ action, partition }: OnPartition): void => {
    const lease = leases.get(partition);
    // Lost while it was read: whoever has the partition now finds it in the ledger or on the log.
    if (lease === undefined) return;
    const queue = waiting[action.kind];
    if (queue.get(action.id)?.lease !== lease)
      queue.set(action.id, { action, partition, lease, notBefore: 0, tries: 0 });
    bell.ring();
  };

  const isFull = (): boolean => waiting.email.size + waiting.webhook.size >= mostWaiting;

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

  /** Those that can be read. */
  const read = (batch: readonly StoredRecord[]): OnPartition[] =>
    batch.flatMap((record) => {
      const { offset, partition } = record;
      const action = readAction(record);
      if (action !== null) return [{ action, partition }];
      logger.error({ offset, partition }, 'a record of actions cannot be read: left out');
      return [];
    });

  /** Stands in the ledger from then on, as the only one of its id. */
  const noteOnce = async ({ action, partition }: OnPartition): Promise<void> => {
    if ((await ledger.standing(action)) === null) await ledger.request(action, partition);
  };

  const note = async (batch: readonly StoredRecord[]): Promise<void> => {
    // Planned by two planners, an action may come twice.
    const actions = new Map(read(batch).map((each) => [each.action.id, each]));
    await insist(async () => {
      await Promise.all([...actions.values()].map(noteOnce));
    });
    for (const each of actions.values()) enqueue(each);
  };

  const doOne = async (item: Waiting): Promise<void> => {
    const { action, partition, lease, tries } = item;
    const again = () => {
      if (leases.get(partition) !== lease || waiting[action.kind].has(action.id)) return;
      // Spread by a fifth, so that what failed together does not come back together.
      const wait =
        Math.min(firstRetryMilliseconds * 2 ** tries, longestRetryMilliseconds) * (0.8 + Math.random() * 0.4);
      waiting[action.kind].set(action.id, { ...item, notBefore: clock.now() + wait, tries: tries + 1 });
    };
    try {
      if ((await perform(action, lease)) === 'retry') again();
    } catch (error) {
      logger.error({ err: error, action: action.id }, 'an action could not be done');
      again();
    }
  };

  const isNext = ({ action, lease, notBefore }: Waiting): boolean =>
    notBefore <= clock.now() && lease.isHeld() && !busy.has(personOf(action));

  const next = (): Waiting | undefined => {
    for (const kind of kinds)
      if (running[kind].size < atOnce[kind]) for (const each of waiting[kind].values()) if (isNext(each)) return each;
    return undefined;
  };

  const loop = (async () => {
    while (!stop.signal.aborted) {
      const item = next();
      if (item === undefined) {
        const rest = new AbortController();
        bell.ring = () => rest.abort();
        await clock.sleep(500, AbortSignal.any([stop.signal, rest.signal]));
        continue;
      }
      const person = personOf(item.action);
      const { kind } = item.action;
      waiting[kind].delete(item.action.id);
      busy.add(person);
      const work = doOne(item).finally(() => {
        busy.delete(person);
        running[kind].delete(work);
        bell.ring();
      });
      running[kind].add(work);
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
      for (const queue of Object.values(waiting))
        for (const [id, { partition }] of queue) if (!leases.has(partition)) queue.delete(id);
    },
    records: async (batch) => {
      for (let first = 0; first < batch.length; first += mostNoted) {
        while (isFull() && !stop.signal.aborted) await clock.sleep(200, stop.signal);
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
      const ended = Promise.all([...running.email, ...running.webhook]);
      // What the mail server is about to get still is ours: without the partitions it would be uncertain.
      await Promise.race([ended, clock.sleep(endMilliseconds)]);
      await consumer.close();
      await ended;
    },
  };
};
