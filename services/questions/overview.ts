import { z } from 'zod';
import type { OverviewAnswer } from '../../schemas/api/overview.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { inScope, isByPerson, resolvedPerson } from './events.ts';
import { moneyOf, toUnits } from './money.ts';
import { orderRows, orders } from './value/orders.ts';
import { placedIn } from './value/rfm.ts';

const Visits = z.object({ visitors: z.coerce.number(), sessions: z.coerce.number() });
/** Net: currency -> decimal text. */
const Sales = z.object({
  isCurrent: z.number(),
  buyers: z.coerce.number(),
  orders: z.coerce.number(),
  net: z.record(z.string(), z.string()),
});
type Sales = z.infer<typeof Sales>;
const Live = z.object({ persons: z.coerce.number(), events: z.coerce.number(), orders: z.coerce.number() });

const dayMilliseconds = 86_400_000;
const liveMilliseconds = 5 * 60_000;

type Site = { id: string; currency: string };

const visitsOf = async (
  warehouse: Warehouse,
  site: Site,
  from: number,
  to: number,
): Promise<z.infer<typeof Visits>> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT uniqExactIf(${resolvedPerson}, ${isByPerson}) AS visitors, uniqExactIf(session, session != '') AS sessions
      FROM events
      WHERE ${inScope({ site: site.id, from, to })}`,
    Visits,
  );
  return rows[0] ?? { visitors: 0, sessions: 0 };
};

/** Orders placed before and after the middle of a time, in one reading: order events are followed back a month and forward until now anyway. */
const salesOf = async (
  warehouse: Warehouse,
  site: Site,
  { from, middle, to }: { from: number; middle: number; to: number },
): Promise<{ before: Sales | undefined; after: Sales | undefined }> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        at >= ${new Date(middle)} AS isCurrent,
        uniqExact(buyer) AS buyers,
        count() AS orders,
        sumMap(map(currency, net)) AS net
      FROM (${orders({ rows: orderRows(site.id, from), currency: site.currency })})
      WHERE ${placedIn({ from, to })}
      GROUP BY isCurrent`,
    Sales,
  );
  const of = (isCurrent: number) => rows.find((row) => row.isCurrent === isCurrent);
  return { before: of(0), after: of(1) };
};

const figures = (
  { visitors, sessions }: z.infer<typeof Visits>,
  { buyers, orders: placed, net }: Omit<Sales, 'isCurrent'> = { buyers: 0, orders: 0, net: {} },
): OverviewAnswer['current'] => ({
  visitors,
  sessions,
  orders: placed,
  revenue: moneyOf(new Map(Object.entries(net).map(([currency, amount]) => [currency, toUnits(amount)]))),
  conversion: visitors === 0 ? null : buyers / visitors,
});

/** The figures of the first page, of the last days and of as many before. Orders and their worth are those of value/README.md. */
export const overview = async (
  warehouse: Warehouse,
  site: Site,
  query: { days: number },
  options: { now: number },
): Promise<OverviewAnswer> => {
  const length = query.days * dayMilliseconds;
  const [from, middle, to] = [options.now - 2 * length, options.now - length, options.now + 1];
  const [visits, visitsBefore, sales, live] = await Promise.all([
    visitsOf(warehouse, site, middle, to),
    visitsOf(warehouse, site, from, middle),
    salesOf(warehouse, site, { from, middle, to }),
    warehouse.query(
      sql`
        SELECT
          uniqExact(${resolvedPerson}) AS persons,
          count() AS events,
          uniqExactIf(order_id, event = 'Order Completed' AND order_id != '') AS orders
        FROM events
        WHERE ${inScope({ site: site.id, from: options.now - liveMilliseconds, to })}
          AND channel NOT IN ('import', 'internal')`,
      Live,
    ),
  ]);
  return {
    days: query.days,
    current: figures(visits, sales.after),
    previous: figures(visitsBefore, sales.before),
    live: live.rows[0] ?? { persons: 0, events: 0, orders: 0 },
  };
};
