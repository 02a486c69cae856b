import { z } from 'zod';
import type { PersonProfile } from '../../../schemas/api/profile.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { listed } from './lists.ts';

/** What each event makes of a contact; at the same millisecond the later of this list wins. Others (answered, updated, rated) leave it as it is. */
const states = [
  ['Support Contact Started', 'open'],
  ['Support Ticket Created', 'open'],
  ['Support Ticket Reopened', 'open'],
  ['Support Contact Abandoned', 'abandoned'],
  ['Support Contact Ended', 'resolved'],
  ['Support Ticket Solved', 'resolved'],
] as const;
const events: readonly string[] = [
  ...states.map(([event]) => event),
  'Support Contact Answered',
  'Support Ticket Updated',
  'Support Ticket Rated',
];

const place: Sql = sql`indexOf(${states.map(([event]) => event)}, event)`;
const stateOf = (at: Sql): Sql => sql`${states.map(([, state]) => state)}[${at}]`;

const number = (name: string): Sql => sql`toFloat64OrNull(trim(BOTH '"' FROM JSONExtractRaw(properties, ${name})))`;
const lastSaid = (text: Sql): Sql => sql`argMaxIf(${text}, (timestamp, message_id), ${text} != '')`;
/** The earliest row that says a number, or null. */
const firstNumber = (value: Sql, condition: Sql): Sql =>
  sql`argMinIf(${value}, (timestamp, message_id), ${condition} AND ${value} IS NOT NULL)`;

/** Contacts of a person with support: rows of one ticket or conversation are one; a start that names none is one by itself. */
const contacts = (own: Sql): Sql => {
  const isAnswered = sql`event = 'Support Contact Answered'`;
  const answeredAt = sql`minIf(timestamp, ${isAnswered})`;
  const waited = sql`if(countIf(${isAnswered}) = 0, NULL, (toUnixTimestamp64Milli(${answeredAt}) - toUnixTimestamp64Milli(min(timestamp))) / 1000)`;
  return sql`
    SELECT
      if(ticket_id != '', ticket_id, message_id) AS id,
      ${lastSaid(sql`support_channel`)} AS channel,
      ${lastSaid(sql`JSONExtractString(properties, 'subject')`)} AS subject,
      ${lastSaid(sql`category`)} AS category,
      ${stateOf(sql`greatest(1, argMaxIf(${place}, (timestamp, ${place}), ${place} > 0))`)} AS status,
      min(timestamp) AS startedAt,
      coalesce(
        ${firstNumber(number('first_response_seconds'), sql`1`)},
        ${firstNumber(number('wait_seconds'), isAnswered)},
        ${waited}) AS firstResponseSeconds,
      if(status = 'resolved', maxIf(timestamp, event IN ('Support Contact Ended', 'Support Ticket Solved')), NULL) AS resolvedAt,
      uniqExactIf(message_id, event = 'Support Ticket Reopened') AS reopened,
      argMaxIf(coalesce(rating, score), (timestamp, message_id), coalesce(rating, score) IS NOT NULL) AS rating
    FROM events
    WHERE ${own}
      AND event IN (${join(
        events.map((event) => sql`${event}`),
        ', ',
      )})
      AND (ticket_id != '' OR event = 'Support Contact Started')
    GROUP BY id`;
};

const Contact = z.object({
  id: z.string(),
  channel: z.string(),
  subject: z.string(),
  category: z.string(),
  status: z.enum(['open', 'resolved', 'abandoned']),
  startedAt: z.string(),
  firstResponseSeconds: z.number().nullable(),
  resolvedAt: z.string().nullable(),
  reopened: z.coerce.number(),
  rating: z.number().nullable(),
});
const Channel = z.object({
  channel: z.string(),
  contacts: z.coerce.number(),
  open: z.coerce.number(),
  resolved: z.coerce.number(),
  abandoned: z.coerce.number(),
  averageFirstResponseSeconds: z.number().nullable(),
});

/** How often a person needed help, by channel, and the newest contacts. */
export const supportOf = async (warehouse: Warehouse, own: Sql): Promise<PersonProfile['support']> => {
  const [channels, newest] = await Promise.all([
    warehouse.query(
      sql`
        SELECT
          channel,
          count() AS contacts,
          countIf(status = 'open') AS open,
          countIf(status = 'resolved') AS resolved,
          countIf(status = 'abandoned') AS abandoned,
          avg(firstResponseSeconds) AS averageFirstResponseSeconds
        FROM (${contacts(own)})
        GROUP BY channel
        ORDER BY contacts DESC, channel`,
      Channel,
    ),
    warehouse.query(sql`SELECT * FROM (${contacts(own)}) ORDER BY startedAt DESC, id LIMIT ${listed}`, Contact),
  ]);
  return { channels: channels.rows, contacts: newest.rows };
};
