import { z } from 'zod';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from '../events.ts';
import { inLots } from '../who.ts';

/** Letters. A longer one is no name. */
const longestName = 200;

const Row = z.object({ person: z.string(), firstName: z.string(), lastName: z.string() });
export type Addressee = Omit<z.infer<typeof Row>, 'person'>;

/** How persons are addressed, as last said; who said nothing has no entry. Reads the granules of their rows. */
export const addressees = async (
  warehouse: Warehouse,
  site: string,
  persons: readonly string[],
): Promise<ReadonlyMap<string, Addressee>> => {
  const rows = await inLots(persons, (some) =>
    warehouse.query(
      sql`
        SELECT
          toString(${resolvedPerson}) AS person,
          argMaxIf(leftUTF8(JSONExtractString(traits, 'firstName'), ${longestName}), timestamp, JSONHas(traits, 'firstName')) AS firstName,
          argMaxIf(leftUTF8(JSONExtractString(traits, 'lastName'), ${longestName}), timestamp, JSONHas(traits, 'lastName')) AS lastName
        FROM events
        WHERE ${isRowOfAny(site, some)}
          AND traits != ''
        GROUP BY ${resolvedPerson}`,
      Row,
    ),
  );
  return new Map(rows.map(({ person, ...names }) => [person, names]));
};
