import { expect, test } from 'vitest';
import { readChoice, readNumber, readSteps, typedValue, withoutDefaults } from './search.ts';

test('a funnel in an address comes back as it was built', () => {
  const steps = [
    { event: 'Product Viewed', where: [{ property: 'price', op: 'gt', value: 20 }], label: 'Saw something dear' },
    { event: 'Order Completed', where: [{ property: 'coupon', op: 'exists' }] },
  ];
  expect(readSteps(JSON.parse(JSON.stringify(steps)))).toEqual(steps);
});

test('what is no step or no condition is left out, the rest is kept', () => {
  expect(readSteps('x')).toEqual([]);
  expect(readSteps([null, 7, { event: '' }, { event: 'A', where: [{ property: 'p', op: 'drop table' }, 3] }])).toEqual([
    { event: 'A', where: [] },
  ]);
  expect(readSteps(Array.from({ length: 100 }, () => ({ event: 'A' })))).toHaveLength(64);
});

test('numbers and choices keep to their limits', () => {
  expect(readNumber('99999', 5, { least: 1, most: 10 })).toBe(10);
  expect(readNumber('abc', 5, { least: 1, most: 10 })).toBe(5);
  expect(readChoice('toString', ['a', 'b'] as const, 'a')).toBe('a');
});

test('what looks like a number is compared as one', () => {
  expect([typedValue('20'), typedValue('19.90'), typedValue('A-20'), typedValue('')]).toEqual([20, 19.9, 'A-20', '']);
});

test('defaults do not stand in the address', () => {
  expect(withoutDefaults({ kind: 'cart', idle: 60, steps: [1] }, { kind: 'cart', idle: 3600, steps: [1] })).toEqual({
    idle: 60,
  });
});
