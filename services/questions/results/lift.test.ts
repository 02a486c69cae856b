import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOfMeans, differenceOfShares, isSignificant, personsNeeded } from './lift.ts';

/** Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, method 10. */
const published = [
  { of: [56, 70, 48, 80], low: 0.0524, high: 0.3339 },
  { of: [9, 10, 3, 10], low: 0.1705, high: 0.809 },
  { of: [10, 10, 0, 20], low: 0.6791, high: 1 },
  { of: [5, 56, 0, 29], low: -0.0381, high: 0.1926 },
  { of: [0, 10, 0, 20], low: -0.1611, high: 0.2775 },
];

test.each(published)('the interval of $of is the published one', ({ of: [a = 0, m = 0, b = 0, n = 0], low, high }) => {
  const found = differenceOfShares({ converted: a, persons: m }, { converted: b, persons: n });
  expect(found.low).toBeCloseTo(low, 3);
  expect(found.high).toBeCloseTo(high, 3);
});

/** Two samples of 15: 27.4 degrees of freedom, whose t is 2.0503; times the standard error of 0.9556. */
test("Welch's interval is that of the textbook", () => {
  const first = { mean: 20.82, variance: 7.792429, persons: 15 };
  const second = { mean: 23.62667, variance: 5.906381, persons: 15 };
  const found = differenceOfMeans(first, second);
  expect(found?.difference).toBeCloseTo(-2.80667, 4);
  expect(found?.low).toBeCloseTo(-2.80667 - 2.0503 * 0.95564, 2);
  expect(found?.high).toBeCloseTo(-2.80667 + 2.0503 * 0.95564, 2);
  expect(differenceOfMeans({ ...first, persons: 1 }, second), 'one person has no spread').toBeNull();
});

test('a difference lies in its interval, the interval in what is possible, and more persons make it narrower', () => {
  const share = fc
    .integer({ min: 1, max: 500 })
    .chain((persons) => fc.record({ persons: fc.constant(persons), converted: fc.integer({ min: 0, max: persons }) }));
  fc.assert(
    fc.property(share, share, (one, two) => {
      const { low, difference, high } = differenceOfShares(one, two);
      expect(low).toBeLessThanOrEqual(difference + 1e-12);
      expect(high).toBeGreaterThanOrEqual(difference - 1e-12);
      expect(low).toBeGreaterThanOrEqual(-1 - 1e-12);
      expect(high).toBeLessThanOrEqual(1 + 1e-12);
      const times = (each: typeof one) => ({ persons: each.persons * 10, converted: each.converted * 10 });
      const wider = differenceOfShares(times(one), times(two));
      expect(wider.high - wider.low).toBeLessThan(high - low);
      const back = differenceOfShares(two, one);
      expect(back.low).toBeCloseTo(-high, 9);
    }),
  );
});

test('groups of the size that is said to be needed find the difference; half of it would mostly not', () => {
  const [treated, holdout] = [
    { converted: 120, persons: 1000 },
    { converted: 10, persons: 100 },
  ];
  const needed = personsNeeded(treated, holdout) ?? expect.fail('there is a difference');
  const scaled = (persons: number) =>
    differenceOfShares(
      { converted: Math.round(persons * 1.2), persons: persons * 10 },
      { converted: Math.round(persons * 0.1), persons },
    );
  expect(isSignificant(scaled(needed))).toBe(true);
  expect(isSignificant(scaled(Math.round(needed / 4)))).toBe(false);
  expect(personsNeeded(holdout, { converted: 100, persons: 1000 }), 'nothing to find').toBeNull();
});
