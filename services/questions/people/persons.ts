import { z } from 'zod';
import type { PersonSummary } from '../../../schemas/api/people.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isByPerson, isoTime, isRowOfAny, resolvedPerson } from '../events.ts';
import { shownEmail } from '../who.ts';

export const Summary = z.object({
  id: z.string(),
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  firstSeen: z.string(),
  lastSeen: z.string(),
  events: z.coerce.number(),
});
const Listed = z.object({ id: z.string(), seen: z.coerce.number() });

/** Without a search, who was seen in these days is listed. */
const listedDays = 90;

/** The newest row wins, of those of one millisecond the one with the greater message id, so that an answer is the same each time. */
const newest: Sql = sql`(timestamp, message_id)`;

const nameOf: Sql = sql`
  argMaxIf(
    trim(if(
      JSONHas(traits, 'name'),
      JSONExtractString(traits, 'name'),
      concat(JSONExtractString(traits, 'firstName'), ' ', JSONExtractString(traits, 'lastName')))),
    ${newest},
    JSONHas(traits, 'name') OR JSONHas(traits, 'firstName') OR JSONHas(traits, 'lastName'))`;

/** When a person was first or last seen: by what they did, or else (we only wrote to them) by what we did. */
const seen = (end: 'min' | 'max'): Sql => {
  const [own, any] = end === 'min' ? [sql`minIf`, sql`min`] : [sql`maxIf`, sql`max`];
  return sql`if(countIf(${isByPerson}) = 0, ${any}(timestamp), ${own}(timestamp, ${isByPerson}))`;
};

/** Columns of a person, over a group of their events. */
export const summaryColumns: Sql = sql`
  argMaxIf(user_id, ${newest}, user_id != '') AS userId,
  ${shownEmail} AS email,
  ${nameOf} AS name,
  ${isoTime(seen('min'))} AS firstSeen,
  ${isoTime(seen('max'))} AS lastSeen,
  uniqExact(message_id) AS events`;

/** `last seen in ms : person`: where the page before ended. */
const parseCursor = (cursor: string): { lastSeen: number; person: string } => {
  const match = /^(\d{1,15}):(\d{1,20})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return { lastSeen: Number(match[1]), person: match[2] ?? '0' };
};

/** Who these persons are. Reads their rows only. */
export const summaries = async (
  warehouse: Warehouse,
  site: string,
  ids: readonly string[],
): Promise<PersonSummary[]> => {
  if (ids.length === 0) return [];
  const { rows } = await warehouse.query(
    sql`
      SELECT toString(${resolvedPerson}) AS id, ${summaryColumns}
      FROM events
      WHERE ${isRowOfAny(site, ids)}
      GROUP BY id`,
    Summary,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
};

/**
 * The persons with a row for which `rows` holds, of whom `persons` holds (a condition on the column `person`), last seen first. Reads person, time and what
 * the conditions name of the site, then the rows of the page's persons.
 */
export const personsThat = async (
  warehouse: Warehouse,
  site: string,
  conditions: { rows?: Sql; persons?: Sql },
  page: { cursor?: string | undefined; limit: number },
): Promise<{ persons: PersonSummary[]; nextCursor: string | null }> => {
  const after = page.cursor === undefined ? null : parseCursor(page.cursor);
  const { rows } = await warehouse.query(
    sql`
      SELECT toString(person) AS id, lastSeen AS seen
      FROM (
        SELECT owner AS person, lastSeen
        FROM (
          SELECT ${resolvedPerson} AS owner, toUnixTimestamp64Milli(${seen('max')}) AS lastSeen
          FROM events
          WHERE site = ${site}
            AND ${conditions.rows ?? sql`1`}
          GROUP BY owner
        )
      )
      WHERE ${conditions.persons ?? sql`1`}
        AND ${after === null ? sql`1` : sql`(lastSeen, person) < (${after.lastSeen}, ${typed('UInt64', after.person)})`}
      ORDER BY lastSeen DESC, person DESC
      LIMIT ${page.limit + 1}`,
    Listed,
  );
  const listed = rows.slice(0, page.limit);
  const last = listed.at(-1);
  return {
    persons: await summaries(
      warehouse,
      site,
      listed.map(({ id }) => id),
    ),
    nextCursor: rows.length > listed.length && last !== undefined ? `${last.seen}:${last.id}` : null,
  };
};

/** Who is meant by a search: by an id as it is, by a part of the email or the name. Reads five columns of the site. */
const found = (site: string, search: string, since: number): Sql =>
  search === ''
    ? sql`timestamp >= ${new Date(since)} AND ${isByPerson}`
    : sql`
      ${resolvedPerson} IN (
        SELECT ${resolvedPerson}
        FROM events
        WHERE site = ${site}
          AND (
            user_id = ${search}
            OR anonymous_id = ${search}
            OR positionCaseInsensitiveUTF8(email, ${search}) > 0
            OR (type = 'identify' AND positionCaseInsensitiveUTF8(traits, ${search}) > 0)
          )
      )`;

/** Persons, last seen first. */
export const persons = (
  warehouse: Warehouse,
  site: { id: string },
  query: { search: string; cursor?: string | undefined; limit: number },
  options: { now: number },
): Promise<{ persons: PersonSummary[]; nextCursor: string | null }> =>
  personsThat(
    warehouse,
    site.id,
    { rows: found(site.id, query.search.trim(), options.now - listedDays * 86_400_000) },
    query,
  );
