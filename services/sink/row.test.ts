import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IntakeHeader } from '../../schemas/event.ts';
import { eventRow } from './row.ts';
import { createAgentReader } from './user-agent.ts';
import { decimal, storable, truncatedIp } from './values.ts';

const header: IntakeHeader = {
  v: 1,
  site: 'shop',
  receivedAt: Date.parse('2026-11-01T12:00:00.000Z'),
  sentAt: null,
  channel: 'browser',
  type: null,
  ip: '203.0.113.77',
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1',
};
const row = (event: object, more: Partial<IntakeHeader> = {}) =>
  eventRow(
    { ...header, ...more },
    { messageId: 'm', userId: 'ada', type: 'track', ...event },
    { partition: 1, offset: 2, index: 3 },
    createAgentReader(),
  );

test("the client's clock is corrected by when it sent and when we received", () => {
  const sentAt = Date.parse('2026-11-01T14:00:10.000Z');
  expect(row({ timestamp: '2026-11-01T14:00:00.000Z' }, { sentAt }).timestamp).toBe(
    Date.parse('2026-11-01T11:59:50.000Z'),
  );
  expect(row({ originalTimestamp: '2026-11-01T14:00:00.000Z', sentAt: '2026-11-01T14:00:10.000Z' }).timestamp).toBe(
    Date.parse('2026-11-01T11:59:50.000Z'),
  );
  expect(
    row({ timestamp: '2026-10-01T00:00:00.000Z', sentAt: '2026-11-01T12:00:00Z' }, { channel: 'import' }).timestamp,
  ).toBe(Date.parse('2026-10-01T00:00:00.000Z'));
  expect(row({}).timestamp, 'no time at all').toBe(Date.parse('2026-11-01T12:00:00.000Z'));
  expect(row({ timestamp: '2027-11-01T12:00:00Z' }).timestamp, 'next year').toBe(
    Date.parse('2026-11-01T12:00:00.000Z'),
  );
  expect(row({ timestamp: '1970-01-01T00:00:09Z' }).timestamp, 'a clock never set').toBe(
    Date.parse('2026-11-01T12:00:00.000Z'),
  );
});

test('whatever a client says of times, every column gets one that it can hold', () => {
  const anyTime = fc.oneof(
    fc.double(),
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString())),
    fc.string(),
  );
  fc.assert(
    fc.property(
      anyTime,
      anyTime,
      fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 })),
      (timestamp, sentAt, ofHeader) => {
        const made = row({ timestamp, sentAt }, { sentAt: ofHeader });
        expect(storable(made.timestamp)).toBe(made.timestamp);
        expect(storable(made.original_timestamp)).toBe(made.original_timestamp);
        expect(storable(made.sent_at)).toBe(made.sent_at);
      },
    ),
  );
});

test('money is exact: texts go through no float', () => {
  expect([
    decimal('19.90'),
    decimal(0.1),
    decimal('12345678901234.5678'),
    decimal(1e-7),
    decimal('.5'),
    decimal('-3'),
    decimal(19.999999999999996),
  ]).toEqual(['19.90', '0.1', '12345678901234.5678', '0.0000', '0.5', '-3', '20.0000']);
  expect([decimal('12 €'), decimal(''), decimal(Number.NaN), decimal('1e5'), decimal(1e20), decimal({})]).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test("GA4's words give the same columns as Segment's", () => {
  const segment = row({
    event: 'Product Added',
    properties: { product_id: 'p1', name: 'Tent', price: '120', quantity: 2, currency: 'EUR' },
  });
  const ga4 = row({
    event: 'add_to_cart',
    properties: { currency: 'EUR', items: [{ item_id: 'p1', item_name: 'Tent', price: '120', quantity: 2 }] },
  });
  for (const column of ['event', 'product_id', 'product_name', 'price', 'quantity', 'currency'] as const)
    expect(ga4[column]).toBe(segment[column]);
});

test('an empty list says that nothing is in it, a missing one says nothing', () => {
  expect(row({ event: 'Cart Viewed', properties: { products: [] } }).products).toBe('[]');
  expect(row({ event: 'Cart Viewed', properties: {} }).products).toBe('');
});

test('the device is read, the address is cut', () => {
  expect(row({})).toMatchObject({ device: 'Phone', browser: 'Safari', os: 'iOS', ip: '203.0.113.0' });
  expect([
    truncatedIp('::ffff:203.0.113.77'),
    truncatedIp('2001:db8:85a3:8d3:1319:8a2e:370:7348'),
    truncatedIp('::1'),
    truncatedIp('x'),
  ]).toEqual(['203.0.113.0', '2001:db8:85a3::', '', '']);
});

test('what does not fit a column leaves it empty and stays in the JSON', () => {
  const odd = row({ event: 'Product Added', properties: { product_id: 'p', quantity: 1e12, rating: 'good' } });
  expect(odd).toMatchObject({ quantity: null, rating: null });
  expect(JSON.parse(String(odd.properties))).toEqual({ product_id: 'p', quantity: 1e12, rating: 'good' });
});

test('a long stretch of blanks where a number belongs takes no longer than other text', () => {
  const blanks = `${' '.repeat(200_000)}x`;
  const startedAt = performance.now();
  expect(row({ properties: { price: blanks, quantity: blanks, rating: blanks } })).toMatchObject({
    price: null,
    quantity: null,
  });
  // Tried from every blank, it took half a minute.
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect(row({ properties: { price: ' 19.90 ', quantity: ' 2 ' } })).toMatchObject({ price: '19.90', quantity: 2 });
});
