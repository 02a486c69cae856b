import { z } from 'zod';
import type { PersonProfile, PersonSummary } from '../../../schemas/api/people.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isoTime, isRowOf, resolvedPerson } from '../events.ts';
import { fromUnits, toUnits } from '../money.ts';

const Summary = z.object({
  id: z.string(),
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  firstSeen: z.string(),
  lastSeen: z.string(),
  events: z.coerce.number(),
});
const Traits = z.object({ traits: z.string() });
const Money = z.object({ currency: z.string(), amount: z.string(), orders: z.coerce.number() });
const Device = z.object({ anonymousId: z.string(), linkedAt: z.string(), messageId: z.string() });

/** Without a search, who was seen in these days is listed. */
const listedDays = 90;
/** Identify calls that are merged into the traits shown, newest first. */
const mergedTraits = 100;

const nameOf: Sql = sql`
  argMaxIf(
    trim(if(
      JSONHas(traits, 'name'),
      JSONExtractString(traits, 'name'),
      concat(JSONExtractString(traits, 'firstName'), ' ', JSONExtractString(traits, 'lastName')))),
    timestamp,
    JSONHas(traits, 'name') OR JSONHas(traits, 'firstName') OR JSONHas(traits, 'lastName'))`;

/** Columns of a person, over a group of their events. */
const summaryColumns: Sql = sql`
  argMaxIf(user_id, timestamp, user_id != '') AS userId,
  argMaxIf(email, timestamp, email != '' AND channel != 'internal') AS email,
  ${nameOf} AS name,
  ${isoTime(sql`min(timestamp)`)} AS firstSeen,
  ${isoTime(sql`max(timestamp)`)} AS lastSeen,
  count() AS events`;

/** `last seen in ms : person`: where the page before ended. */
const parseCursor = (cursor: string): { lastSeen: number; person: string } => {
  const match = /^(\d{1,15}):(\d{1,20})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return { lastSeen: Number(match[1]), person: match[2] ?? '0' };
};

/** Who is meant by a search: by an id as it is, by a part of the email or the name. Reads five columns of the site. */
const found = (site: string, search: string, since: number): Sql =>
  search === ''
    ? sql`timestamp >= ${new Date(since)}`
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
export const persons = async (
  warehouse: Warehouse,
  site: { id: string },
  query: { search: string; cursor?: string | undefined; limit: number },
  options: { now: number },
): Promise<{ persons: PersonSummary[]; nextCursor: string | null }> => {
  const after = query.cursor === undefined ? null : parseCursor(query.cursor);
  const { rows } = await warehouse.query(
    sql`
      SELECT toString(${resolvedPerson}) AS id, ${summaryColumns}, toUnixTimestamp64Milli(max(timestamp)) AS seen
      FROM events
      WHERE site = ${site.id}
        AND ${found(site.id, query.search.trim(), options.now - listedDays * 86_400_000)}
      GROUP BY id
      HAVING ${after === null ? sql`1` : sql`(seen, toUInt64(id)) < (${after.lastSeen}, ${typed('UInt64', after.person)})`}
      ORDER BY seen DESC, toUInt64(id) DESC
      LIMIT ${query.limit + 1}`,
    Summary,
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const isMore = rows.length > query.limit && last !== undefined;
  return { persons: page, nextCursor: isMore ? `${Date.parse(last.lastSeen)}:${last.id}` : null };
};

/** The id of a joined device answers the person that it belongs to. */
export const personOfId = (id: string): Sql => {
  const given = typed('UInt64', id);
  return sql`dictGetOrDefault('identity', 'to_person', ${given}, ${given})`;
};

const mergeTraits = (newestFirst: readonly { traits: string }[]): Record<string, unknown> =>
  // Not Object.assign, for which a trait named `__proto__` is no trait but sets the prototype.
  Object.fromEntries(newestFirst.toReversed().flatMap(({ traits }) => Object.entries(JSON.parse(traits) as object)));

/** A person, whole. @throws Failure `not_found` */
export const personProfile = async (
  warehouse: Warehouse,
  site: { id: string },
  query: { id: string },
  _options: { now: number },
): Promise<PersonProfile> => {
  const person = personOfId(query.id);
  const own = isRowOf(site.id, person);
  const [summary, traits, money, devices] = await Promise.all([
    warehouse.query(
      sql`SELECT toString(any(${person})) AS id, ${summaryColumns} FROM events WHERE ${own} HAVING count() > 0`,
      Summary,
    ),
    warehouse.query(
      sql`SELECT traits FROM events WHERE ${own} AND type = 'identify' AND traits != '' ORDER BY timestamp DESC LIMIT ${mergedTraits}`,
      Traits,
    ),
    warehouse.query(
      sql`
        SELECT currency, toString(sum(amount)) AS amount, count() AS orders
        FROM (
          SELECT order_id, any(currency) AS currency, ifNull(any(revenue), 0) AS amount
          FROM events
          WHERE ${own}
            AND event = 'Order Completed'
          GROUP BY order_id
        )
        GROUP BY currency
        ORDER BY sum(amount) DESC`,
      Money,
    ),
    warehouse.query(
      sql`
        SELECT
          anonymous_id AS anonymousId,
          ${isoTime(sql`min(linked_at)`)} AS linkedAt,
          argMin(message_id, linked_at) AS messageId
        FROM identities
        WHERE site = ${site.id}
          AND to_person = ${person}
          AND dictGetOrDefault('identity', 'to_person', from_person, from_person) = ${person}
        GROUP BY anonymous_id
        ORDER BY linkedAt
        LIMIT 100`,
      Device,
    ),
  ]);
  const [found] = summary.rows;
  if (found === undefined) throw new Failure('not_found', `There is no person ${query.id}.`);
  return {
    ...found,
    traits: mergeTraits(traits.rows),
    orders: money.rows.reduce((sum, { orders }) => sum + orders, 0),
    revenue: money.rows.map(({ currency, amount }) => ({ currency, amount: fromUnits(toUnits(amount)) })),
    devices: devices.rows,
  };
};
