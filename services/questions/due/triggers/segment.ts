import { z } from 'zod';
import type { People } from '../../../../schemas/segment.ts';
import { sql, typed } from '../../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { isRowOf, resolvedPerson } from '../../events.ts';
import { isOneOf } from '../../segments/criterion.ts';
import { conditions } from '../../where.ts';
import { whoAre } from '../../who.ts';
import { type Asked, mostOccasions, type Occasion } from '../occasion.ts';

const Row = z.object({ owner: z.string() });

/** Who is in a segment now. One occasion for each person and stay: the re-entry time says when it may be another. */
export const segmentOccasions = async (
  warehouse: Warehouse,
  site: { id: string },
  { segment, people }: { segment: string; people: People },
  { now, person }: Asked,
): Promise<Occasion[]> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT DISTINCT toString(${resolvedPerson}) AS owner
      FROM events
      WHERE site = ${site.id}
        AND ${person === undefined ? sql`1` : isRowOf(site.id, sql`${typed('UInt64', person)}`)}
        AND ${isOneOf(people, conditions)}
      ORDER BY owner
      LIMIT ${mostOccasions}`,
    Row,
    { resultRows: mostOccasions },
  );
  const who = await whoAre(
    warehouse,
    site.id,
    rows.map(({ owner }) => owner),
  );
  return rows.map(({ owner }) => ({
    person: owner,
    ...(who.get(owner) ?? { userId: '', email: '' }),
    occasion: `segment@${segment}`,
    at: now,
    basket: null,
    event: null,
  }));
};
