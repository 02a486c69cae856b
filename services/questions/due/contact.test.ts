import { expect, test } from 'vitest';
import { isQuietAt } from './contact.ts';

const night = { from: 22, to: 8 };
const at = (time: string, zone: string, hours: { from: number; to: number } | null = night) =>
  isQuietAt(hours, zone, 'Europe/Berlin', Date.parse(`2026-07-01T${time}:00Z`));

test('it is quiet by the clock of the person, over midnight too, from the first hour up to the last', () => {
  expect(['19:59', '20:00', '23:30', '05:59', '06:00'].map((time) => at(time, 'Europe/Berlin'))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(at('20:00', 'America/New_York'), 'it is four in the afternoon there').toBe(false);
  expect(at('12:30', 'UTC', { from: 12, to: 14 })).toBe(true);
  expect(at('14:00', 'UTC', { from: 12, to: 14 })).toBe(false);
  expect(at('23:00', 'UTC', null)).toBe(false);
});

test('who claims to live nowhere is on the shop’s time', () => {
  expect(at('20:00', 'Mars/Olympus')).toBe(true);
  expect(at('19:59', '')).toBe(false);
});
