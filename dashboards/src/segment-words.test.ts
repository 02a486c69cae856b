import { expect, test } from 'vitest';
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
