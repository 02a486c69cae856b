import { z } from 'zod';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from './events.ts';

const Row = z.object({ person: z.string(), userId: z.string(), email: z.string() });

/** Who the persons of a page are, as far as they said: '' where they did not. Reads the granules of their rows. */
export const whoAre = async (
  warehouse: Warehouse,
  site: string,
  persons: readonly string[],
): Promise<ReadonlyMap<string, { userId: string; email: string }>> => {
  if (persons.length === 0) return new Map();
  const { rows } = await warehouse.query(
    sql`
      SELECT
        toString(${resolvedPerson}) AS person,
        argMaxIf(user_id, timestamp, user_id != '') AS userId,
        argMaxIf(email, timestamp, email != '' AND channel != 'internal') AS email
      FROM events
      WHERE ${isRowOfAny(site, [...new Set(persons)])}
        AND (user_id != '' OR email != '')
      GROUP BY ${resolvedPerson}`,
    Row,
  );
  return new Map(rows.map(({ person, ...who }) => [person, who]));
};
