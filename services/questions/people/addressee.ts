import { z } from 'zod';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from '../events.ts';

const Addressee = z.object({ person: z.string(), firstName: z.string(), lastName: z.string() });
export type Addressee = Omit<z.infer<typeof Addressee>, 'person'>;

const unnamed: Addressee = { firstName: '', lastName: '' };

/** How persons are addressed, as last said: an answer for each. Reads the granules of their rows. */
export const addressees = async (
  warehouse: Warehouse,
  site: string,
  persons: readonly string[],
): Promise<Addressee[]> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        toString(${resolvedPerson}) AS person,
        argMaxIf(JSONExtractString(traits, 'firstName'), timestamp, JSONHas(traits, 'firstName')) AS firstName,
        argMaxIf(JSONExtractString(traits, 'lastName'), timestamp, JSONHas(traits, 'lastName')) AS lastName
      FROM events
      WHERE ${isRowOfAny(site, persons)}
        AND traits != ''
      GROUP BY ${resolvedPerson}`,
    Addressee,
  );
  const byPerson = new Map(rows.map(({ person, ...names }) => [person, names]));
  return persons.map((person) => byPerson.get(person) ?? unnamed);
};
