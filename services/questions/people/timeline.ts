import { z } from 'zod';
import type { TimelineEvent, TimelineKind } from '../../../schemas/api/people.ts';
import { Failure } from '../../platform/failure.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isoTime } from '../events.ts';
import { kinds, namedEvents } from './kinds.ts';
import { personOfId } from './profile.ts';

const Row = z.object({
  messageId: z.string(),
  timestamp: z.string(),
  event: z.string(),
  type: z.string(),
  anonymousId: z.string(),
  userId: z.string(),
  session: z.string(),
  channel: z.string(),
  url: z.string(),
  device: z.string(),
  browser: z.string(),
  properties: z.string(),
  traits: z.string(),
});

/** `time in ms : message id`: where the page before ended. */
const parseCursor = (cursor: string): { time: number; messageId: string } => {
  const match = /^(\d{1,15}):(.{0,200})$/s.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return { time: Number(match[1]), messageId: match[2] ?? '' };
};

const parsed = (text: string): Record<string, unknown> =>
  text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);

const isOneOf = (names: readonly string[]): Sql => sql`event IN (SELECT arrayJoin(${names}))`;

const isOfKind = (kind: TimelineKind | readonly TimelineKind[] | undefined): Sql => {
  if (kind === undefined) return sql`1`;
  const each = [kind].flat().map((one) => (one === 'other' ? sql`NOT ${isOneOf(namedEvents)}` : isOneOf(kinds[one])));
  return sql`(${join(each, ' OR ', sql`0`)})`;
};

/** The person's own rows and those of the devices that are theirs, both found by the sorting key. */
const isOwnRow = (site: string, person: Sql): Sql => sql`
  site = ${site}
    AND (
      person = ${person}
      OR person IN (
        SELECT from_person
        FROM identities
        WHERE site = ${site}
          AND to_person = ${person}
          AND dictGetOrDefault('identity', 'to_person', from_person, from_person) = ${person}
      )
    )`;

/**
 * A person's events of every device, newest first; at most `limit`, perhaps a few less where more follow. The engine sorts by times and ids of the person's rows and reads the rest of
 * the page's rows only: what a page costs grows little with the length of the journey.
 */
export const timeline = async (
  warehouse: Warehouse,
  site: { id: string },
  query: { id: string; cursor?: string | undefined; limit: number; kind?: TimelineKind | TimelineKind[] | undefined },
  _options: { now: number },
): Promise<{ events: TimelineEvent[]; nextCursor: string | null }> => {
  const after = query.cursor === undefined ? null : parseCursor(query.cursor);
  const { rows } = await warehouse.query(
    sql`
      SELECT
        message_id AS messageId,
        ${isoTime(sql`events.timestamp`)} AS timestamp,
        event,
        type,
        anonymous_id AS anonymousId,
        user_id AS userId,
        session,
        channel,
        url,
        device,
        browser,
        properties,
        traits
      FROM events
      WHERE ${isOwnRow(site.id, personOfId(query.id))}
        AND ${isOfKind(query.kind)}
        AND ${
          after === null
            ? sql`1`
            : // The time alone again: it finds the rows by the sorting key.
              sql`events.timestamp <= ${new Date(after.time)} AND (events.timestamp, message_id) < (${new Date(after.time)}, ${after.messageId})`
        }
      ORDER BY events.timestamp DESC, message_id DESC
      LIMIT ${query.limit + 1}`,
    Row,
  );
  // A message that stands twice in the table stands twice in a row here, and once in the answer.
  const once = rows.filter(
    ({ messageId, timestamp }, index) =>
      messageId !== rows[index - 1]?.messageId || timestamp !== rows[index - 1]?.timestamp,
  );
  const page = once.slice(0, query.limit);
  const last = page.at(-1);
  return {
    events: page.map((row) => ({ ...row, properties: parsed(row.properties), traits: parsed(row.traits) })),
    nextCursor:
      rows.length > query.limit && last !== undefined ? `${Date.parse(last.timestamp)}:${last.messageId}` : null,
  };
};
