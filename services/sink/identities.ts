import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { writeIsolating } from './isolate.ts';
import type { EventRow } from './row.ts';
import { text } from './values.ts';
import { linesOf } from './write.ts';

/** `linkedAt`: milliseconds UTC. */
export type Link = { site: string; anonymousId: string; userId: string; linkedAt: number; messageId: string };

const columns = ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'] as const;

/** Links that were written lately, so that a signed-in visit writes one and not one an event. */
const rememberedLinks = 200_000;
/** A device of more users than this is a kiosk or a script: further users are not joined to it. */
const usersOfDevice = 20;
/** Between two reloads of the dictionary at least this long, and ten times what the last reload took. */
const reloadMilliseconds = 1000;

/** What an event shows of ids that belong together; null where it shows nothing. */
export const linkOf = (row: EventRow, previousId: unknown): Link | null => {
  const userId = row.user_id;
  const anonymousId = row.type === 'alias' ? text(previousId) : row.anonymous_id;
  if (userId === '' || anonymousId === '' || anonymousId === userId) return null;
  return { site: row.site, anonymousId, userId, linkedAt: row.timestamp, messageId: row.message_id };
};

const lineOf = ({ site, anonymousId, userId, linkedAt, messageId }: Link): string =>
  JSON.stringify([site, anonymousId, userId, columnTime(linkedAt), messageId]);

export type Identities = {
  /** Remembers the link and says whether it is to be written: it is new, or an earlier event than before now shows it. */
  isFresh(link: Link): boolean;
  write(links: readonly Link[]): Promise<void>;
  /** Lets every question see the written links; does its work at most about once a second. */
  reload(): Promise<void>;
};

/**
 * `leftOut` is told the reason for each link that is not written though an event shows it. What is remembered is lost with the process: a link is
 * then written again, which changes nothing, and a device may gather its users anew.
 */
export const createIdentities = (
  warehouse: Warehouse,
  now: () => number,
  leftOut: (reason: 'too_many_users' | 'refused_by_warehouse') => void = () => undefined,
): Identities => {
  const known = new Map<string, number>();
  const users = new Map<string, Set<string>>();
  const state = { isStale: true, nextReloadAt: 0 };

  const isFresh = ({ site, anonymousId, userId, linkedAt }: Link): boolean => {
    const device = `${site}\n${anonymousId}`;
    const link = `${device}\n${userId}`;
    const before = known.get(link);
    if (before !== undefined && before <= linkedAt) return false;
    const ofDevice = users.get(device) ?? new Set();
    if (ofDevice.size >= usersOfDevice && !ofDevice.has(userId)) {
      leftOut('too_many_users');
      return false;
    }
    users.set(device, ofDevice.add(userId));
    if (known.size >= rememberedLinks) {
      known.clear();
      users.clear();
    }
    known.set(link, linkedAt);
    return true;
  };

  return {
    isFresh,
    write: async (links) => {
      // A link that the warehouse refuses is left out: its event is refused too, and kept with the reason.
      await writeIsolating(
        links,
        async (part) => warehouse.insert('identities', columns, await linesOf(part, lineOf)),
        () => leftOut('refused_by_warehouse'),
      );
      if (links.length > 0) state.isStale = true;
    },
    reload: async () => {
      const startedAt = now();
      if (!state.isStale || startedAt < state.nextReloadAt) return;
      state.isStale = false;
      try {
        await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
      } catch (error) {
        state.isStale = true;
        throw error;
      } finally {
        const endedAt = now();
        state.nextReloadAt = endedAt + Math.max(reloadMilliseconds, 10 * (endedAt - startedAt));
      }
    },
  };
};
