import { expect, test } from 'vitest';
import { draftsOf, freshDraft, segmentOf } from './segment-draft.ts';
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

test('a saved segment is edited line by line, and what has no fields is kept as it is', () => {
  const drafts = [
    { ...freshDraft, event: 'Product Viewed', times: 3, days: 14 },
    { ...freshDraft, kind: 'didNot' as const, days: 0 },
    { ...freshDraft, kind: 'seen' as const, days: 7 },
    { ...freshDraft, kind: 'lifetimeValue' as const, amount: 250 },
    { ...freshDraft, kind: 'rfm' as const, rfmClass: 'lost' as const },
    { ...freshDraft, kind: 'trait' as const, property: 'traits.plan', value: 'pro' },
    { ...freshDraft, kind: 'trait' as const },
  ];
  const opened = draftsOf(segmentOf(drafts, 'any', 'EUR'), 'EUR');
  expect(opened.match).toBe('any');
  expect(opened.drafts.map(({ kind }) => kind)).toEqual(drafts.map(({ kind }) => kind));
  expect(segmentOf(opened.drafts, opened.match, 'EUR')).toEqual(segmentOf(drafts, 'any', 'EUR'));

  for (const is of [
    { kind: 'did', event: 'A', where: [{ property: 'price', op: 'gt', value: 5 }] },
    { kind: 'did', event: 'A', where: [], times: { exactly: 2 } },
    { kind: 'seen', which: 'first', in: { lastDays: 7 } },
    { kind: 'seen', which: 'last', in: { from: '2026-01-01T00:00:00Z' } },
    { kind: 'lifetimeValue', currency: 'USD', atLeast: 5 },
    { kind: 'inSegment', segment: 'vip' },
    { kind: 'not', of: [{ kind: 'inSegment', segment: 'vip' }] },
  ] as const) {
    const criterion = JSON.parse(JSON.stringify(is)) as typeof is & { of: [] };
    const kept = draftsOf(criterion, 'EUR');
    expect(kept.drafts.map(({ kind }) => kind)).toEqual(['kept']);
    expect(segmentOf(kept.drafts, kept.match, 'EUR')).toEqual(is);
  }
});
