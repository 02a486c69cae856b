import { expect, test } from 'vitest';
import { AbandonmentQuery } from '../../schemas/api/abandonment.ts';
import { TrendQuery } from '../../schemas/api/trends.ts';
import { ValueQuery } from '../../schemas/api/value.ts';
import { type HistoryRow, store } from '../../test/support/history.ts';
import { sharedWarehouse } from '../../test/support/warehouse.ts';
import { abandonment } from './abandonment/abandonment.ts';
import { overview } from './overview.ts';
import { trend } from './trends/trends.ts';
import { lifetimeValue } from './value/lifetime.ts';

const warehouse = sharedWarehouse();

const site = { id: 'shop', currency: 'EUR', timeZone: 'UTC' };
const start = Date.parse('2026-10-05T10:00:00Z');
const [second, hour, day] = [1000, 3_600_000, 86_400_000];
const now = start + 25 * day;
const range = { from: new Date(now - 30 * day).toISOString(), to: new Date(now).toISOString() };

type Said = Partial<HistoryRow> & { after?: number };
const list = (...products: object[]): string => JSON.stringify(products);
const tentAndLamp = list(
  { product_id: 'tent', sku: 'T-1', price: 100 },
  { product_id: 'lamp', sku: 'L-1', price: '20.00' },
);

/** Somebody leaves a basket, comes back two hours later and orders; what is said of the order comes then, `after` so many milliseconds. */
const bought = (orderId: string, order: Said, ...more: Said[]): HistoryRow[] => [
  { timestamp: start, event: 'Product Added', message_id: `${orderId}-add`, user_id: orderId, product_id: 'tent' },
  ...[order, ...more].map(({ after = 0, ...said }, index) => ({
    timestamp: start + 2 * hour + after,
    event: 'Order Completed',
    message_id: `${orderId}-${index}`,
    user_id: orderId,
    order_id: orderId,
    ...said,
  })),
];
const later = { after: 3 * day, user_id: 'office' };
const refund = { ...later, event: 'Order Refunded' };

/** Shops tell of orders by browser and server, correct, cancel and refund them, and forget to say the currency. */
const messy = [
  ...bought('plain', { revenue: '19.90', currency: 'EUR' }),
  // 95 EUR: the newest word counts.
  ...bought('twice', { revenue: '100', currency: 'EUR' }, { after: 10 * second, revenue: '95', currency: 'EUR' }),
  // 12 EUR.
  ...bought('updated', { revenue: '10', currency: 'EUR' }, { ...later, event: 'Order Updated', revenue: '12' }),
  // No order.
  ...bought('cancelled', { revenue: '50', currency: 'EUR' }, { ...later, event: 'Order Cancelled' }),
  // 100 EUR: a lamp went back, for what it had cost.
  ...bought('partly', { revenue: '120', products: tentAndLamp }, { ...refund, products: list({ product_id: 'lamp' }) }),
  // 100 EUR: by another of its ids.
  ...bought('by-sku', { revenue: '120', products: tentAndLamp }, { ...refund, products: list({ sku: 'L-1' }) }),
  // 80 EUR: the tent for what it had cost, the lamp for what is said.
  ...bought(
    'several',
    { revenue: '200', products: tentAndLamp },
    { ...refund, products: list({ product_id: 'lamp', price: 20 }, { product_id: 'tent' }) },
  ),
  // 0 EUR: who says nothing of money or goods means all.
  ...bought('whole', { revenue: '30' }, { ...refund, products: '[]' }),
  // 120 EUR: dollars are no part of euros.
  ...bought('other-money', { revenue: '120', currency: 'EUR' }, { ...refund, revenue: '50', currency: 'USD' }),
  // 60 USD.
  ...bought('dollars', { revenue: '60', currency: 'USD' }),
  // 10 EUR, the site's currency.
  ...bought('silent', { revenue: '10' }),
];
const right = { orders: 10, net: { EUR: 536.9, USD: 60 } };

const byCurrency = (sums: readonly { currency: string; amount: string }[]) =>
  Object.fromEntries(sums.map(({ currency, amount }) => [currency, Number(amount)]));

test('the same orders say the same in every view', async () => {
  await store(warehouse(), site.id, messy);

  const value = await lifetimeValue(warehouse(), site, ValueQuery.parse(range), { now });
  expect({
    orders: value.orders,
    net: byCurrency(value.currencies.map(({ currency, net }) => ({ currency, amount: net }))),
  }).toEqual(right);

  const { current } = await overview(warehouse(), site, { days: 30 }, { now });
  expect({ orders: current.orders, net: byCurrency(current.revenue) }).toEqual(right);
  const total = async (series: object) => {
    const query = TrendQuery.parse({ ...range, series: [{ event: 'Order Completed', ...series }] });
    return (await trend(warehouse(), site, query, { now })).lines;
  };
  const [placed] = await total({ measure: 'orders' });
  const net = await total({ measure: 'net' });
  expect({
    orders: placed?.total.value,
    net: byCurrency(net.map(({ currency, total: { amount } }) => ({ currency: currency ?? '', amount: amount ?? '' }))),
  }).toEqual(right);
  // As events: the cancelled one too, each once, at what was said first.
  const [told] = await total({ measure: 'count' });
  expect(told?.total.value).toBe(11);
  const [revenue] = await total({ measure: 'sum', property: 'revenue' });
  expect(revenue?.total.amount).toBe('779.9');

  const baskets = await abandonment(warehouse(), site, AbandonmentQuery.parse({ kind: 'cart', ...range }), { now });
  expect({ orders: baskets.recovered, net: byCurrency(baskets.recoveredValue) }).toEqual(right);
  expect(baskets).toMatchObject({ lost: 1, completed: 0, abandoned: 0 });
  expect(current.conversion).toBe(10 / 12);
});
