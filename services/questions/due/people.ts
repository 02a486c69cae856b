import { z } from 'zod';
import type { People } from '../../../schemas/segment.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inPieces } from '../pieces.ts';
import { isOneOf } from '../segments/criterion.ts';
import { conditions } from '../where.ts';

const Row = z.object({ id: z.string() });

/** Those of the persons who are of these people. */
export const amongPeople = async (
  warehouse: Warehouse,
  people: People,
  persons: readonly string[],
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const some of inPieces(persons)) {
    const { rows } = await warehouse.query(
      sql`
        SELECT toString(person) AS id
        FROM (SELECT toUInt64(arrayJoin(${some})) AS person)
        WHERE ${isOneOf(people, conditions)}`,
      Row,
    );
    for (const { id } of rows) found.add(id);
  }
  return found;
};
