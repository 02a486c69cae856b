import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathsOf } from '../../../../test/oracle/funnel/paths.ts';
import { heldOf, markedRows, type OracleFunnel } from '../../../../test/oracle/funnel/rows.ts';
import { person, scenarioFunnel, start } from '../../../../test/oracle/funnel/scenario.ts';
import { runs } from '../../../../test/support/runs.ts';
import { createPlan } from './ordered.ts';
import { solve } from './solve.ts';

const planOf = (funnel: OracleFunnel) =>
  createPlan({
    order: funnel.order,
    steps: funnel.steps.map(({ optional, withinSeconds }) => ({
      isOptional: optional === true,
      withinMs: (withinSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    })),
    windowMs: funnel.windowSeconds * 1000,
    from: funnel.from,
    to: funnel.to,
    until: funnel.rangeApplies === 'all' ? funnel.to : Number.POSITIVE_INFINITY,
    reentry: funnel.reentry,
    isOpen: funnel.open,
    exclusions: funnel.exclusions,
    exclusionEffect: funnel.exclusionEffect,
    isConstant: funnel.constant !== undefined,
    countsEntries: funnel.countBy === 'entry',
  });

const intervalOf = (time: number): string => String(Math.floor((time - start) / 3000));

test('a journey is solved as by brute force, under every option: reach, times, rows, what is pending', {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(person, scenarioFunnel, fc.boolean(), (history, funnel, isByInterval) => {
      const own = history.map((row, place) => ({ ...row, messageId: `m${(place * 7) % 11}-${place}` }));
      const marked = markedRows(own, funnel);
      const unit = funnel.countBy === 'session' ? marked.filter(({ session }) => session === 's1') : marked;
      const rows = unit.map(({ source = '', ...row }) => ({
        ...row,
        constants: heldOf(row, funnel),
        value: source,
      }));
      const isSplit = isByInterval && funnel.countBy !== 'entry';
      const solved = solve(planOf(funnel), rows, {
        keyOf: isSplit ? intervalOf : () => '',
        now: funnel.now,
        spend: () => {},
      }).map((one) => ({
        isPending: one.isPending,
        times: one.attempt.times,
        rows: one
          .filled()
          .map(({ row }) => row.messageId)
          .sort(),
      }));
      const isUnordered = funnel.order === 'unordered';
      const expected = pathsOf(unit, funnel, isSplit ? intervalOf : undefined).map(({ chain, isPending }) => ({
        isPending,
        times: funnel.steps.map(
          (_, step) => (isUnordered ? chain[step] : chain.find((each) => each.step === step))?.row.time ?? -1,
        ),
        rows: chain.map(({ row }) => row.messageId).sort(),
      }));
      const inOrder = (list: typeof solved) => list.map((each) => JSON.stringify(each)).sort();
      expect(inOrder(solved)).toEqual(inOrder(expected));
    }),
    { numRuns: runs(5000), endOnFailure: false },
  );
});
