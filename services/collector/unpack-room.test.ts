import { expect, test } from 'vitest';
import { createUnpackRoom } from './unpack-room.ts';

test('no more is unpacked at once than there is room for, and everybody gets their turn', async () => {
  const room = createUnpackRoom(100);
  const held = { now: 0, most: 0 };
  const order: number[] = [];
  const unpack = (name: number, most: number, real: number) =>
    room.use(most, async (shrink) => {
      held.now += most;
      held.most = Math.max(held.most, held.now);
      await new Promise(setImmediate);
      held.now -= most - real;
      shrink(real);
      await new Promise(setImmediate);
      held.now -= real;
      order.push(name);
      if (name % 7 === 0) throw new Error('it was a bomb');
    });
  const sizes = Array.from({ length: 50 }, (_, index) => [index, 10 + (index % 60), 1 + (index % 9)] as const);
  const results = await Promise.allSettled(sizes.map(([name, most, real]) => unpack(name, most, real)));
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(8);
  expect(order).toHaveLength(50);
  expect(held.most).toBeLessThanOrEqual(100);
  // Larger than the whole room: alone, but not for ever outside.
  expect(await room.use(1000, async () => 'done')).toBe('done');
});
