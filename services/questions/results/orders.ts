import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';

/** Of an automation's results. Times are milliseconds UTC; orders count within `attributionMs` after the exposure. */
export type Asked = {
  site: string;
  currency: string;
  automation: string;
  from: number;
  to: number;
  attributionMs: number;
};

/** Orders of the persons of the CTE `exposed`, each once, however often it was told: its earliest message says when and how much. */
export const ordersOfExposed = ({ site, currency, from, to, attributionMs }: Asked): Sql => sql`
  SELECT
    ${resolvedPerson} AS subject,
    if(order_id = '', message_id, order_id) AS orderKey,
    min(timestamp) AS orderedAt,
    argMin(if(events.currency = '', ${currency}, events.currency), (timestamp, message_id)) AS orderCurrency,
    argMin(coalesce(revenue, value, 0), (timestamp, message_id)) AS amount
  FROM events
  WHERE site = ${site}
    AND event = 'Order Completed'
    AND timestamp >= ${new Date(from)}
    AND timestamp <= ${new Date(to + attributionMs)}
    AND ${resolvedPerson} IN (SELECT subject FROM exposed)
  GROUP BY subject, orderKey`;
