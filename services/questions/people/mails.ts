import { z } from 'zod';
import type { PersonProfile } from '../../../schemas/api/profile.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { listed } from './lists.ts';

const said = (name: string): Sql => sql`JSONExtractString(properties, ${name})`;
const lastSaid = (name: string): Sql => sql`argMaxIf(${said(name)}, (timestamp, message_id), ${said(name)} != '')`;
const firstTime = (event: string): Sql => sql`minIfOrNull(timestamp, event = ${event})`;

/** Mails to a person: rows of one email id are one; a row that names none is one by itself. */
const mails = (own: Sql): Sql => sql`
  SELECT
    if(${said('email_id')} != '', ${said('email_id')}, message_id) AS id,
    ${lastSaid('email_subject')} AS subject,
    ${lastSaid('campaign_name')} AS campaign,
    min(timestamp) AS at,
    ${firstTime('Email Sent')} AS sentAt,
    ${firstTime('Email Delivered')} AS deliveredAt,
    ${firstTime('Email Opened')} AS openedAt,
    ${firstTime('Email Link Clicked')} AS clickedAt,
    ${firstTime('Email Bounced')} AS bouncedAt,
    ${firstTime('Email Marked as Spam')} AS complainedAt,
    ${firstTime('Unsubscribed')} AS unsubscribedAt
  FROM events
  WHERE ${own}
    AND event IN (
      'Email Sent', 'Email Delivered', 'Email Opened', 'Email Link Clicked', 'Email Bounced', 'Email Marked as Spam', 'Unsubscribed'
    )
  GROUP BY id`;

const Mail = z.object({
  id: z.string(),
  subject: z.string(),
  campaign: z.string(),
  sentAt: z.string().nullable(),
  deliveredAt: z.string().nullable(),
  openedAt: z.string().nullable(),
  clickedAt: z.string().nullable(),
  bouncedAt: z.string().nullable(),
  complainedAt: z.string().nullable(),
  unsubscribedAt: z.string().nullable(),
});
const Counts = z.object({ sent: z.coerce.number(), opened: z.coerce.number(), clicked: z.coerce.number() });

/** What was written to a person and what became of it. Clicking shows that a mail was opened, also where pictures are blocked. */
export const mailsOf = async (warehouse: Warehouse, own: Sql): Promise<PersonProfile['mails']> => {
  const [counts, newest] = await Promise.all([
    warehouse.query(
      sql`
        SELECT
          countIf(sentAt IS NOT NULL) AS sent,
          countIf(openedAt IS NOT NULL OR clickedAt IS NOT NULL) AS opened,
          countIf(clickedAt IS NOT NULL) AS clicked
        FROM (${mails(own)})`,
      Counts,
    ),
    warehouse.query(sql`SELECT * FROM (${mails(own)}) ORDER BY at DESC, id LIMIT ${listed}`, Mail),
  ]);
  return { ...(counts.rows[0] ?? { sent: 0, opened: 0, clicked: 0 }), list: newest.rows };
};
