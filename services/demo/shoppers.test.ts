import { expect, test } from 'vitest';
import { vocabulary } from '../../schemas/vocabulary/names.ts';
import { products, tenPercent, totals } from './catalogue.ts';
import type { Message } from './session.ts';
import { expected, landmarks, rhythm, simulate } from './shoppers.ts';

const options = { seed: 7, from: Date.UTC(2026, 8, 1, 12), to: Date.UTC(2026, 8, 31, 12) };
const all = [...simulate(options)];
const named = (event: string) => all.filter(({ message }) => message.event === event);
const of = (message: Message, property: string): unknown => message.properties?.[property];

test('the same seed and days give the same events, to the byte', () => {
  const digest = (seed: number) =>
    JSON.stringify([...simulate({ ...options, seed, to: options.from + 2 * 86_400_000 })]);
  expect(digest(7)).toBe(digest(7));
  expect(digest(8)).not.toBe(digest(7));
});

test('a longer history begins like a shorter one, so that one that broke off can go on', () => {
  const ids = (to: number) => [...simulate({ ...options, to })].map(({ message }) => message.event ?? message.type);
  // The days of the landmarks count from the end, so they differ; names of events of the first days do not.
  expect(ids(options.to).slice(0, 5000)).toEqual(ids(options.to - 1000).slice(0, 5000));
});

test('events lie in the range, in order of time, each with an id of its own', () => {
  expect(all.every(({ at }) => at >= options.from && at < options.to)).toBe(true);
  expect(all.every(({ at }, index) => at >= (all[index - 1]?.at ?? 0))).toBe(true);
  expect(new Set(all.map(({ message }) => message.messageId)).size).toBe(all.length);
  expect(all.every(({ at, message }) => message.timestamp === new Date(at).toISOString())).toBe(true);
});

test('every event is of the vocabulary and passes its schema', () => {
  for (const { message } of all) {
    if (message.type !== 'track') continue;
    const definition = vocabulary.get(message.event ?? '');
    expect(definition, message.event).toBeDefined();
    expect(definition?.schema.safeParse(message.properties).error).toBeUndefined();
  }
});

test('two to three of a hundred sessions end in an order, and about seven of ten baskets do not', () => {
  const { sessions, orders, baskets } = expected(options);
  expect(orders / sessions).toBeGreaterThan(0.02);
  expect(orders / sessions).toBeLessThan(0.03);
  expect(1 - orders / baskets).toBeGreaterThan(0.64);
  expect(1 - orders / baskets).toBeLessThan(0.76);
});

test('what the simulation says it did is what the events say', () => {
  const known = expected(options);
  expect(known.events).toBe(all.length);
  expect(known.orders).toBe(named('Order Completed').length);
  const revenue = named('Order Completed').reduce((sum, { message }) => sum + Number(of(message, 'revenue')) * 100, 0);
  expect(Math.round(revenue)).toBe(known.revenueCents);
  expect(new Set(named('Product Added').map(({ message }) => of(message, 'cart_id'))).size).toBe(known.baskets);
  const sessions = new Set(all.map(({ message }) => message.context['sessionId']).filter(Boolean));
  expect(sessions.size).toBe(known.sessions);
  expect(
    new Set(all.filter(({ message }) => message.type === 'identify').map(({ message }) => message.userId)).size,
  ).toBe(known.signedInPersons);
});

test('an order is what is in the basket: its goods, its discount, its parcel, to the cent', () => {
  const baskets = new Map<string, Map<string, number>>();
  for (const { message } of all) {
    const cart = String(of(message, 'cart_id'));
    const product = String(of(message, 'product_id'));
    const lines = baskets.get(cart) ?? new Map<string, number>();
    if (message.event === 'Product Added') {
      lines.set(product, (lines.get(product) ?? 0) + Number(of(message, 'quantity')));
      baskets.set(cart, lines);
    }
    if (message.event === 'Product Removed') {
      expect(lines.get(product), 'only what was put in is taken out').toBe(of(message, 'quantity'));
      lines.delete(product);
    }
    if (message.event !== 'Order Completed') continue;
    const goods = of(message, 'products') as { product_id: string; quantity: number; price: number }[];
    expect(new Map(goods.map((line) => [line.product_id, line.quantity]))).toEqual(lines);
    const goodsCents = goods.reduce((sum, line) => sum + Math.round(line.price * 100) * line.quantity, 0);
    const sum = totals(goodsCents, of(message, 'coupon') === undefined ? null : tenPercent);
    expect(Math.round(Number(of(message, 'revenue')) * 100)).toBe(sum.revenueCents);
    expect(Math.round(Number(of(message, 'total')) * 100)).toBe(sum.totalCents);
  }
});

test('people are nobody until they sign in; some come on two devices', () => {
  const identified = all.filter(({ message }) => message.type === 'identify');
  const devicesOf = Map.groupBy(identified, ({ message }) => message.userId);
  const severalDevices = [...devicesOf.values()].filter(
    (signIns) => new Set(signIns.map(({ message }) => message.anonymousId)).size > 1,
  );
  expect(severalDevices.length).toBeGreaterThan(10);
  const [first] = identified;
  const before = all.filter(
    ({ at, message }) => message.anonymousId === first?.message.anonymousId && at < (first?.at ?? 0),
  );
  expect(before.length).toBeGreaterThan(0);
  expect(before.every(({ message }) => message.userId === undefined)).toBe(true);
});

test('the lantern gets dearer on its day, and payments fail on theirs', () => {
  const { priceChangeAt, paymentBrokenFrom, paymentBrokenTo } = landmarks({
    from: options.from - 60 * 86_400_000,
    to: options.to,
  });
  expect(priceChangeAt).toBeGreaterThan(options.from - 60 * 86_400_000);
  const prices = new Set(
    named('Product Viewed')
      .filter(({ message }) => of(message, 'product_id') === 'storm-lantern')
      .map(({ message }) => of(message, 'price')),
  );
  expect([...prices].every((price) => price === 49 || price === 58.8)).toBe(true);
  const failed = named('Payment Failed');
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.every(({ at }) => at >= paymentBrokenFrom && at < paymentBrokenTo)).toBe(true);
});

test('evenings are busy, nights are not, and weekends less so', () => {
  const share = (isThat: (date: Date) => boolean) => all.filter(({ at }) => isThat(new Date(at))).length / all.length;
  expect(share((date) => date.getUTCHours() === 19)).toBeGreaterThan(4 * share((date) => date.getUTCHours() === 3));
  expect(share((date) => [0, 6].includes(date.getUTCDay())) * 3.5).toBeLessThan(0.95);
  const week = Array.from({ length: 168 }, (_, index) => rhythm(Date.UTC(2026, 8, 7) + index * 3_600_000));
  expect(week.reduce((sum, value) => sum + value, 0) / 168).toBeCloseTo(0.96, 1);
});

test('the catalogue has forty products with ids of their own', () => {
  expect(new Set(products.map(({ id }) => id)).size).toBe(40);
});
