import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('a loop is told when to come back, and other sites do not notice', () => {
  let now = 0;
  const limit = createRateLimit({ now: () => now, sleep: async () => {} }, 10, 20);
  for (let i = 0; i < 20; i += 1) limit.take('shop');
  expect(() => limit.take('shop')).toThrow(
    expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: 1 }),
  );
  limit.take('other');
  now = 100;
  limit.take('shop');
  expect(() => limit.take('shop')).toThrow();
});
