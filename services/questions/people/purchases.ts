import { z } from 'zod';
import type { PersonOrder, PersonProfile, PersonValue } from '../../../schemas/api/profile.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { productsOf } from '../abandonment/products.ts';
import { isoTime } from '../events.ts';
import { fromUnits, perOne, toUnits } from '../money.ts';
import { type OrderScope, orders, rowsOfOrders } from '../value/orders.ts';
import { listed } from './lists.ts';

const OrderRow = z.object({
  orderId: z.string(),
  at: z.string(),
  currency: z.string(),
  revenue: z.string(),
  refunded: z.string(),
  net: z.string(),
  isCancelled: z.number(),
  coupon: z.string(),
  products: z.string(),
  shippedAt: z.string().nullable(),
  deliveredAt: z.string().nullable(),
  returnedAt: z.string().nullable(),
});

const firstTime = (event: string): Sql => sql`minIfOrNull(timestamp, event = ${event})`;
const said = (column: Sql): Sql =>
  sql`argMaxIf(${column}, (timestamp, message_id), event IN ('Order Completed', 'Order Updated') AND ${column} != '')`;

const statusOf = (row: z.infer<typeof OrderRow>): PersonOrder['status'] => {
  if (row.isCancelled === 1) return 'cancelled';
  if (toUnits(row.refunded) > 0n) return toUnits(row.net) > 0n ? 'partlyRefunded' : 'refunded';
  if (row.returnedAt !== null) return 'returned';
  if (row.deliveredAt !== null) return 'delivered';
  return row.shippedAt === null ? 'placed' : 'shipped';
};

const exact = (amount: string): string => fromUnits(toUnits(amount));

/** Whose purchases: the rows of the person, and the id that the rows resolve to. */
export type Customer = { site: { id: string; currency: string }; own: Sql; person: Sql };

/** All of what is told of the person's orders, by whomever: an order is the buyer's, as in every question about money. */
const boughtBy = ({ site, own, person }: Customer, more: Pick<OrderScope, 'events' | 'more'> = {}): Sql => sql`
  SELECT * EXCEPT buyer
  FROM (${orders({ rows: rowsOfOrders(site.id, own), currency: site.currency, ...more })})
  WHERE buyer = ${person}`;

/** A person's orders with what is in them and what became of them, newest first. */
export const ordersOf = async (warehouse: Warehouse, customer: Customer): Promise<PersonOrder[]> => {
  const found = boughtBy(customer, {
    events: ['Order Shipped', 'Order Delivered', 'Return Received'],
    more: sql`
      ${said(sql`coupon`)} AS coupon,
      ${said(sql`products`)} AS products,
      ${firstTime('Order Shipped')} AS shippedAt,
      ${firstTime('Order Delivered')} AS deliveredAt,
      ${firstTime('Return Received')} AS returnedAt`,
  });
  const { rows } = await warehouse.query(
    sql`SELECT * FROM (${found}) ORDER BY at DESC, orderId LIMIT ${listed}`,
    OrderRow,
  );
  return rows.map((row) => ({
    ...row,
    status: statusOf(row),
    revenue: exact(row.revenue),
    refunded: exact(row.refunded),
    net: exact(row.net),
    items: (productsOf(row.products, row.currency) ?? []).map(
      ({ productId, name, quantity, price, imageUrl, url }) => ({
        productId,
        name,
        quantity: quantity ?? 1,
        price,
        imageUrl,
        url,
      }),
    ),
  }));
};

const ValueRow = z.object({
  currency: z.string(),
  orders: z.coerce.number(),
  cancelledOrders: z.coerce.number(),
  revenue: z.string(),
  refunded: z.string(),
  net: z.string(),
});

/** What a person's orders are worth, by currency. */
export const worthOf = async (warehouse: Warehouse, customer: Customer): Promise<PersonValue[]> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        currency,
        countIf(NOT isCancelled) AS orders,
        countIf(isCancelled) AS cancelledOrders,
        sumIf(revenue, NOT isCancelled) AS revenue,
        sumIf(refunded, NOT isCancelled) AS refunded,
        sum(net) AS net
      FROM (${boughtBy(customer)})
      GROUP BY currency
      ORDER BY sum(net) DESC, currency`,
    ValueRow,
  );
  return rows.map((row) => ({
    ...row,
    revenue: exact(row.revenue),
    refunded: exact(row.refunded),
    net: exact(row.net),
    averageOrderValue: perOne(toUnits(row.net), row.orders),
  }));
};

const ReturnRow = z.object({
  at: z.string(),
  event: z.enum(['Order Refunded', 'Order Cancelled', 'Return Requested', 'Return Received']),
  orderId: z.string(),
  productId: z.string(),
  reason: z.string(),
  amount: z.string().nullable(),
  currency: z.string(),
});

const returns = (rows: Sql): Sql => sql`
  SELECT
    timestamp,
    message_id,
    event,
    order_id AS orderId,
    product_id AS productId,
    JSONExtractString(properties, 'reason') AS reason,
    coalesce(revenue, toDecimal64OrNull(trim(BOTH '"' FROM JSONExtractRaw(properties, 'refund')), 4)) AS amount,
    currency
  FROM events
  WHERE ${rows}
    AND event IN ('Order Refunded', 'Order Cancelled', 'Return Requested', 'Return Received')`;

/** What went back: money and goods, newest first, as the events say it: the person's own, and those about their orders. */
export const returnsOf = async (warehouse: Warehouse, { site, own }: Customer): Promise<PersonProfile['returns']> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT ${isoTime(sql`timestamp`)} AS at, event, orderId, productId, reason, amount, currency
      FROM (
        ${returns(own)}
        UNION ALL
        ${returns(rowsOfOrders(site.id, own))}
      )
      ORDER BY timestamp DESC, message_id DESC
      LIMIT 1 BY message_id
      LIMIT ${listed}`,
    ReturnRow,
  );
  return rows.map((row) => ({ ...row, amount: row.amount === null ? null : exact(row.amount) }));
};
