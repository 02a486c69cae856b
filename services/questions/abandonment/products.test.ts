import fc from 'fast-check';
import { expect, test } from 'vitest';
import { productsOf } from './products.ts';

test("a list of products in Segment's words or GA4's says the same", () => {
  const [segment] = productsOf(
    '[{"product_id":"t","name":"Tent","variant":"S","category":"camp","quantity":"2","price":"19.9"}]',
    'EUR',
  ) ?? [null];
  const [ga4] = productsOf(
    '[{"item_id":"t","item_name":"Tent","item_variant":"S","item_category":"camp","quantity":2,"price":19.9}]',
    'EUR',
  ) ?? [null];
  expect(segment).toEqual(ga4);
  expect(segment).toMatchObject({ productId: 't', name: 'Tent', quantity: 2, price: '19.90', currency: 'EUR' });
});

test('null says nothing: no product of the name "null", no price of 0', () => {
  expect(productsOf('[{"product_id":null,"sku":"t","name":null,"price":null,"quantity":null}]', 'EUR')).toEqual([
    {
      productId: 't',
      variant: '',
      name: '',
      category: '',
      quantity: null,
      price: null,
      currency: 'EUR',
      imageUrl: '',
      url: '',
    },
  ]);
  expect(productsOf('[{"product_id":null}, null, 3, "tent", []]', '')).toEqual([]);
  expect(productsOf('', '')).toBe(null);
});

test('what a float makes of a price is the price', () => {
  expect(productsOf('[{"sku":"t","price":19.999999999999996}]', '')?.[0]?.price).toBe('20.00');
  expect(productsOf('[{"sku":"t","price":1e400},{"sku":"t","price":"12 €"}]', '')?.map(({ price }) => price)).toEqual([
    null,
    null,
  ]);
});

test('whatever JSON a shop sends as its products, it is read or left out', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const said of productsOf(JSON.stringify([value, { sku: 't', price: value, quantity: value }]), 'EUR') ??
        []) {
        expect(said.price).toSatisfy((price) => price === null || /^-?\d{1,15}\.\d{2,4}$/.test(price));
        expect(said.quantity).toSatisfy((quantity) => quantity === null || Number.isInteger(quantity));
      }
    }),
  );
});
