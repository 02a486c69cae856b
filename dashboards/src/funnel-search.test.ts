import { expect, test } from 'vitest';
import { canBeOptional, definitionOf, optionsSet, readFunnel, searchOf, timeBefore } from './funnel-search.ts';

test('a funnel with every option comes back from its address as it was built', () => {
  const address = {
    window: 3600,
    order: 'strict',
    count: 'session',
    without: [{ event: 'Order Cancelled', where: [] }],
    constant: 'product_id',
    steps: [
      { event: 'A', where: [] },
      { event: 'B', where: [], optional: true },
      { event: 'C', where: [] },
    ],
    segments: ['big-spenders'],
    isCompared: true,
    who: { step: 2, outcome: 'dropped', bucket: { kind: 'value', value: 'big-spenders' } },
  };
  expect(readFunnel(JSON.parse(JSON.stringify(address)))).toMatchObject(address);
  expect(optionsSet(readFunnel(address))).toBe(7);
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

test('a saved funnel opens as it was saved', () => {
  const search = readFunnel({ order: 'unordered', count: 'entry', by: 'brand', window: 60 });
  const definition = definitionOf(search);
  expect(definition).toMatchObject({ breakdown: { property: 'brand', limit: 8 } });
  const opened = searchOf({ ...definition, breakdown: { property: 'brand', attribution: 'first', limit: 8 } });
  expect({ ...search, ...opened }).toEqual(search);
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
  expect([canBeOptional('strict', 0), canBeOptional('strict', 2), canBeOptional('unordered', 2)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(readFunnel({ steps, who: { step: 2, outcome: 'dropped' } }).who).toBe(null);
});
