import { expect, test } from 'vitest';
import type { FunnelCorrelate, FunnelTrendAnswer } from '../../schemas/api/funnels.ts';
import { readInsight, spanOf, stepName, toldOf, tooFew, unfinishedOf } from './funnel-insights.ts';
import { definitionOf, readFunnel } from './funnel-search.ts';
import { withoutDefaults } from './search.ts';

test('what is looked at stands in the address, nothing at first, and is no part of what a saved funnel keeps', () => {
  const chosen = { more: 'timing', interval: 'week', fromStep: 1, toStep: 2, compare: 'properties' };
  expect(readInsight({}).more).toBe('');
  expect(readInsight({ more: 'all', interval: 'hour', fromStep: -4, toStep: 'x', compare: 7 })).toEqual(
    readInsight({}),
  );
  expect(readFunnel(withoutDefaults(readFunnel(chosen), readFunnel({})))).toEqual(readFunnel(chosen));
  expect(definitionOf(readFunnel(chosen))).toEqual(definitionOf(readFunnel({})));
});

test('time is taken between two steps that are there, from the first to the last unless said', () => {
  expect(spanOf({ fromStep: 0, toStep: 0 }, 4)).toEqual({ fromStep: 0, toStep: 3 });
  expect(spanOf({ fromStep: 1, toStep: 2 }, 4)).toEqual({ fromStep: 1, toStep: 2 });
  expect(spanOf({ fromStep: 3, toStep: 2 }, 4)).toEqual({ fromStep: 0, toStep: 2 });
  expect(spanOf({ fromStep: 2, toStep: 5 }, 3)).toEqual({ fromStep: 0, toStep: 2 });
  expect(spanOf({ fromStep: 0, toStep: 0 }, 1)).toEqual({ fromStep: 0, toStep: 0 });
});

test('a step is called by its number and name; in any order, by how many are done', () => {
  const steps = [
    { event: 'view', where: [] },
    { event: 'buy', where: [], label: 'Bought' },
  ];
  expect([0, 1].map((index) => stepName(steps, 'ordered', index))).toEqual(['1. view', '2. Bought']);
  expect(stepName(steps, 'unordered', 1)).toBe('2 of 2 steps');
});

test('from the first interval on in which somebody may still convert, figures are not complete', () => {
  const points = (...pending: number[]): FunnelTrendAnswer['points'] =>
    pending.map((each) => ({ at: '', entered: 5, converted: 1, pending: each, rate: 0.2, counts: [5, 1] }));
  expect(unfinishedOf(points(0, 0, 0), true)).toBe(0);
  expect(unfinishedOf(points(0, 0, 0), false)).toBe(1);
  expect(unfinishedOf(points(0, 2, 0, 1), true)).toBe(3);
  expect(unfinishedOf([], false)).toBe(0);
});

const correlate = (more: Partial<FunnelCorrelate>): FunnelCorrelate => ({
  event: 'Coupon Applied',
  property: '',
  value: '',
  convertedWith: 30,
  convertedWithout: 70,
  droppedWith: 10,
  droppedWithout: 290,
  oddsRatio: 12.04,
  low: 5.71,
  high: 25.4,
  ...more,
});

test('what goes with converting is told in shares of people and in odds', () => {
  expect(toldOf(correlate({}), 'converting')).toEqual({
    name: 'Coupon Applied',
    withIt: 0.75,
    withoutIt: 70 / 360,
    had: '40 of 400 people',
    odds: 'odds of converting 12 times as high (5.7 to 25)',
    isMaybeChance: false,
  });
});

test('what goes with dropping out is told in the odds of that: the other way round', () => {
  const dropping = correlate({ oddsRatio: 0.25, low: 0.125, high: 0.5 });
  expect(toldOf(dropping, 'dropping out').odds).toBe('odds of dropping out 4 times as high (2 to 8)');
});

test('an interval that holds "no difference" is said to be chance, numbers beyond measure are not spelled out', () => {
  expect(toldOf(correlate({ low: 0.9 }), 'converting').isMaybeChance).toBe(true);
  expect(toldOf(correlate({ oddsRatio: 0.5, low: 0.2, high: 1.1 }), 'dropping out').isMaybeChance).toBe(true);
  const told = (low: number) => toldOf(correlate({ oddsRatio: 52_000, low, high: 9e6 }), 'converting').odds;
  expect(told(220)).toBe('odds of converting more than 1,000 times as high (220 or more)');
  expect(told(4500)).toBe('odds of converting more than 1,000 times as high');
});

test('a value of a property is named with it, and of nobody there is no share', () => {
  const everybody = { property: 'context.campaign.source', value: 'mail', convertedWithout: 0, droppedWithout: 0 };
  const told = toldOf(correlate({ event: '', ...everybody }), 'converting');
  expect(told).toMatchObject({ name: 'campaign source is mail', withoutIt: null });
});

test('it is said where too few converted or dropped out to be sure', () => {
  const answer = { converting: [], dropping: [], queryMs: 0, rowsRead: 0 };
  expect(tooFew({ ...answer, converted: 20, dropped: 20, pending: 3 })).toBe('');
  expect(tooFew({ ...answer, converted: 1, dropped: 900, pending: 30 })).toBe(
    'Only 1 person made it to the end: too few to be sure of anything. 30 more may still convert: a longer period has more to compare.',
  );
  expect(tooFew({ ...answer, converted: 900, dropped: 19, pending: 0 })).toBe(
    'Only 19 people dropped out: too few to be sure of anything.',
  );
});
