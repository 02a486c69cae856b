import { z } from 'zod';
import { sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOf } from '../events.ts';

const Addressee = z.object({ email: z.string(), firstName: z.string(), lastName: z.string() });
export type Addressee = z.infer<typeof Addressee>;

/** How a person is written to, as last said. Reads the granules of the person's rows. */
export const addressee = async (warehouse: Warehouse, site: string, person: string): Promise<Addressee> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        argMaxIf(email, timestamp, email != '' AND channel != 'internal') AS email,
        argMaxIf(JSONExtractString(traits, 'firstName'), timestamp, JSONHas(traits, 'firstName')) AS firstName,
        argMaxIf(JSONExtractString(traits, 'lastName'), timestamp, JSONHas(traits, 'lastName')) AS lastName
      FROM events
      WHERE ${isRowOf(site, sql`${typed('UInt64', person)}`)}`,
    Addressee,
  );
  return rows[0] ?? { email: '', firstName: '', lastName: '' };
};
