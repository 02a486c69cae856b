import { expect, test } from 'vitest';
import { freshDraft, segmentOf } from './segment-draft.ts';
import { segmentWords } from './segment-words.ts';

const nameOf = (id: string): string => (id === 'vip' ? 'Very important' : id);

test('what a marketer chose is asked, and read back in words', () => {
  const is = segmentOf(
    [
      { ...freshDraft, event: 'Product Viewed', times: 3, days: 7 },
      { ...freshDraft, kind: 'didNot', days: 0 },
    ],
    'all',
    'EUR',
  );
  expect(is).toMatchObject({ kind: 'all', of: [{ times: { atLeast: 3 }, in: { lastDays: 7 } }, { kind: 'didNot' }] });
  expect(segmentWords(is, nameOf)).toBe(
    'did “Product Viewed” at least 3 times in the last 7 days and did not do “Order Completed”',
  );
});

test('one condition stands for itself', () => {
  expect(segmentOf([{ ...freshDraft, kind: 'lifetimeValue', amount: 250 }], 'any', 'EUR')).toEqual({
    kind: 'lifetimeValue',
    currency: 'EUR',
    atLeast: 250,
  });
});

test('segments that only the API can write are read out as well', () => {
  expect(
    segmentWords(
      {
        kind: 'not',
        of: [
          { kind: 'inSegment', segment: 'vip' },
          { kind: 'any', of: [{ kind: 'rfm', classes: ['atRisk', 'lost'], in: { lastDays: 90 } }] },
        ],
      },
      nameOf,
    ),
  ).toBe('not: is in “Very important” nor (is as a buyer: at risk or lost in the last 90 days)');
});
