import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsOf } from './journeys.ts';

test('parts follow each other from a hash to the last, without a gap', () => {
  const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.nat(50_000_000), hash, (rows, least) => {
      const parts = partsOf(rows, least);
      expect(parts[0]?.least).toBe(least);
      expect(parts.at(-1)?.end).toBe(2n ** 64n);
      parts.forEach((part, index) => {
        expect(part.end).toBeGreaterThan(part.least);
        if (index > 0) expect(part.least).toBe(parts[index - 1]?.end);
      });
    }),
  );
});
