import type { Action } from '../../schemas/action.ts';
import type { Lease } from '../platform/log/log.ts';
import type { OnPartition } from './ledger.ts';

/** `lease`: of the partition that the action stands on; when it is lost, the action is another performer's. */
export type Waiting = OnPartition & { lease: Lease; notBefore: number; tries: number };

/** All actions of one automation. */
export type LaneName = Pick<Action, 'site' | 'automation'>;

/** Where to read on, and how many at most. */
export type Page = LaneName & { after: string; limit: number };

type Lane = LaneName & {
  /** To be done now, in order. */
  ready: Map<string, Waiting>;
  /** Tried, and to be tried again later. */
  resting: Map<string, Waiting>;
  underWay: Map<string, Waiting>;
  /** When those that stand in the ledger alone are to be read; `Infinity` where there are none. */
  leftAt: number;
  /** The last id that was read; null where nobody reads. */
  readUpTo: string | null;
  /** Which reading, of all lanes, was its last. */
  lastRead: number;
};

type Options = {
  /** Under way at the same time: of all, and of one lane. */
  atOnce: number;
  atOnceOfOne: number;
  /** In memory: of all lanes, of those that are ready and of those that rest. When there are so many, a lane still has room for a few. */
  most: number;
  leastOfOne: number;
  /** In one page; a lane whose ready ones are fewer than half of it reads on. */
  pageSize: number;
  /** After this time those are tried again that could not rest in memory. */
  longestRest: number;
  /** Persons for whom something is under way, in whichever lanes. */
  busy: Set<string>;
};

/** Whose it is: the key of its records on the log, too, so that all that concerns a person is one performer's. */
export const personOf = ({ site, userId }: Pick<Action, 'site' | 'userId'>): string => `${site}/${userId}`;

/**
 * What is to be done, by automation, so that none keeps another waiting: each has its turn, and what has to wait waits beside those that can be done. Only so many are in memory; the others
 * stand in the ledger, where each lane reads on when it has room. In memory, and decides nothing but the order.
 */
export const createLanes = (options: Options) => {
  const { atOnce, atOnceOfOne, most, leastOfOne, pageSize, longestRest, busy } = options;
  const lanes = new Map<string, Lane>();
  const held = { ready: 0, resting: 0, underWay: 0, reads: 0 };

  const keyOf = ({ site, automation }: LaneName): string => `${site}/${automation}`;
  const laneOf = ({ site, automation }: LaneName): Lane => {
    const key = keyOf({ site, automation });
    const lane = lanes.get(key) ?? {
      site,
      automation,
      ready: new Map(),
      resting: new Map(),
      underWay: new Map(),
      leftAt: Number.POSITIVE_INFINITY,
      readUpTo: null,
      lastRead: 0,
    };
    lanes.set(key, lane);
    return lane;
  };
  const removeIfEmpty = (lane: Lane): void => {
    const isEmpty = lane.ready.size + lane.resting.size + lane.underWay.size === 0;
    if (isEmpty && lane.readUpTo === null && lane.leftAt === Number.POSITIVE_INFINITY) lanes.delete(keyOf(lane));
  };

  type Place = 'ready' | 'resting' | 'underWay';
  const put = (lane: Lane, place: Place, item: Waiting): void => {
    if (!lane[place].has(item.action.id)) held[place] += 1;
    lane[place].set(item.action.id, item);
  };
  const remove = (lane: Lane, place: Place, id: string): void => {
    if (lane[place].delete(id)) held[place] -= 1;
  };
  const roomIn = (lane: Lane, place: Place): number => Math.max(most - held[place], leastOfOne - lane[place].size);
  const leave = (lane: Lane, at: number): void => {
    lane.leftAt = Math.min(lane.leftAt, at);
  };

  const nextOf = (lane: Lane): Waiting | undefined => {
    if (lane.underWay.size >= atOnceOfOne) return undefined;
    for (const each of lane.ready.values()) if (each.lease.isHeld() && !busy.has(personOf(each.action))) return each;
    return undefined;
  };

  const isHungry = (lane: Lane, now: number): boolean =>
    (lane.readUpTo !== null || lane.leftAt <= now) && lane.ready.size < pageSize / 2 && roomIn(lane, 'ready') > 0;

  return {
    /** Something of it stands in the ledger, and may not be in memory. */
    leave: (name: LaneName, now: number): void => leave(laneOf(name), now),

    /** To be done. Where there is no room it is left to the ledger, which must hold it, unless it `mustStay`. */
    offer: (item: Waiting, now: number, mustStay = false): void => {
      const lane = laneOf(item.action);
      const { id } = item.action;
      const known = lane.ready.get(id) ?? lane.resting.get(id) ?? lane.underWay.get(id);
      if (known?.lease === item.lease) return;
      remove(lane, 'resting', id);
      if (mustStay || roomIn(lane, 'ready') > 0) put(lane, 'ready', item);
      else leave(lane, now);
    },

    /** To be tried again, not before its time. As with `offer`: where there is no room, when the ledger is read again. */
    rest: (item: Waiting, now: number, mustStay = false): void => {
      const lane = laneOf(item.action);
      if (lane.ready.has(item.action.id)) return;
      if (mustStay || roomIn(lane, 'resting') > 0) put(lane, 'resting', item);
      else leave(lane, now + longestRest);
    },

    /** Those whose rest is over come behind those that are ready. Looks at all that rest. */
    wake: (now: number): void => {
      for (const lane of lanes.values())
        for (const [id, item] of lane.resting) {
          if (item.notBefore > now) continue;
          remove(lane, 'resting', id);
          put(lane, 'ready', item);
        }
    },

    /** The next to be done; under way from now on, until it is `over`. */
    next: (): Waiting | undefined => {
      if (held.underWay >= atOnce) return undefined;
      for (const [key, lane] of lanes) {
        const item = nextOf(lane);
        if (item === undefined) continue;
        // The others come first next time.
        lanes.delete(key);
        lanes.set(key, lane);
        remove(lane, 'ready', item.action.id);
        put(lane, 'underWay', item);
        busy.add(personOf(item.action));
        return item;
      }
      return undefined;
    },

    over: ({ action }: Waiting): void => {
      const lane = laneOf(action);
      remove(lane, 'underWay', action.id);
      busy.delete(personOf(action));
      removeIfEmpty(lane);
    },

    /** A page of a lane that has room, those first that read longest ago; to be answered by `wasRead`. */
    toRead: (now: number): Page | undefined => {
      const [lane] = [...lanes.values()].filter((each) => isHungry(each, now)).sort((a, b) => a.lastRead - b.lastRead);
      if (lane === undefined) return undefined;
      // What is left from here on is for the next time.
      if (lane.readUpTo === null) lane.leftAt = Number.POSITIVE_INFINITY;
      lane.readUpTo ??= '';
      held.reads += 1;
      lane.lastRead = held.reads;
      const { site, automation, readUpTo } = lane;
      return { site, automation, after: readUpTo, limit: Math.min(pageSize, roomIn(lane, 'ready')) };
    },

    /** `upTo`: the last id of the page; null where nothing comes behind it. */
    wasRead: (name: LaneName, upTo: string | null): void => {
      const lane = laneOf(name);
      lane.readUpTo = upTo;
      removeIfEmpty(lane);
    },

    /** How many are in memory, those under way aside. */
    held: (): number => held.ready + held.resting,

    /** Those that are another's now. What is under way ends by itself. */
    drop: (isLost: (item: Waiting) => boolean): void => {
      for (const lane of lanes.values()) {
        for (const place of ['ready', 'resting'] as const)
          for (const [id, item] of lane[place]) if (isLost(item)) remove(lane, place, id);
        removeIfEmpty(lane);
      }
    },
  };
};
