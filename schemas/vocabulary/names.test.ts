import { expect, test } from 'vitest';
import { canonicalName, vocabulary } from './names.ts';

test('an event has one name whatever the vendor calls it', () => {
  for (const name of ['add_to_cart', 'Added Product', 'product_added', 'PRODUCT ADDED', ' product-added '])
    expect(canonicalName(name)).toBe('Product Added');
  expect(canonicalName('Completed Order')).toBe('Order Completed');
  expect(canonicalName('purchase')).toBe('Order Completed');
});

test('a name of the shop itself is left as it is', () => {
  for (const name of ['Lamp Switched On', 'constructor', '__proto__', '', 'x'.repeat(10_000)])
    expect(canonicalName(name)).toBe(name);
});

test('no alias stands for two events', () => {
  const all = [...vocabulary.values()].flatMap(({ name, aliases }) => [name, ...aliases].map((a) => a.toLowerCase()));
  expect(new Set(all).size).toBe(all.length);
});

test('a price in words is refused by name, value and what it takes', () => {
  const parsed = vocabulary.get('Product Added')?.schema.safeParse({ product_id: 'lamp', price: '12 €' });
  expect(parsed?.error?.issues.map(({ path, message }) => ({ path: path.join('.'), message }))).toEqual([
    { path: 'price', message: 'expected a number, got "12 €"' },
  ]);
});

test('of a list of products the first bad one is told, however many are bad', () => {
  const products = [{ price: 1 }, ...Array.from({ length: 1000 }, () => ({ price: 'much', quantity: {} }))];
  const parsed = vocabulary.get('Order Completed')?.schema.safeParse({ order_id: 'o', products });
  expect(parsed?.error?.issues.map(({ path, message }) => ({ path: path.join('.'), message }))).toEqual([
    { path: 'products.1.price', message: 'expected a number, got "much"' },
  ]);
});

test('prices come as numbers, as text, or not at all; what we do not know passes', () => {
  const schema = vocabulary.get('Product Added')?.schema;
  for (const price of [12, '12.50', '.5', null, undefined])
    expect(schema?.safeParse({ product_id: 7, price, colour: 'red' }).success).toBe(true);
});

test('a product event without a product says nothing', () => {
  const parsed = vocabulary.get('Product Viewed')?.schema.safeParse({ price: 3 });
  expect(parsed?.error?.issues[0]?.message).toMatch(/^expected product_id or sku/);
});
