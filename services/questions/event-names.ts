import { z } from 'zod';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { inQuarters } from './contents.ts';
import { isoTime } from './events.ts';

const Row = z.object({ event: z.string(), count: z.coerce.number(), lastSeen: z.string() });

const days = 90;
/** Names in a picker; who has more has put ids into names. */
const mostNames = 500;

/** Names of the events of the last 90 days, most frequent first. Reads no event: the projection knows how many there are of each name. */
export const eventNames = async (
  warehouse: Warehouse,
  site: { id: string },
  _query: object,
  options: { now: number },
): Promise<{ events: z.infer<typeof Row>[] }> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT event, count() AS count, ${isoTime(sql`max(timestamp)`)} AS lastSeen
      FROM events
      WHERE site = ${site.id}
        AND ${inQuarters({ from: options.now - days * 86_400_000, to: options.now + 2 * 86_400_000 })}
      GROUP BY event
      ORDER BY count DESC, event
      LIMIT ${mostNames}`,
    Row,
  );
  return { events: rows };
};
