import { z } from 'zod';
import { type Sql, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from './events.ts';

const Row = z.object({ person: z.string(), userId: z.string(), email: z.string() });
export type Who = { userId: string; email: string };

/** The rows of more persons lie in most granules: then all of the site's are read, and the ids travel once instead of three times. */
const mostByKey = 1000;
/** Ids travel in the address of a question, of which a server takes 1 MB. */
const mostAtOnce = 30_000;

const isRowOf = (site: string, persons: readonly string[]): Sql =>
  persons.length <= mostByKey
    ? isRowOfAny(site, persons)
    : sql`site = ${site} AND ${resolvedPerson} IN (SELECT toUInt64(arrayJoin(${[...persons]})))`;

/** Who the persons are, as far as they said: '' where they did not. Reads the granules of their rows. */
export const whoAre = async (
  warehouse: Warehouse,
  site: string,
  persons: readonly string[],
): Promise<ReadonlyMap<string, Who>> => {
  const found = new Map<string, Who>();
  const asked = [...new Set(persons)];
  for (let first = 0; first < asked.length; first += mostAtOnce) {
    const { rows } = await warehouse.query(
      sql`
        SELECT
          toString(${resolvedPerson}) AS person,
          argMaxIf(user_id, timestamp, user_id != '') AS userId,
          argMaxIf(email, timestamp, email != '' AND channel != 'internal') AS email
        FROM events
        WHERE ${isRowOf(site, asked.slice(first, first + mostAtOnce))}
          AND (user_id != '' OR email != '')
        GROUP BY ${resolvedPerson}`,
      Row,
    );
    for (const { person, ...who } of rows) found.set(person, who);
  }
  return found;
};
