import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../test/support/runs.ts';
import { sharedWarehouse } from '../../test/support/warehouse.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { createClaims } from './claims.ts';

const warehouse = sharedWarehouse();
const claimants = ['ann', 'bob', 'cem'];

/** Each claimant on a machine of its own, whose writes and reads wait until it is let through, in any order. */
const held = () => {
  const gates = new Map(claimants.map((name) => [name, [] as (() => void)[]]));
  const machine = (name: string): Warehouse => {
    const wait = () => new Promise<void>((open) => gates.get(name)?.push(open));
    const real = warehouse();
    return {
      ...real,
      insert: async (...rows) => {
        await wait();
        await real.insert(...rows);
        await wait();
      },
      query: async (...asked) => {
        await wait();
        return real.query(...asked);
      },
    };
  };
  const open = (name: string): void => gates.get(name)?.shift()?.();
  return { machine, open };
};

test('whatever the order in which claimants write and read, one of them holds it at most, and goes on holding it', {
  timeout: 120_000,
}, async () => {
  const made = { runs: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...claimants), { maxLength: 24 }), async (order) => {
      const subject = `run-${made.runs++}`;
      const { machine, open } = held();
      const pass = async (name: string) => {
        open(name);
        // What was let through has time to reach the next gate.
        await new Promise((resolve) => setTimeout(resolve, 3));
      };
      const tries = claimants.map((claimant) =>
        createClaims({ warehouse: machine(claimant), now: Date.now }).claim({ site: 'shop', subject, claimant }),
      );
      const settled = Promise.all(tries).then((holds) => ({ holds }));
      for (const name of order) await pass(name);
      const rest = setInterval(() => {
        for (const name of claimants) open(name);
      }, 1);
      const { holds } = await settled;
      clearInterval(rest);
      expect(holds.filter(Boolean).length).toBeLessThanOrEqual(1);

      const later = createClaims({ warehouse: warehouse(), now: Date.now });
      const holder = claimants[holds.indexOf(true)];
      const isHeldBy = (claimant: string) => later.claim({ site: 'shop', subject, claimant });
      if (holder === undefined) {
        // A tie: all gave way, so whoever tries next gets it.
        expect(await isHeldBy('ann')).toBe(true);
        expect(await isHeldBy('bob')).toBe(false);
      } else {
        expect(await later.claimedBy('shop', holder)).toContain(subject);
        for (const claimant of claimants) expect(await isHeldBy(claimant), claimant).toBe(claimant === holder);
      }
    }),
    { numRuns: runs(20) },
  );
});
