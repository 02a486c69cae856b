import { z } from 'zod';
import type { PersonProfile } from '../../../schemas/api/profile.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isoTime } from '../events.ts';

const Row = z.object({
  kind: z.enum(['user', 'device']),
  id: z.string(),
  firstSeen: z.string(),
  events: z.coerce.number(),
  linkedAt: z.string(),
  messageId: z.string(),
  event: z.string(),
  type: z.string(),
});

/** Devices of one person in an answer; who has more is no person. */
const mostIdentities = 200;

/**
 * The ids under which a person was seen, and for a device the event that joined it: the first that named it together with the user. A device that others used
 * before belongs to the first of them, and is not listed with the rest.
 */
export const identities = async (
  warehouse: Warehouse,
  site: string,
  own: Sql,
  person: Sql,
): Promise<PersonProfile['identities']> => {
  const device = sql`sipHash64(site, 'anonymous', anonymous_id)`;
  const links = sql`
    SELECT anonymous_id, min(linked_at) AS linkedAt, argMin(message_id, (linked_at, message_id)) AS linkedBy
    FROM identities
    WHERE site = ${site}
      AND to_person = ${person}
      AND dictGetOrDefault('identity', 'to_person', from_person, from_person) = ${person}
    GROUP BY anonymous_id`;
  const { rows } = await warehouse.query(
    sql`
      WITH
        seen AS (
          SELECT
            id.1 AS kind,
            id.2 AS id,
            min(events.timestamp) AS firstSeen,
            uniqExact(message_id) AS events
          FROM events
          ARRAY JOIN [('user', user_id), ('device', if(dictGetOrDefault('identity', 'to_person', ${device}, ${device}) = ${person}, anonymous_id, ''))] AS id
          WHERE ${own}
            AND id.2 != ''
          GROUP BY kind, id
        ),
        said AS (
          SELECT message_id, any(event) AS event, any(type) AS type
          FROM events
          WHERE ${own}
            AND message_id IN (SELECT linkedBy FROM (${links}))
          GROUP BY message_id
        )
      SELECT
        kind,
        id,
        ${isoTime(sql`firstSeen`)} AS firstSeen,
        events,
        ${isoTime(sql`linkedAt`)} AS linkedAt,
        linkedBy AS messageId,
        event,
        type
      FROM seen
      LEFT JOIN (SELECT 'device' AS linkedKind, * FROM (${links})) AS link ON link.anonymous_id = seen.id AND linkedKind = kind
      LEFT JOIN said ON said.message_id = linkedBy
      ORDER BY kind DESC, seen.firstSeen, id
      LIMIT ${mostIdentities}`,
    Row,
  );
  return rows.map(({ linkedAt, messageId, event, type, ...row }) => ({
    ...row,
    joinedBy: messageId === '' ? null : { at: linkedAt, event, type, messageId },
  }));
};
