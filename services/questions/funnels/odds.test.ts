import { expect, test } from 'vitest';
import { oddsOf } from './odds.ts';

test('an odds ratio is that of the four counts plus a half, with the bounds of its interval', () => {
  // By hand: 20.5 * 40.5 / (80.5 * 10.5) = 0.98225; the error is sqrt(1/20.5 + 1/80.5 + 1/10.5 + 1/40.5) = 0.4256.
  const { oddsRatio, low, high } = oddsOf({
    convertedWith: 20,
    convertedWithout: 80,
    droppedWith: 10,
    droppedWithout: 40,
  });
  expect(oddsRatio).toBeCloseTo(0.98225, 4);
  expect(low).toBeCloseTo(0.98225 * Math.exp(-1.96 * 0.4256), 3);
  expect(high).toBeCloseTo(0.98225 * Math.exp(1.96 * 0.4256), 3);
});

test('what nobody of one side had is unsure, not infinite', () => {
  const { oddsRatio, low, high } = oddsOf({
    convertedWith: 1,
    convertedWithout: 9,
    droppedWith: 0,
    droppedWithout: 10,
  });
  expect(oddsRatio).toBeGreaterThan(1);
  expect(low).toBeLessThan(1);
  expect(Number.isFinite(high)).toBe(true);
});
