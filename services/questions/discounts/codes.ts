import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { orders } from '../value/orders.ts';

/** Codes issued in `from <= t < to`, in milliseconds UTC. */
export type Asked = { site: string; currency: string; from: number; to: number };

/** As issued, a row a code: one that was issued again (for a retry, for the next mail about the same) counts as it was issued last, since the table keeps no more in the end. */
const issued = ({ site, from, to }: Asked): Sql => sql`
  SELECT
    code,
    argMax(if(discounts.printed = '', code, discounts.printed), discounts.at) AS printed,
    argMax(discounts.automation, discounts.at) AS automation,
    argMax(discounts.pool, discounts.at) AS pool,
    argMax(discounts.benefit, discounts.at) AS benefit,
    argMax(discounts.percent, discounts.at) AS percent,
    argMax(discounts.amount, discounts.at) AS amount,
    argMax(discounts.currency, discounts.at) AS currency,
    argMax(discounts.minimum, discounts.at) AS minimum,
    argMax(discounts.expires_at, discounts.at) AS expiresAt,
    max(discounts.at) AS issuedAt
  FROM discounts
  WHERE site = ${site}
    AND kind = 'issued'
  GROUP BY code
  HAVING issuedAt >= ${new Date(from)}
    AND issuedAt < ${new Date(to)}`;

/**
 * The first use of a code: told by the shop at the checkout, else by an order's event. Anybody can send events, with any time: where the shop has redeemed it, its word
 * holds.
 */
const uses = ({ site, from }: Asked): Sql => sql`
  SELECT
    code,
    argMin(usedFor, (isByEvent, usedAt, usedFor)) AS usedFor,
    argMin(usedAt, (isByEvent, usedAt, usedFor)) AS redeemedAt
  FROM (
    SELECT code, order_id AS usedFor, at AS usedAt, 0 AS isByEvent
    FROM discounts
    WHERE site = ${site}
      AND kind = 'redeemed'
    UNION ALL
    SELECT upper(coupon) AS code, order_id AS usedFor, timestamp AS usedAt, 1 AS isByEvent
    FROM events
    WHERE site = ${site}
      AND timestamp >= ${new Date(from)}
      AND event = 'Order Completed'
      AND coupon != ''
  )
  WHERE code IN (SELECT code FROM codes)
  GROUP BY code`;

/** What an order says that it was given: a number, or text that is one. */
const saidDiscount = sql`
  argMaxIf(
    toDecimal128OrNull(trim(BOTH '"' FROM JSONExtractRaw(properties, 'discount')), 4),
    (timestamp, message_id),
    event IN ('Order Completed', 'Order Updated') AND JSONHas(properties, 'discount')) AS saidDiscount`;

/** Decimals as whole ten-thousandths, which can be summed by currency. */
const units = (amount: Sql): Sql => sql`toInt128(${amount} * 10000)`;

/**
 * The codes, a row each, with what became of them: `redeemedAt` is null for one that was not used, `net` for one whose order was never seen or was cancelled, `given` where nobody knows. Of a percentage,
 * what was given is what was paid times p / (100 - p), to the cent: revenue is what is left after the discount.
 */
export const codesAsked = (asked: Asked): Sql => sql`
  WITH
    codes AS (${issued(asked)}),
    uses AS (${uses(asked)}),
    placed AS (${orders({
      rows: sql`
        site = ${asked.site}
          AND timestamp >= ${new Date(asked.from)}
          AND order_id IN (SELECT usedFor FROM uses WHERE usedFor != '')`,
      currency: asked.currency,
      more: saidDiscount,
    })})
  SELECT
    codes.printed AS printed,
    codes.automation AS automation,
    codes.pool AS pool,
    codes.benefit AS benefit,
    codes.percent AS percent,
    codes.amount AS amount,
    codes.currency AS currency,
    codes.minimum AS minimum,
    codes.expiresAt AS expiresAt,
    codes.issuedAt AS issuedAt,
    uses.usedFor AS orderId,
    uses.redeemedAt AS redeemedAt,
    ifNull(placed.isCancelled, 0) AS isCancelled,
    placed.currency AS orderCurrency,
    if(isCancelled, NULL, ${units(sql`placed.net`)}) AS net,
    multiIf(
      redeemedAt IS NULL OR isCancelled, NULL,
      placed.saidDiscount IS NOT NULL, abs(${units(sql`placed.saidDiscount`)}),
      benefit = 'amount', ${units(sql`codes.amount`)},
      benefit = 'percent' AND codes.percent < 100 AND placed.revenue IS NOT NULL,
        intDiv(2 * ${units(sql`placed.revenue`)} * codes.percent + 100 * (100 - codes.percent), 200 * (100 - codes.percent)) * 100,
      NULL) AS given,
    if(placed.saidDiscount IS NULL AND benefit = 'amount', codes.currency, placed.currency) AS givenCurrency
  FROM codes
  LEFT JOIN uses ON uses.code = codes.code
  LEFT JOIN placed ON placed.orderId = uses.usedFor
  SETTINGS join_use_nulls = 1`;
