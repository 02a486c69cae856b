import type { People } from '../../../../schemas/segment.ts';
import { sql } from '../../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../../events.ts';
import { isOneOf } from '../../segments/criterion.ts';
import { conditions } from '../../where.ts';
import type { Asked, Occasion } from '../occasion.ts';
import { occasionsIn, ofPersons } from './named.ts';

/** Who is in a segment now: one occasion for each person. */
export const segmentOccasions = async (
  warehouse: Warehouse,
  site: { id: string },
  { segment, people }: { segment: string; people: People },
  asked: Asked,
): Promise<Occasion[]> => {
  const question = sql`
      SELECT DISTINCT
        toString(${resolvedPerson}) AS owner,
        ${`segment@${segment}`} AS occasion,
        ${asked.now} AS at,
        '' AS name,
        '' AS properties
      FROM events
      WHERE site = ${site.id}
        AND ${ofPersons(site.id, asked)}
        AND ${isOneOf(people, conditions)}`;
  return occasionsIn(warehouse, site.id, question, asked);
};
