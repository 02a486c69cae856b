import { z } from 'zod';
import type { Action } from '../../../schemas/action.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isActionId } from '../action-id.ts';
import { createGathered } from '../gathered.ts';
import { readAction } from '../read-action.ts';
import type { Reported } from './report.ts';

/**
 * A report that names no mail is about the newest one to its address, sent within these days: servers try for up to five, people complain soon. An older one was more probably not the
 * mail that came back.
 */
const newestWithinMilliseconds = 7 * 86_400_000;
/** Asked after together; they travel in the address of the question. */
const mostAsked = 500;

const Row = z.object({ found: z.string(), action: z.string() });

/** Mails by their ids, by the ledger's key. */
const byIds = (site: string, ids: readonly string[]): Sql => sql`
  SELECT action_id AS found, any(ledger.action) AS action
  FROM ledger
  WHERE site = ${site}
    AND action_id IN (SELECT arrayJoin(${ids}))
    AND topic != 'webhook'
  GROUP BY found`;

/** The newest mails to addresses. Reads `phase` and `at` of the site's ledger, and the actions of those that were sent lately. */
const byAddresses = (site: string, addresses: readonly string[], since: number): Sql => sql`
  SELECT lower(JSONExtractString(ledger.action, 'email')) AS found, argMax(ledger.action, ledger.at) AS action
  FROM ledger
  WHERE site = ${site}
    AND ledger.at >= ${new Date(since)}
    AND phase IN ('sent', 'uncertain')
    AND found IN (SELECT arrayJoin(${addresses}))
    AND topic != 'webhook'
  GROUP BY found`;

type Asked = { site: string; key: string };

/**
 * Which of our mails a report is about, as the ledger has it: the one that it names, else the newest to its address; null for somebody else's. Providers report each bounce by itself:
 * those that come at about the same time are looked for together.
 */
export const createWhoseMail = (deps: {
  warehouse: Warehouse;
  now: () => number;
}): ((site: string, reported: Pick<Reported, 'address' | 'messageId'>) => Promise<Action | null>) => {
  const { warehouse, now } = deps;
  const look = (question: (site: string, keys: readonly string[]) => Sql) =>
    createGathered<Asked, Action | null>({
      most: mostAsked,
      by: ({ site }) => site,
      work: async (asked) => {
        const keys = asked.map(({ key }) => key);
        const { rows } = await warehouse.query(question(asked[0]?.site ?? '', keys), Row, { isLastWord: true });
        const found = new Map(rows.map((row) => [row.found, readAction(row.action)]));
        return keys.map((key) => found.get(key) ?? null);
      },
    });
  const named = look(byIds);
  const newest = look((site, addresses) => byAddresses(site, addresses, now() - newestWithinMilliseconds));

  return async (site, { address, messageId }) => {
    if (messageId !== null) {
      const [id = ''] = messageId.split('@');
      return isActionId(id) ? named({ site, key: id }) : null;
    }
    return address === null ? null : newest({ site, key: address });
  };
};
