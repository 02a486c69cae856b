import type { People } from '../../../../schemas/segment.ts';
import { sql } from '../../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../../events.ts';
import { isOneOf } from '../../segments/criterion.ts';
import { conditions } from '../../where.ts';
import { type Asked, mostOccasions, type Occasion } from '../occasion.ts';
import { OccasionRow, ofPerson, withNames } from './named.ts';

/** Who is in a segment now: one occasion for each person. */
export const segmentOccasions = async (
  warehouse: Warehouse,
  site: { id: string },
  { segment, people }: { segment: string; people: People },
  asked: Asked,
): Promise<Occasion[]> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT DISTINCT
        toString(${resolvedPerson}) AS owner,
        ${`segment@${segment}`} AS occasion,
        ${asked.now} AS at,
        '' AS name,
        '' AS properties
      FROM events
      WHERE site = ${site.id}
        AND ${ofPerson(site.id, asked)}
        AND ${isOneOf(people, conditions)}
      ORDER BY owner
      LIMIT ${mostOccasions}`,
    OccasionRow,
    { resultRows: mostOccasions },
  );
  return withNames(warehouse, site.id, rows);
};
