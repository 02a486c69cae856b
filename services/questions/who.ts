import { z } from 'zod';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from './events.ts';

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

/** Who the persons are, as far as they said: '' where they did not. Reads the granules of their rows. */
export const whoAre = async (
  warehouse: Warehouse,
  site: string,
  persons: readonly string[],
): Promise<ReadonlyMap<string, Who>> => {
  const rows = await inLots(persons, (some) =>
    warehouse.query(
      sql`
        SELECT
          toString(${resolvedPerson}) AS person,
          argMaxIf(user_id, timestamp, user_id != '') AS userId,
          argMaxIf(email, timestamp, email != '' AND channel != 'internal') AS email
        FROM events
        WHERE ${isRowOfAny(site, some)}
          AND (user_id != '' OR email != '')
        GROUP BY ${resolvedPerson}`,
      Row,
    ),
  );
  return new Map(rows.map(({ person, ...who }) => [person, who]));
};
