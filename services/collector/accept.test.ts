import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vocabulary } from '../../schemas/vocabulary/names.ts';
import { accept, type Intake } from './accept.ts';
import { fits } from './fits.ts';

const receivedAt = Date.parse('2026-11-23T12:00:00Z');
const intake: Intake = {
  receivedAt,
  sentAt: null,
  type: null,
  isTrusted: false,
  userAgent: 'Mozilla/5.0',
  mayHoldBadText: true,
  newId: () => 'made-up',
};
const view = {
  type: 'track',
  event: 'Product Viewed',
  anonymousId: 'a1',
  messageId: 'm1',
  properties: { sku: 'lamp' },
};
const refusalOf = (raw: unknown, more: Partial<Intake> = {}) => {
  const verdict = accept(raw, { ...intake, ...more });
  return verdict.kind === 'rejected' ? verdict.refusal : null;
};
const eventOf = (raw: unknown, more: Partial<Intake> = {}) => {
  const verdict = accept(raw, { ...intake, ...more });
  if (verdict.kind === 'rejected') throw new Error(JSON.stringify(verdict.refusal));
  return verdict;
};

test('a good event goes through as it is', () => {
  expect(eventOf(view)).toEqual({ kind: 'accepted', event: view, isChanged: false, warnings: [] });
});

test('a refusal names the field, what it got and what it takes', () => {
  const refusals: [object, string, string, string][] = [
    [{ properties: { sku: 's', price: '12 €' } }, 'invalid_type', 'properties.price', 'expected a number, got "12 €"'],
    [
      { properties: { products: [{}, { price: {} }] } },
      'invalid_type',
      'properties.products.1.price',
      'expected a number, got an object',
    ],
    [{ properties: [] }, 'invalid_type', 'properties', 'expected an object, got a list'],
    [
      { event: 'purchase' },
      'missing_property',
      'properties.order_id',
      'expected order_id or transaction_id, got none of them',
    ],
    [{ event: 7 }, 'invalid_event', 'event', 'expected the name of the event, got 7'],
    [
      { type: 'trak' },
      'invalid_event_type',
      'type',
      'expected one of track, identify, page, screen, group, alias, got "trak"',
    ],
    [{ anonymousId: null }, 'missing_id', 'userId', 'expected userId or anonymousId, got neither'],
    [{ userId: {} }, 'invalid_id', 'userId', 'expected text, got an object'],
    [
      { anonymousId: 'undefined' },
      'invalid_id',
      'anonymousId',
      '"undefined" stands for nobody: it was not taken as an id',
    ],
    [{ messageId: 'x'.repeat(201) }, 'invalid_message_id', 'messageId', 'expected at most 200 characters, got 201'],
    [
      { timestamp: 'yesterday' },
      'invalid_timestamp',
      'timestamp',
      'expected an ISO 8601 time or epoch milliseconds, got "yesterday"',
    ],
    [
      { timestamp: 1_763_000_000 },
      'invalid_timestamp',
      'timestamp',
      'expected an ISO 8601 time or epoch milliseconds, got 1763000000',
    ],
    [
      { timestamp: '2026-13-45T00:00:00Z' },
      'invalid_timestamp',
      'timestamp',
      'expected an ISO 8601 time or epoch milliseconds, got "2026-13-45T00:00:00Z"',
    ],
    [
      { timestamp: '2099-01-01T00:00:00Z' },
      'invalid_timestamp',
      'timestamp',
      'expected at most a day ahead, got "2099-01-01T00:00:00Z"',
    ],
    [{ timestamp: '1970-01-01' }, 'invalid_timestamp', 'timestamp', 'expected at most ten years ago, got "1970-01-01"'],
    [
      { context: { page: { title: 'half \ud83d' } } },
      'invalid_text',
      'context.page.title',
      'expected text, got NUL or half of a surrogate pair in it',
    ],
    [
      { context: { [`${'k'.repeat(300)}\0`]: 1 } },
      'invalid_text',
      `context.${'k'.repeat(192)}`,
      'expected text, got NUL or half of a surrogate pair in it',
    ],
    [
      JSON.parse('{"properties":{"sku":"s","sizes":[1,{"depth":1e400}]}}'),
      'invalid_number',
      'properties.sizes.1.depth',
      'expected a number of at most 1.8e308, got one beyond',
    ],
    [{ type: 'alias' }, 'missing_property', 'previousId', 'expected an id, got nothing'],
  ];
  for (const [part, code, path, message] of refusals)
    expect(refusalOf({ ...view, ...part }), code).toEqual({ code, path, message });
  for (const raw of [null, 1, 'x', [], true, undefined]) expect(refusalOf(raw)?.code).toBe('invalid_event');
  expect(accept(view, intake, 600_000)).toEqual({
    kind: 'rejected',
    refusal: { code: 'event_too_large', path: '', message: 'expected at most 524288 bytes of JSON, got 600000' },
  });
});

test('a refusal quotes no half of a character', () => {
  for (let length = 70; length < 80; length += 1)
    expect(refusalOf({ ...view, type: 'x'.repeat(length) + '🛒'.repeat(9) })?.message.isWellFormed()).toBe(true);
});

test('an event a hundred thousand levels deep is refused, not a crash', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as unknown;
  expect(refusalOf({ ...view, properties: deep })?.code).toBe('too_deep');
});

test('numbers become text ids, a missing messageId is made, odd times become ISO', () => {
  const verdict = eventOf({
    ...view,
    userId: 42,
    messageId: null,
    timestamp: '2026-11-23 11:00',
    originalTimestamp: receivedAt,
  });
  expect(verdict.isChanged).toBe(true);
  expect(verdict.event).toMatchObject({
    userId: '42',
    messageId: 'made-up',
    timestamp: '2026-11-23T11:00:00.000Z',
    originalTimestamp: '2026-11-23T12:00:00.000Z',
  });
});

test('a junk user id is taken off when the device is known, and said so', () => {
  const verdict = eventOf({ ...view, userId: '[object Object]' });
  expect(verdict.event).toEqual(view);
  expect(verdict.warnings[0]?.path).toBe('userId');
});

test('a phone whose clock is years ahead still sends events of today', () => {
  const raw = { ...view, timestamp: '2031-01-01T00:00:00Z' };
  expect(refusalOf(raw, { sentAt: Date.parse('2031-01-01T00:00:05Z') })).toBeNull();
  expect(refusalOf(raw)?.code).toBe('invalid_timestamp');
});

test('the route says the type, whatever the body says', () => {
  expect(eventOf({ ...view, type: 'page' }, { type: 'track' }).event['type']).toBe('track');
  const { type: _none, ...untyped } = view;
  expect(eventOf(untyped, { type: 'track' }).isChanged).toBe(false);
});

test('a publishable key cannot speak for another address', () => {
  const raw = { ...view, context: { ip: '8.8.8.8', userAgent: 'Other' } };
  expect(eventOf(raw).warnings.map(({ path }) => path)).toEqual(['context.ip', 'context.userAgent']);
  expect(eventOf(raw, { isTrusted: true }).warnings).toEqual([]);
});

const anything = fc.jsonValue({ maxDepth: 4 });
const almostEvent = fc.record(
  {
    type: fc.oneof(fc.constantFrom('track', 'identify', 'page', 'alias', 'group'), anything),
    event: fc.oneof(fc.constantFrom(...vocabulary.keys(), 'add_to_cart', '__proto__'), anything),
    userId: anything,
    anonymousId: fc.oneof(fc.constant('a1'), anything),
    messageId: anything,
    timestamp: anything,
    originalTimestamp: fc.oneof(fc.string(), fc.double()),
    properties: fc.oneof(
      fc.dictionary(fc.constantFrom('product_id', 'price', 'products', '__proto__'), anything),
      anything,
    ),
    context: anything,
    traits: anything,
  },
  { requiredKeys: [] },
);

test('whatever JSON comes as an event, there is a verdict; what is accepted has an id and can be written', () => {
  fc.assert(
    fc.property(
      fc.oneof(anything, almostEvent),
      fc.option(fc.constantFrom('track' as const, 'page' as const)),
      (raw, type) => {
        const verdict = accept(raw, { ...intake, type });
        if (verdict.kind === 'rejected') {
          expect(verdict.refusal.message).not.toBe('');
          return;
        }
        const { event } = verdict;
        expect(typeof event['messageId']).toBe('string');
        expect(typeof (event['userId'] || event['anonymousId'])).toBe('string');
        if (!verdict.isChanged) expect(event).toBe(raw);
        // What was accepted is accepted again: a replay of it cannot fail.
        expect(accept(event, { ...intake, type }).kind).toBe('accepted');
      },
    ),
    { numRuns: 2000 },
  );
});

test('the fast check and zod agree on every event', () => {
  const names = fc.constantFrom(...vocabulary.keys());
  const value = fc.oneof(
    anything,
    fc.constantFrom(
      null,
      '',
      ' 1.50 ',
      '12 €',
      '-.5',
      'NaN',
      [],
      [{}],
      [{ price: '1' }],
      [{ price: 'x' }],
      [null],
      Number.POSITIVE_INFINITY,
      true,
    ),
  );
  fc.assert(
    fc.property(
      names.chain((name) =>
        fc.tuple(
          fc.constant(name),
          fc.dictionary(
            fc.constantFrom(...Object.keys(vocabulary.get(name)?.shape ?? {}), 'other', '__proto__'),
            value,
          ),
        ),
      ),
      ([name, properties]) => {
        const byZod = vocabulary.get(name)?.schema.safeParse(properties).success;
        // `false` of the fast check means "ask zod" only where the event has a property of a kind it does not know.
        expect(fits(name, properties)).toBe(byZod);
      },
    ),
    { numRuns: 3000 },
  );
});
