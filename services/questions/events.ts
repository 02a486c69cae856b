import { listed, type Sql, sql } from '../platform/warehouse/sql.ts';

/**
 * Whose event it is, all of history included: a device's events belong to the user who signed in on it first. Never call it `person` where it is
 * grouped by: names in a query mean the table's columns first.
 */
export const resolvedPerson: Sql = sql`dictGetOrDefault('identity', 'to_person', person, person)`;

/** Whether it is an event of one of these persons (a SELECT of them). */
export const isAmong = (persons: Sql): Sql => sql`(${resolvedPerson} IN (${persons}))`;

/** What the person caused, not what we recorded of our own doing (a mail sent). */
export const isByPerson: Sql = sql`channel != 'internal'`;

/** What became of our mails at the person's: our links and mail servers tell it to us, by the channel of what we do ourselves. */
const ofMails = listed(['Email Opened', 'Email Link Clicked', 'Unsubscribed', 'Email Bounced', 'Email Marked as Spam']);
/** What the person did, or what became of our mails at theirs. Not for questions about visits: programs open mails by themselves. */
export const isDoneByPerson: Sql = sql`(${isByPerson} OR event IN (${ofMails}))`;

/** Rows of a name. Any (`*`) is what people did: what we did is found where it is named. */
export const isCalled = (event: string): Sql => (event === '*' ? isByPerson : sql`event = ${event}`);

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

/** Rows of persons (a SELECT of them), found by the sorting key: their own and those of the devices that were joined; then by who they resolve to. */
const rowsOf = (site: string, persons: Sql): Sql => sql`
  site = ${site}
    AND person IN (
      ${persons}
      UNION ALL
      SELECT from_person
      FROM identities
      WHERE site = ${site}
        AND to_person IN (${persons})
    )
    AND ${resolvedPerson} IN (${persons})`;

/** The condition for a person's own rows. */
export const isRowOf = (site: string, person: Sql): Sql => rowsOf(site, sql`SELECT ${person}`);

/** The rows of more persons lie in most granules: then all of the site's are read, and the ids travel once instead of three times. */
const mostByKey = 1000;

/** The same for several persons by their ids. */
export const isRowOfAny = (site: string, persons: readonly string[]): Sql => {
  const ids = sql`SELECT toUInt64(arrayJoin(${persons}))`;
  return persons.length <= mostByKey ? rowsOf(site, ids) : sql`site = ${site} AND ${resolvedPerson} IN (${ids})`;
};

/** A time as answers show it: ISO 8601 in UTC with milliseconds (which is how the warehouse writes this type). */
export const isoTime = (time: Sql): Sql => sql`toDateTime64(${time}, 3, 'UTC')`;
