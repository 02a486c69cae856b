import { z } from 'zod';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

const RecentEvent = z.object({
  event: z.string(),
  timestamp: z.string(),
  receivedAt: z.string(),
  person: z.string(),
  userId: z.string(),
  email: z.string(),
  url: z.string(),
  productName: z.string(),
  value: z.string().nullable(),
  currency: z.string(),
});
export type RecentEvent = z.infer<typeof RecentEvent>;

/** Most events in one look: a feed is read by people. */
const mostEvents = 50;

/**
 * Events received after `sinceMs` (exclusive), newest first, at most 50, from live traffic only: an import of history is no news.
 * Reads the receiving times of the current and the previous month of the site.
 */
export const recentEvents = async (warehouse: Warehouse, site: string, sinceMs: number): Promise<RecentEvent[]> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        event,
        timestamp,
        received_at AS receivedAt,
        toString(dictGetOrDefault('identity', 'to_person', person, person)) AS person,
        user_id AS userId,
        email,
        path AS url,
        product_name AS productName,
        toString(coalesce(revenue, value, price * ifNull(quantity, 1))) AS value,
        currency
      FROM events
      WHERE site = ${site}
        AND events.timestamp >= ${new Date(sinceMs - 86_400_000)}
        AND received_at > ${new Date(sinceMs)}
        AND channel != 'import'
      ORDER BY received_at DESC, events.timestamp DESC
      LIMIT ${mostEvents}`,
    RecentEvent,
  );
  return rows;
};
