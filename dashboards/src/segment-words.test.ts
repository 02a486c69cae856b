import { expect, test } from 'vitest';
import { Criterion } from '../../schemas/segment.ts';
import { segmentWords } from './segment-words.ts';

const nameOf = (id: string): string => (id === 'vip' ? 'Very important' : id);

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

test('a segment that nobody has chosen yet is not called by its empty name', () => {
  expect(segmentWords({ kind: 'inSegment', segment: '' }, nameOf)).toBe('is in a segment that is to be chosen');
});

test('the filters of an event are told with it, and who is not in a segment is said to be', () => {
  const where = [
    { property: 'revenue', op: 'gt', value: 50 },
    { op: 'notInSegment', segment: 'vip' },
  ];
  const bought = { kind: 'did', event: 'Order Completed', where, in: { lastDays: 30 } };
  const is = Criterion.parse({
    kind: 'all',
    of: [bought, { kind: 'not', of: [{ kind: 'inSegment', segment: 'vip' }] }],
  });
  expect(segmentWords(is, nameOf)).toBe(
    'did “Order Completed” (revenue more than 50 and person not in “Very important”) in the last 30 days and is not in “Very important”',
  );
});
