import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';
import { orders, rowsOfOrders } from '../value/orders.ts';

/** Of an automation's results. Times are milliseconds UTC; orders count within `attributionMs` after the exposure. */
export type Asked = {
  site: string;
  currency: string;
  automation: string;
  from: number;
  to: number;
  attributionMs: number;
};

/** Messages of orders that the persons of the CTE `exposed` placed. */
const placedBy = ({ site, from, to, attributionMs }: Asked): Sql => sql`
  site = ${site}
    AND event = 'Order Completed'
    AND timestamp >= ${new Date(from)}
    AND timestamp <= ${new Date(to + attributionMs)}
    AND ${resolvedPerson} IN (SELECT subject FROM exposed)`;

/**
 * Orders of the persons of the CTE `exposed`, each once, as every question about money has them (services/questions/value): net of what went back, told again or
 * not, since its first telling however long ago; cancelled ones are none. A message without an order's id is an order of its own.
 */
export const ordersOfExposed = (asked: Asked): Sql => sql`
  SELECT buyer AS subject, at AS orderedAt, currency AS orderCurrency, net AS amount
  FROM (${orders({ rows: rowsOfOrders(asked.site, placedBy(asked)), currency: asked.currency })})
  WHERE NOT isCancelled
  UNION ALL
  SELECT
    any(${resolvedPerson}) AS subject,
    min(timestamp) AS orderedAt,
    any(if(events.currency = '', ${asked.currency}, events.currency)) AS orderCurrency,
    ifNull(toDecimal128(any(coalesce(revenue, value)), 4), toDecimal128(0, 4)) AS amount
  FROM events
  WHERE ${placedBy(asked)}
    AND order_id = ''
  GROUP BY message_id`;
