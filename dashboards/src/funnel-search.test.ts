import { expect, test } from 'vitest';
import { z } from 'zod';
import { FunnelQuery } from '../../schemas/api/funnels.ts';
import { definitionOf, followsAnother, optionsSet, readFunnel, searchOf, timeBefore } from './funnel-search.ts';

test('a funnel with every option comes back from its address as it was built', () => {
  const address = {
    window: 3600,
    order: 'strict',
    count: 'session',
    without: [{ event: 'Order Cancelled', where: [], after: 0, before: 2 }],
    effect: 'block',
    where: [
      { property: 'price', op: 'between', value: [10, 20] },
      { property: 'brand', op: 'matches', value: '^A' },
    ],
    reentry: 'first',
    applies: 'all',
    isOpen: true,
    constant: 'product_id',
    steps: [
      { event: 'A', where: [], firstEver: true },
      { event: 'B', where: [], optional: true, withinSeconds: 60 },
      { event: 'C', where: [], firstMatching: true },
    ],
    segments: ['big-spenders'],
    isCompared: true,
    who: { step: 2, outcome: 'dropped', bucket: { kind: 'value', value: 'big-spenders' } },
  };
  expect(readFunnel(JSON.parse(JSON.stringify(address)))).toMatchObject(address);
  expect(optionsSet(readFunnel(address))).toBe(11);
  expect(optionsSet(readFunnel({}))).toBe(0);
});

test('nobody is asked for at steps where nobody can be', () => {
  expect(readFunnel({ who: { step: 0, outcome: 'dropped' } }).who).toBe(null);
  expect(readFunnel({ who: { step: 9, outcome: 'reached' } }).who).toBe(null);
  expect(readFunnel({ who: 'x', order: 'toString', segments: ['NO ID', 7] })).toMatchObject({
    who: null,
    order: 'ordered',
    segments: [],
  });
});

const Saved = z.object(FunnelQuery.shape).omit({ from: true, to: true });

test('a saved funnel opens as it was saved, with every option', () => {
  const steps = ['A', 'B', 'C'].map((event) => ({ event, where: [] }));
  const plain = { order: 'unordered', count: 'entry', by: 'brand', window: 60 };
  const full = {
    steps: [{ ...steps[0], firstEver: true }, { ...steps[1], withinSeconds: 90 }, steps[2]],
    count: 'property',
    countProperty: 'company_id',
    reentry: 'first',
    applies: 'all',
    isOpen: true,
    where: [{ property: 'price', op: 'between', value: [10, 20] }],
    without: [{ event: 'X', where: [], after: 1 }],
    effect: 'block',
    by: 'brand',
    whose: 'step',
    whoseStep: 1,
  };
  for (const raw of [plain, full, { segments: ['big-spenders'] }]) {
    const search = readFunnel(raw);
    const opened = readFunnel({ ...search, ...searchOf(Saved.parse(definitionOf(search))) });
    expect(opened).toEqual(search);
  }
});

test('what makes no sense beside the other options is not asked', () => {
  const steps = ['A', 'B', 'C'].map((event) => ({ event, where: [], withinSeconds: 60 }));
  const rest = { steps, isOpen: true, by: 'brand', whose: 'step', whoseStep: 9, count: 'property' };
  const unordered = definitionOf(readFunnel({ ...rest, order: 'unordered', without: [{ event: 'X', after: 1 }] }));
  expect(unordered).toMatchObject({ open: false, countBy: 'person', exclusions: [{ event: 'X', where: [] }] });
  expect(unordered.exclusions?.[0]).not.toHaveProperty('after');
  expect(unordered.steps.some((step) => 'withinSeconds' in step)).toBe(false);
  expect(unordered.breakdown).toMatchObject({ attribution: 'step', step: 2 });
  expect(definitionOf(readFunnel({ steps })).steps.map((step) => 'withinSeconds' in step)).toEqual([false, true, true]);
  expect(definitionOf(readFunnel({ count: 'entry', reentry: 'first' })).reentry).toBe('best');
  // A step that is gone closes no gap.
  const gone = readFunnel({ steps, without: [{ event: 'X', after: 2, before: 7 }] });
  expect(definitionOf(gone).exclusions).toEqual([{ event: 'X', where: [] }]);
});

test('the time before is as long and ends where the period begins', () => {
  expect(timeBefore({ from: '2026-11-08T00:00:00.000Z', to: '2026-11-15T00:00:00.000Z' })).toEqual({
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-11-08T00:00:00.000Z',
  });
});

test('an optional step is asked as such where there may be one, and an exclusion reaches to the last step that everybody does', () => {
  const steps = [
    { event: 'A', where: [], optional: true },
    { event: 'B', where: [] },
    { event: 'C', where: [], optional: true },
  ];
  const search = readFunnel({ steps, without: [{ event: 'X' }], constant: 'product_id' });
  expect(definitionOf(search)).toMatchObject({
    steps: [{ event: 'A', where: [] }, steps[1], steps[2]],
    exclusions: [{ event: 'X', where: [], before: 1 }],
    constant: 'product_id',
  });
  expect(definitionOf(search).steps[0]).not.toHaveProperty('optional');
  const unordered = definitionOf({ ...search, order: 'unordered' });
  expect(unordered.steps.some((step) => 'optional' in step)).toBe(false);
  expect(unordered.exclusions).toEqual([{ event: 'X', where: [] }]);
  expect([followsAnother('strict', 0), followsAnother('strict', 2), followsAnother('unordered', 2)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(readFunnel({ steps, who: { step: 2, outcome: 'dropped' } }).who).toBe(null);
});
