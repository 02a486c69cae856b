import { type Sql, sql } from '../platform/warehouse/sql.ts';

/**
 * Whose event it is, all of history included: a device's events belong to the user who signed in on it first. Never call it `person` where it is
 * grouped by: names in a query mean the table's columns first.
 */
export const resolvedPerson: Sql = sql`dictGetOrDefault('identity', 'to_person', person, person)`;

/** Which events a question is about. Times are milliseconds UTC, half-open. */
export type EventScope = { site: string; from: number; to: number };

/** The conditions that every question starts from; the first is the table's sorting key, the second prunes its partitions (months). */
export const inScope = ({ site, from, to }: EventScope): Sql => sql`
  site = ${site}
    AND timestamp >= ${new Date(from)}
    AND timestamp < ${new Date(to)}`;

/**
 * Each message once, for answers that a row standing there twice would change (counts, sums, medians; not persons, minima or what is made of sets). Merging
 * on the way costs most where parts were not merged yet: filter by `PREWHERE`, so that little is merged.
 */
export const eventsOnce: Sql = sql`events FINAL`;

/** A resolved person as 64-bit ids of rows: their own and those of the devices that were joined. Lets the sorting key find the rows. */
const rowsOfPerson = (site: string, person: Sql): Sql => sql`
  person IN (
    SELECT ${person}
    UNION ALL
    SELECT from_person
    FROM identities
    WHERE site = ${site}
      AND to_person = ${person}
  )`;

/** The condition for a person's own rows: by the sorting key, then by who they resolve to. */
export const isRowOf = (site: string, person: Sql): Sql => sql`
  site = ${site}
    AND ${rowsOfPerson(site, person)}
    AND ${resolvedPerson} = ${person}`;

/** A time as answers show it: ISO 8601 in UTC with milliseconds (which is how the warehouse writes this type). */
export const isoTime = (time: Sql): Sql => sql`toDateTime64(${time}, 3, 'UTC')`;
