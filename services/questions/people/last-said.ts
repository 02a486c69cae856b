import type { PropertyCondition } from '../../../schemas/filters.ts';
import { identifier, type Sql, sql } from '../../platform/warehouse/sql.ts';
import { deniedBy, meets } from '../comparison.ts';
import { isAmong, isByPerson, resolvedPerson } from '../events.ts';
import { propertyOf, textOf } from '../property.ts';

/** `person.plan` is a trait, as is `traits.plan`; two have columns of their own. */
const pathOf = (property: string): string => {
  if (property === 'person.email') return property;
  if (property === 'person.userId' || property === 'person.user_id') return 'person.userId';
  return property.replace(/^person\./, 'traits.');
};

/** The column that says it, and the rows that do. */
const saidBy = (path: string): { column: Sql; isSaid: Sql } => {
  if (path === 'person.email') return { column: identifier('email'), isSaid: sql`email != '' AND ${isByPerson}` };
  if (path === 'person.userId') return { column: identifier('user_id'), isSaid: sql`user_id != ''` };
  const [, trait = ''] = path.split('.');
  return { column: identifier('traits'), isSaid: sql`type = 'identify' AND JSONHas(traits, ${trait})` };
};

/**
 * Whether an event is one of a person of whom this holds, as last said: a trait is what the newest identify call that names it says, also when it says null.
 * Reads the site's rows that say it, of all times.
 */
export const isLastSaid = (site: string, condition: PropertyCondition): Sql => {
  const opposite = deniedBy(condition);
  if (opposite !== null) return sql`(NOT ${isLastSaid(site, opposite)})`;
  const path = pathOf(condition.property);
  const { column, isSaid } = saidBy(path);
  return isAmong(sql`
    SELECT owner
    FROM (
      SELECT ${resolvedPerson} AS owner, argMax(${column}, (timestamp, message_id)) AS ${column}
      FROM events
      WHERE site = ${site}
        AND ${isSaid}
      GROUP BY owner
    )
    WHERE ${meets(propertyOf(path), condition)}`);
};

/** Persons (`owner`) with a property of theirs as last said (`known`): '' where that is null. Reads the site's rows that say it, of all times. */
export const knownValues = (site: string, property: string): Sql => {
  const path = pathOf(property);
  return sql`
    SELECT ${resolvedPerson} AS owner, argMax(${textOf(path)}, (timestamp, message_id)) AS known
    FROM events
    WHERE site = ${site}
      AND ${saidBy(path).isSaid}
    GROUP BY owner`;
};
