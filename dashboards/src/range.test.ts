import { expect, test } from 'vitest';
import { dayOf, instantsOf, readRange, startOf } from './range.ts';

test('a day begins where its time zone says, on the days of the clock change too', () => {
  expect(new Date(startOf('2026-11-23', 'Europe/Berlin')).toISOString()).toBe('2026-11-22T23:00:00.000Z');
  expect(new Date(startOf('2026-03-29', 'Europe/Berlin')).toISOString()).toBe('2026-03-28T23:00:00.000Z');
  expect(new Date(startOf('2026-03-30', 'Europe/Berlin')).toISOString()).toBe('2026-03-29T22:00:00.000Z');
  expect(new Date(startOf('2026-11-01', 'America/New_York')).toISOString()).toBe('2026-11-01T04:00:00.000Z');
});

test('late in the evening it is already tomorrow further east', () => {
  const at = Date.parse('2026-11-23T23:30:00Z');
  expect(dayOf(at, 'UTC')).toBe('2026-11-23');
  expect(dayOf(at, 'Europe/Berlin')).toBe('2026-11-24');
});

test('the last 7 days are today and the six before it, up to the next minute', () => {
  const now = Date.parse('2026-11-23T10:20:30Z');
  expect(instantsOf({ range: '7d', from: '', to: '' }, { timeZone: 'UTC' }, now)).toEqual({
    from: '2026-11-17T00:00:00.000Z',
    to: '2026-11-23T10:21:00.000Z',
    days: 7,
  });
});

test('chosen days are whole and both counted', () => {
  const range = readRange({ range: 'custom', from: '2026-11-10', to: '2026-11-12' });
  expect(instantsOf(range, { timeZone: 'Europe/Berlin' }, 0)).toEqual({
    from: '2026-11-09T23:00:00.000Z',
    to: '2026-11-12T23:00:00.000Z',
    days: 3,
  });
});

test('nonsense in an address is the default period', () => {
  const thirty = { range: '30d', from: '', to: '' };
  expect(readRange({ range: 'constructor' })).toEqual(thirty);
  expect(readRange({ range: 'custom', from: '2026-11-12', to: '2026-11-10' })).toEqual(thirty);
  expect(readRange({ range: 'custom', from: '2026-13-40', to: '2026-13-41' })).toEqual(thirty);
  expect(readRange({})).toEqual(thirty);
});
