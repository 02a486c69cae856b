import { z } from 'zod';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { toUnits } from '../money.ts';
import { orderRows, orders } from '../value/orders.ts';
import type { FoldedBasket, Order } from './basket.ts';

/** Orders of which more was told than one thing, in one answer; above it the question must be narrowed. */
const mostSettled = 200_000;

/** What an order was worth in the end, in ten-thousandths. */
type Worth = { units: bigint; currency: string };
/** What became of an order afterwards. */
export type Fate = { cancelledAt: number | null; net: Worth };
export type Fates = ReadonlyMap<string, Fate>;

const Row = z.object({
  orderId: z.string(),
  cancelledAt: z.coerce.number(),
  isCancelled: z.number(),
  currency: z.string(),
  net: z.string(),
});

/**
 * What became of orders by `asOf`, by their ids, whoever told of it: a shop's back office does not always name the shopper. Only orders of which more was told
 * than one thing: what the others are worth their Order Completed says. README.md of `value` has the rules. Reads order events from a month before `from`.
 */
export const fatesOf = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  times: { from: number; asOf: number },
): Promise<{ fates: Fates; queryMs: number; rowsRead: number }> => {
  const rows = orderRows(site.id, times.from, times.asOf);
  const more = sql`
    minIf(toUnixTimestamp64Milli(timestamp), event = 'Order Cancelled') AS cancelledAt,
    uniqExact((event, events.revenue, events.currency)) AS versions`;
  const answer = await warehouse.query(
    sql`
      SELECT orderId, isCancelled, cancelledAt, currency, net
      FROM (${orders({ rows, currency: site.currency, more })})
      WHERE versions > 1`,
    Row,
    { resultRows: mostSettled },
  );
  const fates = answer.rows.map(({ orderId, isCancelled, cancelledAt, currency, net }): [string, Fate] => [
    orderId,
    { cancelledAt: isCancelled === 1 ? cancelledAt : null, net: { units: toUnits(net), currency } },
  ]);
  return { fates: new Map(fates), queryMs: answer.elapsedMs, rowsRead: answer.rowsRead };
};

export type Settled = FoldedBasket & {
  cancelledAt: number | null;
  /** Null where it was not recovered. */
  recovered: Worth | null;
};

/** Of an order of which one thing only was told. */
const asTold = ({ total }: Order, siteCurrency: string): Fate => {
  const units = toUnits(total.amount);
  return { cancelledAt: null, net: { units: units > 0n ? units : 0n, currency: total.currency || siteCurrency } };
};

/**
 * A cancelled order has recovered nothing: a basket is lost then, and not abandoned again, since nobody wants to be reminded of what they cancelled. What was only
 * looked at stays recovered by what was put in, without its money.
 */
export const settle = (basket: FoldedBasket, fates: Fates, isBrowse: boolean, siteCurrency: string): Settled => {
  const { order } = basket;
  if (basket.status !== 'recovered') return { ...basket, cancelledAt: null, recovered: null };
  if (order === null)
    return { ...basket, cancelledAt: null, recovered: { units: 0n, currency: basket.currency || siteCurrency } };
  const { cancelledAt, net } = fates.get(order.orderId) ?? asTold(order, siteCurrency);
  if (cancelledAt !== null && !isBrowse)
    return { ...basket, status: 'lost', recovery: null, cancelledAt, recovered: null };
  return { ...basket, cancelledAt, recovered: net };
};
