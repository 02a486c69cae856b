import { z } from 'zod';
import type { Action } from '../../../schemas/action.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { createGathered } from '../gathered.ts';
import { softBounced } from '../told.ts';

/**
 * An address whose mails came back so often within such a time is taken for gone, though each time it might have passed: mailboxes that nobody empties stay full, and providers hold it
 * against a sender who goes on. Not within a shorter time: a series of mails falls into one holiday.
 */
const mostMails = 5;
const withinMilliseconds = 90 * 86_400_000;
const overMilliseconds = 14 * 86_400_000;

const mostAsked = 500;

const Row = z.object({ person: z.string(), address: z.string(), ids: z.array(z.string()), first: z.coerce.number() });

/**
 * Whether a mail that came back makes its address one that is not written to any more, by those that came back before. Reads the granules of its person. What was told within the last second may
 * be missing: then the next one tells.
 */
export const createIsWornOut = (deps: {
  warehouse: Warehouse;
  now: () => number;
}): ((mail: Action) => Promise<boolean>) => {
  const { warehouse, now } = deps;
  return createGathered<Action, boolean>({
    most: mostAsked,
    by: ({ site }) => site,
    work: async (mails) => {
      const persons = mails.map(({ person }) => person);
      const { rows } = await warehouse.query(
        sql`
          SELECT
            toString(events.person) AS person,
            lower(email) AS address,
            groupUniqArray(1000)(JSONExtractString(properties, 'email_id')) AS ids,
            toUnixTimestamp64Milli(min(timestamp)) AS first
          FROM events
          WHERE site = ${mails[0]?.site ?? ''}
            AND events.person IN (SELECT toUInt64(arrayJoin(${persons})))
            AND event = ${softBounced}
            AND channel = 'internal'
            AND timestamp >= ${new Date(now() - withinMilliseconds)}
          GROUP BY events.person, address`,
        Row,
      );
      return mails.map(({ id, person, email }) => {
        const before = rows.find((row) => row.person === person && row.address === email.toLowerCase());
        const others = before?.ids.filter((each) => each !== id) ?? [];
        return others.length + 1 >= mostMails && (before?.first ?? now()) <= now() - overMilliseconds;
      });
    },
  });
};
