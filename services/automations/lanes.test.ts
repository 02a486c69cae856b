import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Action } from '../../schemas/action.ts';
import { createLanes, type Waiting } from './lanes.ts';

const held = { isHeld: () => true };
const item = (automation: string, id: string, userId = id): Waiting => ({
  action: { site: 'shop', automation, id, userId } as Action,
  partition: 0,
  lease: held,
  notBefore: 0,
  tries: 0,
});
const open = (more: Partial<Parameters<typeof createLanes>[0]> = {}) =>
  createLanes({
    atOnce: 100,
    atOnceOfOne: 100,
    most: 10,
    leastOfOne: 2,
    pageSize: 4,
    longestRest: 600,
    busy: new Set(),
    ...more,
  });
const take = (lanes: ReturnType<typeof open>): string[] => {
  const found: string[] = [];
  for (let next = lanes.next(); next !== undefined; next = lanes.next()) found.push(next.action.id);
  return found;
};

test('automations take turns, and nobody has two under way', () => {
  const lanes = open();
  for (const id of ['a1', 'a2', 'a3']) lanes.offer(item('a', id), 0);
  lanes.offer(item('b', 'b1'), 0);
  lanes.offer(item('b', 'b2', 'a1'), 0);
  expect(take(lanes)).toEqual(['a1', 'b1', 'a2', 'a3']);
  lanes.over(item('a', 'a1'));
  expect(take(lanes)).toEqual(['b2']);
});

test('of one automation only so many are under way', () => {
  const lanes = open({ atOnceOfOne: 2 });
  for (const id of ['a1', 'a2', 'a3']) lanes.offer(item('a', id), 0);
  lanes.offer(item('b', 'b1'), 0);
  expect(take(lanes)).toEqual(['a1', 'b1', 'a2']);
});

test('what rests comes again in its time, behind those that are ready', () => {
  const lanes = open();
  lanes.rest({ ...item('a', 'a1'), notBefore: 100 }, 0);
  lanes.offer(item('a', 'a2'), 0);
  lanes.wake(99);
  expect(take(lanes)).toEqual(['a2']);
  lanes.wake(100);
  expect(take(lanes)).toEqual(['a1']);
});

/** A ledger of so many actions for each automation, of which some can be done from a time on only. */
const Ledger = fc.array(
  fc.record({
    automation: fc.constantFrom('a', 'b', 'c'),
    goodFrom: fc.constantFrom(0, 0, 0, 1000, 3000),
    isOnLog: fc.boolean(),
  }),
  { maxLength: 80 },
);

test('whatever waits, all are done in the end, those who can at once, and only so many are in memory', () => {
  fc.assert(
    fc.property(Ledger, (drawn) => {
      const lanes = open();
      const actions = drawn.map((each, index) => ({ ...each, id: String(index).padStart(3, '0') }));
      const doneAt = new Map<string, number>();
      const onLog = actions.filter(({ isOnLog }) => isOnLog);
      const inLedger = actions.filter(({ isOnLog }) => !isOnLog);
      for (const { automation } of inLedger) lanes.leave({ site: 'shop', automation }, 0);
      for (let now = 0; now <= 5000; now += 100) {
        for (const each of onLog.splice(0)) {
          inLedger.push(each);
          lanes.offer(item(each.automation, each.id), now);
        }
        lanes.wake(now);
        for (;;) {
          const page = lanes.toRead(now);
          if (page !== undefined) {
            const found = inLedger
              .filter(({ automation, id }) => automation === page.automation && id > page.after && !doneAt.has(id))
              .sort((one, other) => (one.id < other.id ? -1 : 1))
              .slice(0, page.limit);
            lanes.wasRead(page, found.length < page.limit ? null : (found.at(-1)?.id ?? null));
            for (const { automation, id } of found) lanes.offer(item(automation, id), now);
          }
          const next = lanes.next();
          if (next === undefined && page === undefined) break;
          if (next === undefined) continue;
          const { goodFrom = 0 } = actions.find(({ id }) => id === next.action.id) ?? {};
          if (goodFrom > now) lanes.rest({ ...next, notBefore: now + 300 }, now);
          else doneAt.set(next.action.id, now);
          lanes.over(next);
        }
        expect(lanes.held()).toBeLessThanOrEqual(2 * (10 + 3 * 2));
      }
      for (const { id, goodFrom } of actions) {
        expect(doneAt.get(id), id).toBeGreaterThanOrEqual(goodFrom);
        // The longest that one rests in memory, or that the ledger is not read again.
        expect(doneAt.get(id), id).toBeLessThanOrEqual(goodFrom === 0 ? 0 : goodFrom + 600);
      }
      expect(lanes.held()).toBe(0);
    }),
  );
});
