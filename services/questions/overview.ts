import { z } from 'zod';
import type { OverviewAnswer } from '../../schemas/api/overview.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { inScope, resolvedPerson } from './events.ts';
import { fromUnits, toUnits } from './money.ts';

const Figures = z.object({
  visitors: z.coerce.number(),
  sessions: z.coerce.number(),
  buyers: z.coerce.number(),
  orders: z.coerce.number(),
  /** Currency -> decimal text. */
  revenue: z.record(z.string(), z.string()),
});
const Live = z.object({ persons: z.coerce.number(), events: z.coerce.number(), orders: z.coerce.number() });

const dayMilliseconds = 86_400_000;
const liveMilliseconds = 5 * 60_000;

/** Persons, sessions, orders (each order id once) and revenue of a range. Reads six columns of it. */
const figures = async (
  warehouse: Warehouse,
  site: string,
  from: number,
  to: number,
): Promise<OverviewAnswer['current']> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        uniqExactIf(${resolvedPerson}, channel != 'internal') AS visitors,
        uniqExactIf(session, session != '') AS sessions,
        uniqExactIf(${resolvedPerson}, event = 'Order Completed') AS buyers,
        uniqExactIf(order_id, event = 'Order Completed') AS orders,
        (
          SELECT mapFromArrays(groupArray(currency), groupArray(toString(amount)))
          FROM (
            SELECT currency, sum(orderRevenue) AS amount
            FROM (
              SELECT currency, any(revenue) AS orderRevenue
              FROM events
              WHERE ${inScope({ site, from, to })}
                AND event = 'Order Completed'
                AND revenue IS NOT NULL
              GROUP BY order_id, currency
            )
            GROUP BY currency
            ORDER BY amount DESC
          )
        ) AS revenue
      FROM events
      WHERE ${inScope({ site, from, to })}`,
    Figures,
  );
  const found = rows[0] ?? { visitors: 0, sessions: 0, buyers: 0, orders: 0, revenue: {} };
  return {
    visitors: found.visitors,
    sessions: found.sessions,
    orders: found.orders,
    revenue: Object.entries(found.revenue).map(([currency, amount]) => ({
      currency,
      amount: fromUnits(toUnits(amount)),
    })),
    conversion: found.visitors === 0 ? null : found.buyers / found.visitors,
  };
};

/** The figures of the first page, of the last days and of as many before. */
export const overview = async (
  warehouse: Warehouse,
  site: { id: string },
  query: { days: number },
  options: { now: number },
): Promise<OverviewAnswer> => {
  const { now } = options;
  const length = query.days * dayMilliseconds;
  const [current, previous, live] = await Promise.all([
    figures(warehouse, site.id, now - length, now + 1),
    figures(warehouse, site.id, now - 2 * length, now - length),
    warehouse.query(
      sql`
        SELECT uniqExact(${resolvedPerson}) AS persons, count() AS events, countIf(event = 'Order Completed') AS orders
        FROM events
        WHERE ${inScope({ site: site.id, from: now - liveMilliseconds, to: now + 1 })}
          AND channel NOT IN ('import', 'internal')`,
      Live,
    ),
  ]);
  return { days: query.days, current, previous, live: live.rows[0] ?? { persons: 0, events: 0, orders: 0 } };
};
