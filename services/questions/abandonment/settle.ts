import { z } from 'zod';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { toUnits } from '../money.ts';
import type { FoldedBasket, Order } from './basket.ts';
import { productsOf, type SaidProduct } from './products.ts';

/** Orders with a cancellation or a refund in one answer; above it the question must be narrowed. */
const mostSettled = 200_000;

type Refund = { amount: string | null; currency: string; products: readonly SaidProduct[] | null };
/** What became of an order afterwards. */
export type Fate = { cancelledAt: number | null; refunds: readonly Refund[] };
export type Fates = ReadonlyMap<string, Fate>;

const Row = z.object({
  orderId: z.string(),
  cancelled: z.array(z.coerce.number()),
  refunds: z.array(z.tuple([z.string(), z.string().nullable(), z.string(), z.string()])),
});

/**
 * Cancellations and refunds by order id, whoever's events they are: a shop's back office does not always name the shopper. Reads those two events between the
 * times.
 */
export const fatesOf = async (
  warehouse: Warehouse,
  times: { site: string; from: number; asOf: number },
): Promise<{ fates: Fates; queryMs: number; rowsRead: number }> => {
  const answer = await warehouse.query(
    sql`
      SELECT
        order_id AS orderId,
        groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'Order Cancelled') AS cancelled,
        groupArrayIf(
          tuple(message_id, toString(coalesce(revenue, value)), currency, products), event = 'Order Refunded') AS refunds
      FROM events
      WHERE site = ${times.site}
        AND timestamp >= ${new Date(times.from)}
        AND timestamp <= ${new Date(times.asOf)}
        AND event IN ('Order Cancelled', 'Order Refunded')
        AND order_id != ''
      GROUP BY order_id`,
    Row,
    { resultRows: mostSettled },
  );
  const fates = answer.rows.map(({ orderId, cancelled, refunds }): [string, Fate] => [
    orderId,
    {
      cancelledAt: cancelled.length === 0 ? null : Math.min(...cancelled),
      refunds: [...new Map(refunds.map((refund) => [refund[0], refund])).values()].map(
        ([, amount, currency, products]) => ({ amount, currency, products: productsOf(products, currency) }),
      ),
    },
  ]);
  return { fates: new Map(fates), queryMs: answer.elapsedMs, rowsRead: answer.rowsRead };
};

/** In ten-thousandths. A refund that names no amount is of its products; one that names neither is of the whole order. */
const unitsOf = (refund: Refund, whole: bigint): bigint => {
  if (refund.amount !== null) {
    const units = toUnits(refund.amount);
    return units < 0n ? -units : units;
  }
  const priced = (refund.products ?? []).filter(({ price }) => price !== null);
  if (priced.length === 0) return whole;
  return priced.reduce((sum, { price, quantity }) => sum + toUnits(price ?? '0') * BigInt(quantity ?? 1), 0n);
};

/** What an order brought in the end, in ten-thousandths, never below none. Refunds in another currency than the order's are left out. */
const netUnits = ({ total }: Order, fate: Fate | undefined): bigint => {
  const whole = toUnits(total.amount);
  const refunded = (fate?.refunds ?? [])
    .filter(({ currency }) => currency === '' || total.currency === '' || currency === total.currency)
    .reduce((sum, refund) => sum + unitsOf(refund, whole), 0n);
  return whole > refunded ? whole - refunded : 0n;
};

export type Settled = FoldedBasket & {
  cancelledAt: number | null;
  /** Ten-thousandths; null where it was not recovered. */
  recovered: { units: bigint; currency: string } | null;
};

/**
 * A cancelled order has recovered nothing: a basket is lost then, and not abandoned again, since nobody wants to be reminded of what they cancelled. What was only
 * looked at stays recovered by what was put in, without its money.
 */
export const settle = (basket: FoldedBasket, fates: Fates, isBrowse: boolean): Settled => {
  const { order } = basket;
  if (basket.status !== 'recovered') return { ...basket, cancelledAt: null, recovered: null };
  const fate = order === null ? undefined : fates.get(order.orderId);
  const cancelledAt = fate?.cancelledAt ?? null;
  const currency = order?.total.currency || basket.currency;
  if (cancelledAt !== null && !isBrowse)
    return { ...basket, status: 'lost', recovery: null, cancelledAt, recovered: null };
  const units = order === null || cancelledAt !== null ? 0n : netUnits(order, fate);
  return { ...basket, cancelledAt, recovered: { units, currency } };
};
