import { expect, test } from 'vitest';
import { definitionOf, optionsSet, readFunnel, searchOf, timeBefore } from './funnel-search.ts';

test('a funnel with every option comes back from its address as it was built', () => {
  const address = {
    window: 3600,
    order: 'strict',
    count: 'session',
    without: [{ event: 'Order Cancelled', where: [] }],
    segments: ['big-spenders'],
    isCompared: true,
    who: { step: 2, outcome: 'dropped', bucket: { kind: 'value', value: 'big-spenders' } },
  };
  expect(readFunnel(JSON.parse(JSON.stringify(address)))).toMatchObject(address);
  expect(optionsSet(readFunnel(address))).toBe(6);
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
