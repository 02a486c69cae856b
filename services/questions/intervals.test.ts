import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wallOf } from '../../test/oracle/calendar.ts';
import { runs } from '../../test/support/runs.ts';
import { type Interval, intervalBounds } from './intervals.ts';

/** Clocks that change at midnight, by half an hour, for Ramadan, twice a day's midnight, a day left out, never. */
const zones = [
  'Europe/Berlin',
  'America/Sao_Paulo',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'America/St_Johns',
  'UTC',
];
const dayMs = 86_400_000;

const lengths: Record<Interval, number> = { minute: 1 / 24, hour: 2, day: 20, week: 100, month: 500 };

const scenario = fc
  .record({
    zone: fc.constantFrom(...zones),
    interval: fc.constantFrom<Interval>('minute', 'hour', 'day', 'week', 'month'),
    // Half of them around a change of the clocks, where things go wrong.
    around: fc.oneof(
      fc.integer({ min: Date.parse('2012-01-01'), max: Date.parse('2027-01-01') }),
      fc
        .constantFrom(
          '2026-03-29T01:00Z',
          '2026-10-25T01:00Z',
          '2017-10-15T03:00Z',
          '2018-02-18T02:00Z',
          '2026-04-23T22:00Z',
          '2026-04-04T15:00Z',
          '2026-10-03T15:30Z',
          '2026-11-01T05:00Z',
          '2026-03-08T05:00Z',
        )
        .map((text) => Date.parse(text)),
    ),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.double({ min: 0.001, max: 1, noNaN: true }),
  })
  .map(({ zone, interval, around, share, size }) => {
    const length = Math.max(1, Math.round(lengths[interval] * size * dayMs));
    const from = Math.round(around - length * share);
    return { zone, interval, from, to: from + length };
  });

test('intervals are what clocks and calendars on the wall show, in every zone and over every change of the clocks', () => {
  fc.assert(
    fc.property(
      scenario,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
      ({ zone, interval, from, to }, places) => {
        const show = wallOf(zone);
        const bounds = intervalBounds(interval, zone, from, to);
        expect(bounds[0]).toBeLessThanOrEqual(from);
        expect(bounds[1]).toBeGreaterThan(from);
        expect(bounds.at(-1)).toBeGreaterThanOrEqual(to);
        expect(bounds.at(-2)).toBeLessThan(to);
        for (const at of bounds) {
          const [before, after] = [show(at - 1), show(at)];
          const isRound =
            interval === 'hour' ? after.clock === '00:00' : interval === 'minute' && after.clock.endsWith(':00');
          expect(before[interval] !== after[interval] || isRound, new Date(at).toISOString()).toBe(true);
        }
        for (const place of places) {
          const at = Math.min(to - 1, Math.floor(from + place * (to - from)));
          const start = bounds.findLast((bound) => bound <= at) ?? Number.NaN;
          expect(show(at)[interval], `${zone} ${new Date(at).toISOString()}`).toBe(show(start)[interval]);
        }
      },
    ),
    { numRuns: runs(400) },
  );
});

test('an hour that comes twice is two, a day in autumn has 25 of them, and a midnight that is skipped starts at one', () => {
  const hours = intervalBounds(
    'hour',
    'Europe/Berlin',
    Date.parse('2026-10-24T22:00Z'),
    Date.parse('2026-10-25T23:00Z'),
  );
  expect(hours).toHaveLength(26);
  const [day] = intervalBounds(
    'day',
    'America/Sao_Paulo',
    Date.parse('2017-10-15T12:00Z'),
    Date.parse('2017-10-15T13:00Z'),
  );
  expect(new Date(day ?? 0).toISOString()).toBe('2017-10-15T03:00:00.000Z');
});
