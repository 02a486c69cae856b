import type { FunnelBreakdown } from '../../../schemas/api/funnel-definition.ts';
import { isOfPerson } from '../../../schemas/api/funnel-rules.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';
import { propertyOf } from '../property.ts';

/** A property as text, '' where the row does not have it. */
export const textOf = (path: string): Sql => {
  const { text, isThere } = propertyOf(path);
  return sql`if(${isThere}, ${text}, '')`;
};

/** How people come to their value: it is theirs, or that of their first or last row, or each row has its own. */
export type Attribution = 'person' | 'first' | 'last' | 'all' | 'step';
export const attributionOf = ({ property, attribution }: FunnelBreakdown): Attribution =>
  isOfPerson(property) ? 'person' : attribution;

/** A person may be in several buckets. */
export const isOverlapping = (breakdown: FunnelBreakdown): boolean =>
  ['all', 'step'].includes(attributionOf(breakdown));

/** The first or last value of those rows of a group for which `counts` holds, '' for none. Of one millisecond the value that sorts first, or last. */
export const touched = (attribution: 'first' | 'last', value: Sql, counts: Sql): Sql =>
  attribution === 'first'
    ? sql`argMinIf(${value}, (timestamp, ${value}), ${value} != '' AND ${counts})`
    : sql`argMaxIf(${value}, (timestamp, ${value}), ${value} != '' AND ${counts})`;

/** Properties of persons that stand in columns of events; what else is asked of a person is a trait. */
const ownColumns = /^person\.(email|userId|user_id)$/;

/** Persons with the last value known of a property of theirs. Reads the site's rows that carry it, of all times. */
export const knownValues = (site: string, property: string): Sql => {
  const path = ownColumns.test(property) ? property : property.replace(/^person\./, 'traits.');
  return sql`
    SELECT ${resolvedPerson} AS owner, ${touched('last', textOf(path), sql`1`)} AS known
    FROM events
    WHERE site = ${site}
      AND ${propertyOf(path).isThere}
    GROUP BY owner`;
};
