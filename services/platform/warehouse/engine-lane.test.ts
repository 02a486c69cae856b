import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLane, LaneFull } from './engine-lane.ts';

test('a connection carries one statement at a time, and the rest wait in order', async () => {
  const lane = createLane(['a', 'b'], 10);
  const running = new Set<string>();
  const done: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map((turn) =>
      lane.use(async (connection) => {
        expect(running).not.toContain(connection);
        running.add(connection);
        await delay(2);
        running.delete(connection);
        done.push(turn);
      }),
    ),
  );
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  expect(lane.isIdle()).toBe(true);
});

test('a statement that fails gives its connection back', async () => {
  const lane = createLane(['a'], 1);
  await expect(lane.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await lane.use(async (connection) => connection)).toBe('a');
});

test('who comes when too many wait is sent away at once', async () => {
  const lane = createLane(['a'], 1);
  const first = lane.use(() => delay(5));
  const second = lane.use(() => delay(1));
  await expect(lane.use(() => delay(1))).rejects.toThrow(LaneFull);
  expect(lane.isIdle()).toBe(false);
  await Promise.all([first, second]);
});
