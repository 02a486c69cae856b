import { z } from 'zod';
import { type Sql, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { isByPerson, isRowOfAny, resolvedPerson } from './events.ts';

const Row = z.object({ person: z.string(), userId: z.string(), email: z.string() });
export type Who = { userId: string; email: string };

/** Ids travel in the address of a question, of which a server takes 1 MB. */
const mostAtOnce = 30_000;

/** Rows about persons, of so many of them at a time as a question can name; each person once. */
export const inLots = async <Row>(
  persons: readonly string[],
  ask: (some: readonly string[]) => Promise<{ rows: readonly Row[] }>,
): Promise<Row[]> => {
  const asked = [...new Set(persons)];
  const found: Row[] = [];
  for (let first = 0; first < asked.length; first += mostAtOnce)
    for (const row of (await ask(asked.slice(first, first + mostAtOnce))).rows) found.push(row);
  return found;
};

/** Who the persons are, by rows of theirs that say it: '' where none does. Reads the granules of their rows. */
const whoBy =
  (email: Sql) =>
  async (warehouse: Warehouse, site: string, persons: readonly string[]): Promise<ReadonlyMap<string, Who>> => {
    const rows = await inLots(persons, (some) =>
      warehouse.query(
        sql`
        SELECT
          toString(${resolvedPerson}) AS person,
          argMaxIf(user_id, timestamp, user_id != '') AS userId,
          ${email} AS email
        FROM events
        WHERE ${isRowOfAny(site, some)}
          AND (user_id != '' OR email != '')
        GROUP BY ${resolvedPerson}`,
        Row,
      ),
    );
    return new Map(rows.map(({ person, ...who }) => [person, who]));
  };

const isEmail: Sql = sql`email != '' AND ${isByPerson}`;

/**
 * Whether the address in a row is the person's by what the row says: by traits of theirs, with an identify or in the context of any call. An event's property may be anybody's (a friend who is
 * invited), and a group's traits are the group's.
 */
const isOwn: Sql = sql`(type = 'identify' OR (type != 'group' AND JSONExtractString(traits, 'email') != ''))`;

/** The newest address for people to look at: one of their own, or else any that their events name. */
export const shownEmail: Sql = sql`argMaxIf(email, (${isOwn}, timestamp, email), ${isEmail})`;

/** As lists show them. */
export const whoAre = whoBy(shownEmail);

/** As they are written to: the address is one that they gave as their own. */
export const whoToWriteTo = whoBy(sql`argMaxIf(email, (timestamp, email), ${isEmail} AND ${isOwn})`);
