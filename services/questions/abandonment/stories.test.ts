import { afterAll, beforeAll, expect, test } from 'vitest';
import { AbandonmentQuery, RemovedProductsQuery } from '../../../schemas/api/abandonment.ts';
import type { OracleEvent } from '../../../test/oracle/basket.ts';
import { storeBaskets } from '../../../test/support/baskets.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { abandonedBaskets, abandonment } from './abandonment.ts';
import { removedProducts } from './removed.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const start = Date.parse('2026-10-10T00:00:00Z');
const hour = 3_600_000;
const tent = (price: number, quantity?: number) => ({
  productId: 'tent',
  variant: '',
  price: price * 10_000,
  ...(quantity === undefined ? {} : { quantity }),
});
const lamp = (price: number) => ({ ...tent(price), productId: 'lamp' });

/** A shop of its own for a test. Hours are from the start; who writes nothing else is the user `ada`. */
const openShop = (site: string) => {
  const sent = { count: 0 };
  const send = async (
    hours: number,
    event: string,
    more: Partial<OracleEvent> & { user?: string; device?: string } = {},
  ) => {
    const { user = more.device === undefined ? 'ada' : '', device = '', ...properties } = more;
    sent.count += 1;
    const messageId = `m${sent.count}`;
    const own: OracleEvent = { currency: 'EUR', ...properties, at: start + hours * hour, event, messageId };
    await storeBaskets(warehouse(), site, { events: [{ user, device, event: own }], links: [] });
  };
  const link = async (device: string, user: string, active: boolean) => {
    await storeBaskets(warehouse(), site, { events: [], links: [{ device, user, active }] });
    await warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);
  };
  const range = { from: new Date(start - hour).toISOString(), to: new Date(start + 100 * hour).toISOString() };
  const shop = { id: site, currency: 'CHF' };
  const ask = (asOfHours: number, more: object = {}) =>
    abandonment(warehouse(), shop, AbandonmentQuery.parse({ ...range, recoverySeconds: 24 * 3600, ...more }), {
      now: start + asOfHours * hour,
    });
  const askRemoved = (asOfHours: number, more: object = {}) =>
    removedProducts(warehouse(), shop, RemovedProductsQuery.parse({ ...range, recoverySeconds: 24 * 3600, ...more }), {
      now: start + asOfHours * hour,
    });
  const due = (asOfHours: number) =>
    abandonedBaskets(warehouse(), shop, {
      kind: 'cart',
      idleSeconds: 3600,
      from: start + (asOfHours - 25) * hour,
      to: start + (asOfHours - 1) * hour + 1,
      now: start + asOfHours * hour,
    });
  return { send, link, ask, askRemoved, due };
};

test('an order that arrives late changes the past, and only the past after it', async () => {
  const { send, ask, due } = openShop('late');
  await send(0, 'Product Added', { product: tent(100) });
  expect(await ask(3)).toMatchObject({ abandoned: 1, recovered: 0, valueAtRisk: [{ amount: '100.00' }] });
  expect(await due(3)).toHaveLength(1);
  // Bought an hour and a half after, told of much later.
  await send(1.5, 'Order Completed', { orderId: 'o1', total: 990_000, products: [tent(99)] });
  expect(await ask(3)).toMatchObject({ abandoned: 0, recovered: 1, recoveredValue: [{ amount: '99.00' }] });
  expect(await due(3)).toEqual([]);
  expect(await ask(1.25)).toMatchObject({ abandoned: 1, recovered: 0 });
});

test('an order that names the basket ends it, whoever is said to have placed it; one that names another basket, or none, does not', async () => {
  const { send, ask, due } = openShop('elsewhere');
  await send(0, 'Product Added', { product: tent(100), device: 'phone', cartId: 'c1' });
  await send(0.1, 'Checkout Started', { device: 'phone', checkoutId: 'k1' });
  await send(0, 'Product Added', { product: lamp(20), device: 'tablet', cartId: 'undefined' });
  await send(0, 'Product Added', { product: lamp(30), device: 'laptop' });
  // The shop's server knows the customer only; other orders name another basket, a checkout that is called like the basket, none, or what broken code says.
  const order = { total: 1_000_000, user: 'server' };
  await send(1.5, 'Order Completed', { ...order, orderId: 'o1', cartId: 'c2', checkoutId: 'c1' });
  await send(1.5, 'Order Completed', { ...order, orderId: 'o2' });
  await send(1.5, 'Order Completed', { ...order, orderId: 'o3', cartId: 'undefined' });
  const other = openShop('elsewhere-other-site');
  await other.send(1.5, 'Order Completed', { ...order, orderId: 'o4', cartId: 'c1', checkoutId: 'k1' });
  expect(await ask(2)).toMatchObject({ abandoned: 3, recovered: 0 });
  expect(await due(2)).toHaveLength(3);
  await send(2, 'Order Completed', { ...order, orderId: 'o5', checkoutId: 'k1' });
  expect(await ask(2)).toMatchObject({ abandoned: 2, recovered: 1, recoveredValue: [{ amount: '100.00' }] });
  expect((await due(2)).map(({ cartId }) => cartId).sort()).toEqual(['', 'undefined']);
  expect(await ask(2, { kind: 'checkout' })).toMatchObject({ abandoned: 0, recovered: 1 });
});

test('an order told twice under another id ends the basket of its first time, also where the shop keeps one id for all baskets of a customer', async () => {
  const { send, ask } = openShop('elsewhere-twice');
  const order = { total: 1_000_000, user: 'server', orderId: 'o1', cartId: 'c1' };
  await send(0, 'Product Added', { product: tent(100), cartId: 'c1' });
  await send(0.5, 'Order Completed', order);
  await send(10, 'Product Added', { product: lamp(20), cartId: 'c1' });
  await send(10.5, 'Order Completed', order);
  expect(await ask(12)).toMatchObject({ completed: 1, abandoned: 1, valueAtRisk: [{ amount: '20.00' }] });
});

test('what the orders of many name is no basket: a shop that calls each of them the same ends none by it', async () => {
  const { send, ask } = openShop('elsewhere-same');
  await send(0, 'Product Added', { product: tent(100), cartId: 'main' });
  for (let index = 0; index < 20; index += 1)
    await send(-0.5, 'Order Completed', { user: `buyer-${index}`, orderId: `o${index}`, cartId: 'main' });
  await send(0.5, 'Order Completed', { user: 'buyer-0', orderId: 'last', cartId: 'main' });
  expect(await ask(2), 'of twenty people one may have been about it').toMatchObject({ completed: 1 });
  await send(0.5, 'Order Completed', { user: 'buyer-20', orderId: 'o20', cartId: 'main' });
  expect(await ask(2)).toMatchObject({ completed: 0, abandoned: 1 });
});

test('within one visit the source that was said last before the basket brought the person, also where it was said before another', async () => {
  const { send, ask } = openShop('sources');
  for (const [index, source] of ['google', 'newsletter', 'google', 'ads'].entries())
    await send(index / 10, 'Page Viewed', { source, session: 'one' });
  await send(0.25, 'Product Added', { product: tent(100) });
  expect((await ask(3, { breakdown: 'source' })).breakdown?.map(({ value }) => value)).toEqual(['google']);
});

test('a cancelled order has recovered nothing, and nobody is reminded of what they cancelled', async () => {
  const { send, ask, due } = openShop('cancelled');
  await send(0, 'Product Added', { product: tent(100) });
  await send(2, 'Order Completed', { orderId: 'o1', total: 1_000_000 });
  // The back office tells of it, hours later, and its clock is behind.
  await send(1, 'Order Cancelled', { orderId: 'o1', user: 'office' });
  const answer = await ask(4);
  expect(answer).toMatchObject({ abandoned: 0, recovered: 0, lost: 1, rate: 1, valueAtRisk: [], recoveredValue: [] });
  expect(answer.carts[0]).toMatchObject({
    status: 'lost',
    recovery: null,
    recoveredValue: null,
    cancelledAt: '2026-10-10T01:00:00.000Z',
    orderId: 'o1',
  });
  expect(await due(4)).toEqual([]);
});

test('refunds are taken from what was recovered: by amount, by products, whole, and never below none', async () => {
  const { send, ask } = openShop('refunds');
  const recoveredValue = async (asOf: number) => (await ask(asOf)).recoveredValue;
  await send(0, 'Product Added', { product: tent(100, 2) });
  await send(2, 'Order Completed', { orderId: 'o1', total: 1_999_999 });
  expect(await recoveredValue(2)).toEqual([{ currency: 'EUR', amount: '199.9999' }]);
  await send(3, 'Order Refunded', { orderId: 'o1', total: -100_000, currency: '' });
  await send(4, 'Order Refunded', { orderId: 'o1', products: [tent(100, 1)] });
  await send(5, 'Order Refunded', { orderId: 'o1', total: 500_000, currency: 'USD' });
  await send(6, 'Order Refunded', { orderId: 'o1' });
  expect(await recoveredValue(3)).toEqual([{ currency: 'EUR', amount: '189.9999' }]);
  expect(await recoveredValue(5)).toEqual([{ currency: 'EUR', amount: '89.9999' }]);
  expect(await recoveredValue(6)).toEqual([{ currency: 'EUR', amount: '0.00' }]);
  expect(await ask(6)).toMatchObject({ recovered: 1 });
});

test('prices of two currencies are never added to one sum', async () => {
  const { send, ask } = openShop('currencies');
  await send(0, 'Product Added', { product: tent(0.1, 3), currency: 'USD' });
  await send(0.1, 'Product Added', { product: lamp(19.9), currency: 'EUR' });
  await send(0.2, 'Product Added', { product: { ...lamp(5), productId: 'mug' }, currency: '', user: 'bob' });
  const answer = await ask(3);
  expect(answer.valueAtRisk).toEqual([
    { currency: 'EUR', amount: '19.90' },
    { currency: 'CHF', amount: '5.00' },
    { currency: 'USD', amount: '0.30' },
  ]);
  expect(answer.carts.find(({ userId }) => userId === 'ada')).toMatchObject({
    value: '19.90',
    currency: 'EUR',
    values: [
      { currency: 'EUR', amount: '19.90' },
      { currency: 'USD', amount: '0.30' },
    ],
    items: [
      { productId: 'tent', currency: 'USD' },
      { productId: 'lamp', currency: 'EUR' },
    ],
  });
});

test('a changed quantity is what there is now; nothing of it means taken out', async () => {
  const { send, ask } = openShop('quantities');
  await send(0, 'Product Added', { product: tent(100, 1) });
  await send(0.1, 'Product Quantity Changed', { product: tent(100, 5) });
  await send(0.2, 'Product Added', { product: lamp(20) });
  expect(await ask(2)).toMatchObject({ valueAtRisk: [{ amount: '520.00' }] });
  await send(0.3, 'Product Quantity Changed', { product: tent(100, 0) });
  const [basket] = (await ask(2)).carts;
  expect(basket).toMatchObject({ value: '20.00', items: [{ productId: 'lamp' }] });
  expect(basket?.removed).toMatchObject([{ productId: 'tent', quantity: 5, removedAt: '2026-10-10T00:18:00.000Z' }]);
});

test('a basket that was left before its checkout is a left basket and no left checkout', async () => {
  const { send, ask } = openShop('checkouts');
  await send(0, 'Product Added', { product: tent(100) });
  await send(5, 'Checkout Started', { products: [tent(100)] });
  await send(5.1, 'Order Completed', { orderId: 'o1', total: 1_000_000 });
  expect(await ask(6)).toMatchObject({ recovered: 1, completed: 0 });
  expect(await ask(6, { kind: 'checkout' })).toMatchObject({ recovered: 0, completed: 1, rate: 0 });
});

test('who looked and left is won by putting it into a basket, on another device too, and the order is counted with it', async () => {
  const { send, link, ask } = openShop('browse');
  const browse = { kind: 'browse' };
  await send(0, 'Product Viewed', { product: tent(100), device: 'phone' });
  await send(0.1, 'Product Viewed', { product: tent(100), device: 'phone' });
  await send(0.2, 'Product Viewed', { product: lamp(20), device: 'phone' });
  const left = await ask(3, browse);
  expect(left).toMatchObject({ abandoned: 1, rate: 1, valueAtRisk: [{ currency: 'EUR', amount: '120.00' }] });
  expect(left.carts[0]?.items.map(({ productId, quantity }) => `${quantity} ${productId}`)).toEqual([
    '1 tent',
    '1 lamp',
  ]);
  await send(4, 'Product Added', { product: tent(100), user: 'ada' });
  expect(await ask(5, browse), 'the phone is nobody yet').toMatchObject({ abandoned: 1, recovered: 0 });
  await link('phone', 'ada', true);
  expect(await ask(5, browse)).toMatchObject({
    abandoned: 0,
    recovered: 1,
    recoveredValue: [{ currency: 'EUR', amount: '0.00' }],
  });
  await send(6, 'Order Completed', { orderId: 'o1', total: 950_000, user: 'ada' });
  expect(await ask(7, browse)).toMatchObject({ recovered: 1, recoveredValue: [{ currency: 'EUR', amount: '95.00' }] });
  expect(await ask(7), 'the basket itself').toMatchObject({ recovered: 1, completed: 0 });
});

test('looks while something lies in the basket are no browse, and a basket at once is no abandonment', async () => {
  const { send, ask } = openShop('looks');
  await send(0, 'Product Viewed', { product: tent(100) });
  await send(0.1, 'Product Added', { product: tent(100) });
  await send(0.2, 'Product Viewed', { product: lamp(20) });
  expect(await ask(9, { kind: 'browse' })).toMatchObject({ abandoned: 0, open: 0, lost: 0, completed: 1, rate: 0 });
});

test('a mail that was sent or clicked between leaving and ordering assisted; an older or later one did not', async () => {
  const { send, ask } = openShop('mails');
  const leave = async (user: string, mails: [number, string][]) => {
    await send(10, 'Product Added', { product: tent(100), user });
    for (const [hours, event] of mails) await send(hours, event, { user });
    await send(20, 'Order Completed', { orderId: user, total: 1_000_000, user });
  };
  await leave('organic', [
    [9, 'Email Link Clicked'],
    [21, 'Email Link Clicked'],
  ]);
  await leave('mailed', [[11, 'Email Sent']]);
  await leave('clicked', [
    [11, 'Email Sent'],
    [20, 'Email Link Clicked'],
  ]);
  const answer = await ask(24);
  expect(answer).toMatchObject({ recovered: 3, assisted: 2, assistedValue: [{ currency: 'EUR', amount: '200.00' }] });
  for (const cart of answer.carts) expect(cart.recovery).toBe(cart.userId);
  expect(await ask(24, { assistSeconds: 8 * 3600 })).toMatchObject({ recovered: 3, assisted: 1 });
});

test('rows of a breakdown add up to the whole; beyond the limit a basket counts once', async () => {
  const { send, ask } = openShop('rows');
  const mug = { ...lamp(1), productId: 'mug' };
  await send(0, 'Product Added', { products: [tent(100), lamp(20), mug] });
  await send(0, 'Product Added', { product: tent(100), user: 'bob' });
  await send(0, 'Product Added', { products: [tent(100), lamp(20), mug], user: 'eve' });
  await send(2, 'Order Completed', { orderId: 'o1', total: 100, products: [tent(100), lamp(20)], user: 'eve' });
  const { breakdown = [] } = await ask(3, { breakdown: 'product', breakdownLimit: 1 });
  expect(breakdown).toMatchObject([
    {
      value: 'tent',
      abandoned: 2,
      recovered: 1,
      valueAtRisk: [{ amount: '200.00' }],
      recoveredValue: [{ amount: '0.0084' }],
    },
    {
      value: '(other)',
      abandoned: 1,
      recovered: 1,
      valueAtRisk: [{ amount: '21.00' }],
      recoveredValue: [{ amount: '0.0016' }],
    },
  ]);
  const byCategory = await ask(3, { breakdown: 'category' });
  expect(byCategory.breakdown?.map(({ value, abandoned }) => [value, abandoned])).toEqual([
    ['camp', 2],
    ['home', 1],
  ]);
});

test('only baskets with a product, a category, or from a source are counted where asked', async () => {
  const { send, ask } = openShop('filters');
  await send(-5, 'Page Viewed', { source: 'newsletter', session: 's1' });
  await send(0, 'Product Added', { product: tent(100) });
  await send(0, 'Product Added', { product: lamp(20), user: 'bob' });
  expect(await ask(2, { filter: { product: ['tent'] } })).toMatchObject({ abandoned: 1, carts: [{ userId: 'ada' }] });
  expect(await ask(2, { filter: { category: ['home'] } })).toMatchObject({ abandoned: 1, carts: [{ userId: 'bob' }] });
  expect(await ask(2, { filter: { source: ['newsletter'] } })).toMatchObject({ abandoned: 1 });
  expect(await ask(2, { filter: { source: ['(none)'] } })).toMatchObject({ carts: [{ userId: 'bob' }] });
  expect(await ask(2, { filter: { source: ['newsletter'], category: ['home'] } })).toMatchObject({ abandoned: 0 });
});

test('what was deleted: how often, by whom, worth what, and whether it was bought after all', async () => {
  const { send, askRemoved } = openShop('deleted');
  await send(0, 'Product Added', { products: [tent(100, 2), lamp(20)] });
  await send(0.1, 'Product Removed', { product: tent(100, 1) });
  await send(0.2, 'Cart Viewed', { products: [lamp(20)] });
  await send(0, 'Product Added', { product: tent(90), user: 'bob' });
  await send(0.5, 'Cart Cleared', { user: 'bob' });
  await send(2, 'Order Completed', { orderId: 'o1', total: 1_200_000, products: [tent(100), lamp(20)] });
  const answer = await askRemoved(3);
  expect(answer).toMatchObject({ removals: 3, quantity: 3, persons: 2, bought: 2, pending: 1, productCount: 1 });
  expect(answer.products).toMatchObject([
    {
      productId: 'tent',
      name: 'The tent',
      category: 'camp',
      value: [{ currency: 'EUR', amount: '290.00' }],
      lastRemovedAt: '2026-10-10T00:30:00.000Z',
    },
  ]);
  expect(await askRemoved(24.4)).toMatchObject({ bought: 2, pending: 1 });
  expect(await askRemoved(24.5)).toMatchObject({ bought: 2, pending: 0 });
  await send(4, 'Order Cancelled', { orderId: 'o1' });
  expect(await askRemoved(30)).toMatchObject({ bought: 0 });
});

test('two devices are two baskets, one basket once they are joined, and two again when that is undone', async () => {
  const { send, link, ask } = openShop('joined');
  await send(0, 'Product Added', { product: tent(100), device: 'phone' });
  await send(0.5, 'Product Added', { product: lamp(20), user: 'ada' });
  await send(3, 'Order Completed', { orderId: 'o1', total: 1_200_000, user: 'ada' });
  const apart = { abandoned: 1, recovered: 1, valueAtRisk: [{ amount: '100.00' }] };
  expect(await ask(4)).toMatchObject(apart);
  await link('phone', 'ada', true);
  expect(await ask(4)).toMatchObject({ abandoned: 0, recovered: 1, valueAtRisk: [], carts: [{ value: '120.00' }] });
  await link('phone', 'ada', false);
  expect(await ask(4)).toMatchObject(apart);
});

test('pages join without a gap, and who was left is said with his address', async () => {
  const { send, ask, due } = openShop('pages');
  await Promise.all(
    Array.from({ length: 25 }, (_, index) =>
      send((index % 5) / 3600, 'Product Added', { product: tent(1), user: `user-${index}` }),
    ),
  );
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await ask(3, { limit: 7, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.carts.map(({ userId }) => userId));
    expect(page.abandoned).toBe(25);
    cursor = page.nextCursor;
  }
  expect(seen.toSorted()).toEqual(Array.from({ length: 25 }, (_, index) => `user-${index}`).sort());
  expect(await due(2)).toHaveLength(25);
  expect(await due(49)).toEqual([]);
});

test('pages and the rest of a breakdown are the same however many persons are held at once; too many are refused', async () => {
  const { send, link } = openShop('parts');
  for (const [index, product] of [tent(100), lamp(10), tent(90), lamp(20), tent(80), lamp(30), tent(70)].entries()) {
    await send(index / 10, 'Product Viewed', { product, device: `d${index}` });
    await send(index / 10 + 0.01, 'Product Viewed', { product: lamp(5), device: `d${index}`, user: 'bob' });
  }
  await link('d1', 'ada', true);
  await link('d2', 'ada', true);
  await send(4, 'Product Added', { product: tent(50) });
  const ask = (personsAtOnce: number, more: object = {}) =>
    abandonment(
      warehouse(),
      { id: 'parts', currency: 'EUR' },
      AbandonmentQuery.parse({
        from: new Date(start).toISOString(),
        to: new Date(start + 3 * hour).toISOString(),
        kind: 'browse',
        breakdown: 'product',
        breakdownLimit: 1,
        limit: 3,
        ...more,
      }),
      { now: start + 5 * hour, personsAtOnce },
    ).then(({ queryMs: _ms, rowsRead: _rows, ...answer }) => answer);
  const whole = await ask(100);
  expect(whole.breakdown?.map(({ value }) => value)).toEqual(['lamp', '(other)']);
  expect(whole.carts).toHaveLength(3);
  expect(await ask(1)).toEqual(whole);
  const next = { cursor: whole.nextCursor };
  expect(await ask(2, next)).toEqual(await ask(100, next));
  await expect(ask(0.01)).rejects.toMatchObject({ code: 'query_limit' });
});
