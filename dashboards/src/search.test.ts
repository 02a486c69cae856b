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

test('what is written as a number is one, and names of things that look like one stay as they were typed', () => {
  const typed = ['20', '-19.9', ' 7 ', '0', '0123', '1.10', '-0', '1e3', '12345678901234567890', 'A-20', ''];
  const names = ['0123', '1.10', '-0', '1e3', '12345678901234567890', 'A-20', ''];
  for (const op of ['eq', 'in', 'contains'] as const)
    expect(typed.map((text) => typedValue(text, 'sku', op))).toEqual([20, -19.9, 7, 0, ...names]);
});

test('what is more or less than something is a number however it is written', () => {
  for (const op of ['gt', 'gte', 'lt', 'lte', 'between'] as const)
    expect(['19.90', '007', '20', 'A-20'].map((text) => typedValue(text, 'sku', op))).toEqual([19.9, 7, 20, 'A-20']);
  expect(['19.90', '007', 'A-20'].map((text) => typedValue(text, 'price', 'eq'))).toEqual([19.9, 7, 'A-20']);
});

test('defaults do not stand in the address', () => {
  expect(withoutDefaults({ kind: 'cart', idle: 60, steps: [1] }, { kind: 'cart', idle: 3600, steps: [1] })).toEqual({
    idle: 60,
  });
});
