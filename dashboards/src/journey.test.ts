import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../schemas/api/people.ts';
import { aboutOf, journeyOf, moneyOf } from './journey.ts';

const event = (timestamp: string, more: Partial<TimelineEvent> = {}): TimelineEvent => ({
  messageId: timestamp,
  timestamp,
  event: 'Product Viewed',
  type: 'track',
  anonymousId: 'laptop',
  userId: '',
  session: '',
  channel: 'web',
  url: '',
  device: '',
  browser: '',
  properties: {},
  traits: {},
  ...more,
});

test('a pause of half an hour, another device or midnight of the site begins another visit', () => {
  const days = journeyOf(
    [
      event('2026-11-23T23:10:00Z'),
      event('2026-11-23T22:50:00Z'),
      event('2026-11-23T22:40:00Z', { anonymousId: 'phone' }),
      event('2026-11-23T21:00:00Z', { anonymousId: 'phone' }),
    ],
    'Europe/Berlin',
  );
  expect(days.map(({ day, sessions }) => [day, sessions.map(({ events }) => events.length)])).toEqual([
    ['2026-11-24', [1]],
    ['2026-11-23', [1, 1, 1]],
  ]);
});

test('an event says what it was about and what it was worth', () => {
  const order = event('2026-11-23T22:00:00Z', {
    properties: { revenue: '47.00', currency: 'EUR', products: [{ name: 'Lantern' }, { name: 'Mug' }, null] },
  });
  expect(aboutOf(order)).toBe('Lantern, Mug');
  expect(moneyOf(order)).toEqual({ amount: '47.00', currency: 'EUR' });
  expect(moneyOf(event('2026-11-23T22:00:00Z', { properties: { price: '12 €' } }))).toBeNull();
  expect(aboutOf(event('2026-11-23T22:00:00Z', { url: 'https://shop.example/a' }))).toBe('/a');
});
