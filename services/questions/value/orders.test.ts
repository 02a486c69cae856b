import { expect, test } from 'vitest';
import { z } from 'zod';
import { type HistoryRow, store } from '../../../test/support/history.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { orderRows, orders } from './orders.ts';

const warehouse = sharedWarehouse();

const start = Date.parse('2026-10-01T00:00:00Z');
const row = (minute: number, event: string, order_id: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  timestamp: start + minute * 60_000,
  event,
  message_id: `${order_id}-${event}-${minute}`,
  user_id: 'ada',
  anonymous_id: '',
  order_id,
  revenue: null,
  currency: '',
  products: '',
  ...more,
});
const list = (...products: object[]): string => JSON.stringify(products);

test('an order is worth what was last said of it, less what went back', async () => {
  const products = list({ product_id: 'tent', price: 120, quantity: 2 }, { sku: 'lamp', price: '19.90' });
  const part = row(1, 'Order Refunded', 'part', { revenue: '-10.50' });
  await store(warehouse(), 'shop', [
    row(0, 'Order Completed', 'plain', { revenue: '19.9', currency: 'SEK' }),
    row(3, 'Order Completed', 'told-twice', { revenue: '5' }),
    row(2, 'Order Completed', 'told-twice', { revenue: '7', user_id: '', anonymous_id: 'phone' }),
    row(0, 'Order Completed', 'updated', { revenue: '5', currency: 'USD' }),
    row(1, 'Order Updated', 'updated', { revenue: '8.25' }),
    row(0, 'Order Completed', 'part', { revenue: '30' }),
    part,
    part,
    row(2, 'Order Refunded', 'part', { revenue: '1' }),
    row(0, 'Order Completed', 'whole', { revenue: '30' }),
    row(1, 'Order Refunded', 'whole'),
    row(0, 'Order Completed', 'too-much', { revenue: '30' }),
    row(1, 'Order Refunded', 'too-much', { revenue: '31' }),
    row(0, 'Order Completed', 'pieces', { revenue: '300', products }),
    row(1, 'Order Refunded', 'pieces', {
      products: list({ product_id: 'tent' }, { item_id: 'lamp', quantity: 2 }, { product_id: 'mug', price: 1.05 }),
    }),
    row(0, 'Order Completed', 'other-ids', {
      revenue: '120',
      products: list({ product_id: 'tent', sku: 'T-1', price: 100 }, { product_id: 'lamp', sku: 'L-1', price: 20 }),
    }),
    row(1, 'Order Refunded', 'other-ids', { products: list({ sku: 'L-1', quantity: 1 }) }),
    row(0, 'Order Completed', 'other-money', { revenue: '120', currency: 'EUR' }),
    row(1, 'Order Refunded', 'other-money', { revenue: '50', currency: 'USD' }),
    row(2, 'Order Refunded', 'other-money', { revenue: '1', currency: 'EUR' }),
    row(0, 'Order Completed', 'nothing-said', { revenue: '30' }),
    row(1, 'Order Refunded', 'nothing-said', { products: '[]' }),
    row(0, 'Order Completed', 'cancelled', { revenue: '30' }),
    row(1, 'Order Cancelled', 'cancelled'),
    row(0, 'Order Refunded', 'never-completed', { revenue: '3' }),
    row(0, 'Order Completed', 'unsaid'),
  ]);
  const { rows } = await warehouse().query(
    sql`
      SELECT orderId, currency, revenue, refunded, net, isCancelled, toUnixTimestamp64Milli(at) AS at, buyer = sipHash64('shop', 'user', 'ada') AS isAda
      FROM (${orders({ rows: orderRows('shop', null), currency: 'EUR' })})
      ORDER BY orderId`,
    z.object({
      orderId: z.string(),
      currency: z.string(),
      revenue: z.string(),
      refunded: z.string(),
      net: z.string(),
      isCancelled: z.number(),
      at: z.coerce.number(),
      isAda: z.number(),
    }),
  );
  expect(
    rows.map(({ orderId, currency, revenue, refunded, net, isCancelled }) =>
      [orderId, currency, revenue, refunded, net, isCancelled].join(' '),
    ),
  ).toEqual([
    'cancelled EUR 30 0 0 1',
    'nothing-said EUR 30 30 0 0',
    'other-ids EUR 120 20 100 0',
    'other-money EUR 120 1 119 0',
    'part EUR 30 11.5 18.5 0',
    'pieces EUR 300 160.85 139.15 0',
    'plain SEK 19.9 0 19.9 0',
    'told-twice EUR 5 0 5 0',
    'too-much EUR 30 30 0 0',
    'unsaid EUR 0 0 0 0',
    'updated USD 8.25 0 8.25 0',
    'whole EUR 30 30 0 0',
  ]);
  expect(rows.find(({ orderId }) => orderId === 'told-twice')).toMatchObject({ at: start + 2 * 60_000, isAda: 1 });
});
