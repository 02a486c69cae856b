import type { FunnelBreakdown, FunnelSegment } from '../../../schemas/api/funnel-definition.ts';
import { isPersonal } from '../../../schemas/api/funnel-rules.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';
import { knownValues } from '../people/last-said.ts';
import { textOf } from '../property.ts';
import { isOneOf } from '../segments/criterion.ts';
import { conditions } from '../where.ts';

/** How people come to their value: it is theirs, or that of their first or last row, or each row has its own. */
type Attribution = 'person' | 'first' | 'last' | 'all' | 'step';
export const attributionOf = (breakdown: FunnelBreakdown): Attribution =>
  isPersonal(breakdown) ? 'person' : breakdown.attribution;

/** A person may be in several buckets. */
export const isOverlapping = (breakdown: FunnelBreakdown): boolean =>
  breakdown.segments !== undefined || ['all', 'step'].includes(attributionOf(breakdown));

/** The value of a row, '' where it has none or the breakdown is not by one. */
export const rowValue = (breakdown: FunnelBreakdown | undefined): Sql =>
  breakdown?.property === undefined || isPersonal(breakdown) ? sql`''` : textOf(breakdown.property);

/** The first or last value of those rows of a group for which `counts` holds, '' for none. Of one millisecond the value that sorts first, or last. */
export const touched = (attribution: 'first' | 'last', value: Sql, counts: Sql): Sql =>
  attribution === 'first'
    ? sql`argMinIf(${value}, (timestamp, ${value}), ${value} != '' AND ${counts})`
    : sql`argMaxIf(${value}, (timestamp, ${value}), ${value} != '' AND ${counts})`;

const membersOf = ({ segment, people }: FunnelSegment, where: Sql): Sql => {
  if (people === undefined) throw new Error(`segment ${segment} was not resolved before the question was asked`);
  return sql`
    SELECT DISTINCT ${resolvedPerson} AS owner, ${segment} AS name
    FROM events
    WHERE ${where}
      AND ${isOneOf(people, conditions)}`;
};

/** Persons with the buckets that are their own: one value, or the segments they belong to. `where`: rows by which they are found. */
export const personalBuckets = (site: string, { property = '', segments }: FunnelBreakdown, where: Sql): Sql =>
  segments === undefined
    ? sql`SELECT owner, [known] AS buckets FROM (${knownValues(site, property)})`
    : sql`
      SELECT owner, groupUniqArray(name) AS buckets
      FROM (${join(
        segments.map((each) => membersOf(each, where)),
        ' UNION ALL ',
      )})
      GROUP BY owner`;

/** Who has no bucket is in the one of those without. */
export const bucketsOrNone: Sql = sql`if(empty(buckets), [''], buckets)`;
