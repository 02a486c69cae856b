import { expect, test } from 'vitest';
import { addressOf } from './call.ts';
import { ago, change, dayAndTime, duration, money, percent } from './format.ts';

test('money keeps its cents however large', () => {
  expect(money('12345678901234.56', 'EUR')).toBe('€12,345,678,901,234.56');
  expect(money('5000', 'JPY')).toBe('JP¥5,000');
  expect(money('19.90', 'not a currency')).toBe('19.90 not a currency');
});

test('shares: one digit where it matters', () => {
  expect([percent(0.024), percent(0.41), percent(0), percent(1), percent(null)]).toEqual([
    '2.4%',
    '41%',
    '0%',
    '100%',
    '–',
  ]);
});

test('durations in two units at most', () => {
  expect([duration(45), duration(200), duration(3600), duration(187_200), duration(0.4), duration(null)]).toEqual([
    '45 s',
    '3 min 20 s',
    '1 h',
    '2 d 4 h',
    '< 1 s',
    '–',
  ]);
});

test('there is no change from nothing', () => {
  expect([change(5, 0), change(null, 3), change(112, 100)]).toEqual([null, null, 0.12]);
});

test('times are the site’s, not the browser’s', () => {
  expect(dayAndTime('2026-11-23T23:30:00Z', 'Europe/Berlin')).toBe('24 Nov, 00:30');
  expect(ago('2026-11-23T10:00:00Z', Date.parse('2026-11-23T13:10:00Z'))).toBe('3 h ago');
});

test('parameters cannot leave their place in an address', () => {
  expect(
    addressOf('/api/sites/:site/persons/:id', {
      params: { site: 'shop', id: '../x?y' },
      query: { a: 1, b: undefined },
    }),
  ).toBe('/api/sites/shop/persons/..%2Fx%3Fy?a=1');
});
