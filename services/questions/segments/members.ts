import { z } from 'zod';
import type { PersonSummary } from '../../../schemas/api/people.ts';
import type { SegmentPreview } from '../../../schemas/api/segments.ts';
import type { People } from '../../../schemas/segment.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../events.ts';
import { personsThat } from '../people/persons.ts';
import { conditions } from '../where.ts';
import { isOneOf } from './criterion.ts';

const Counts = z.object({ count: z.coerce.number(), of: z.coerce.number() });

type Page = { people: People; cursor?: string | undefined; limit: number };

/** The persons of a segment, last seen first. */
export const segmentPersons = (
  warehouse: Warehouse,
  site: { id: string },
  query: Page,
): Promise<{ persons: PersonSummary[]; nextCursor: string | null }> =>
  personsThat(warehouse, site.id, { persons: isOneOf(query.people, conditions) }, query);

/** How many they are, of how many, and the first of them. Reads what the criteria name and the site's column of persons. */
export const segmentPreview = async (
  warehouse: Warehouse,
  site: { id: string },
  query: Page,
): Promise<SegmentPreview> => {
  const [counted, listed] = await Promise.all([
    warehouse.query(
      sql`
        SELECT countIf(${isOneOf(query.people, conditions)}) AS count, count() AS of
        FROM (SELECT DISTINCT ${resolvedPerson} AS person FROM events WHERE site = ${site.id})`,
      Counts,
    ),
    query.limit === 0 ? null : segmentPersons(warehouse, site, query),
  ]);
  return {
    ...(counted.rows[0] ?? { count: 0, of: 0 }),
    persons: listed?.persons ?? [],
    queryMs: counted.elapsedMs,
    rowsRead: counted.rowsRead,
  };
};
