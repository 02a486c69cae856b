import { expect, test } from 'vitest';
import type { TrendAnswer, TrendLine } from '../../schemas/api/trends.ts';
import { drawnLines } from './trend-lines.ts';

const line = (changes: Partial<TrendLine>): TrendLine => ({
  series: 'A',
  label: 'Order Completed',
  breakdown: null,
  currency: null,
  points: [{ at: '2026-10-01T00:00:00.000Z', value: 1, amount: null }],
  total: { value: 1, amount: null },
  ...changes,
});
const answerOf = (lines: TrendLine[], before?: TrendLine[]): TrendAnswer => ({
  points: [],
  total: null,
  lines,
  queryMs: 1,
  rowsRead: 1,
  ...(before === undefined ? {} : { comparison: { from: '', to: '', points: [], total: null, lines: before } }),
});

test('a formula is shown without what it is made of, a breakdown without the whole', () => {
  const mail = { value: 'mail', kind: 'value' as const };
  const lines = [line({}), line({ breakdown: mail }), line({ series: 'A / B', label: 'A / B' })];
  const labels = (asked: { formula: string; breakdown: string }) =>
    drawnLines(answerOf(lines), asked, 'EUR').map(({ label }) => label);
  expect(labels({ formula: 'A / B', breakdown: '' })).toEqual(['A / B']);
  expect(labels({ formula: '', breakdown: 'context.campaign.source' })).toEqual(['mail']);
});

test('money is said in its currency, others only where there is some, and the period before in the same colour', () => {
  const euros = line({ currency: 'EUR' });
  const nothing = line({ currency: 'USD', total: { value: 0, amount: '0' } });
  const [now, before, ...rest] = drawnLines(answerOf([euros, nothing], [euros]), { formula: '', breakdown: '' }, 'EUR');
  expect(rest).toEqual([]);
  expect(now?.say(12.5)).toBe('€12.50');
  expect(before).toMatchObject({ label: 'Order Completed (EUR), before', isBefore: true, color: now?.color });
});
