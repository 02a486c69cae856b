import { type Sql, sql } from '../../platform/warehouse/sql.ts';

/** Each use of one of these codes, in capitals: told by the shop at the checkout, or by an order that names it. */
export const usesOf = (site: string, codes: readonly string[]): Sql => sql`
  SELECT code, order_id AS usedFor, at AS usedAt, 0 AS isByEvent
  FROM discounts
  WHERE site = ${site}
    AND kind = 'redeemed'
    AND code IN (SELECT arrayJoin(${codes}))
  UNION ALL
  SELECT upper(coupon) AS code, order_id AS usedFor, timestamp AS usedAt, 1 AS isByEvent
  FROM events
  WHERE site = ${site}
    AND event = 'Order Completed'
    AND upper(coupon) IN (SELECT arrayJoin(${codes}))`;
