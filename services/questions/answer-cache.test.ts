import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAnswerCache, type KeptAnswer } from './answer-cache.ts';

const mostBytes = 4000;
const kept = (length: number, holdsUntil = 10): KeptAnswer => ({
  text: 'x'.repeat(length),
  fingerprint: 'f',
  askedAt: 0,
  holdsUntil,
});

test('whatever is put, it holds no more than it may, and only the site that holds most loses', () => {
  const put = fc.record({
    site: fc.constantFrom('a', 'b', 'c'),
    key: fc.constantFrom('1', '2', '3', '4', '5', '6'),
    length: fc.nat({ max: 700 }),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 60 }), (puts) => {
      const cache = createAnswerCache(mostBytes);
      for (const { site, key, length } of puts) {
        cache.put(site, key, kept(length));
        expect(cache.bytes()).toBeLessThanOrEqual(mostBytes);
        expect(cache.get(site, key)?.text.length, 'what was just put is there').toBe(length);
      }
      cache.sweep(10);
      expect(cache.bytes()).toBe(0);
    }),
  );
});

test('a busy site drives out its own answers, the ones not asked for longest', () => {
  const cache = createAnswerCache(mostBytes);
  cache.put('quiet', 'only', kept(100));
  for (let number = 0; number < 50; number += 1) {
    cache.put('busy', String(number), kept(100));
    cache.get('busy', '0');
  }
  expect(cache.get('quiet', 'only')).toBeDefined();
  expect(cache.get('busy', '0')).toBeDefined();
  expect(cache.get('busy', '1')).toBeUndefined();
  expect(cache.get('busy', '49')).toBeDefined();
});

test('what no longer holds is forgotten', () => {
  const cache = createAnswerCache(mostBytes);
  cache.put('a', 'short', kept(1, 5));
  cache.put('a', 'long', kept(1, 50));
  cache.sweep(5);
  expect([cache.get('a', 'short'), cache.get('a', 'long')?.text]).toEqual([undefined, 'x']);
});
