import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText, keyText } from '../../test/fuzz/hostile.ts';
import { bodySpan, eventSpans, holdsMoreValues, memberOf, type Span } from './spans.ts';

const blank = fc.constantFrom('', ' ', '\r\n\t');
const spaced = fc.tuple(blank, jsonText, blank).map((parts) => parts.join(''));
const textOf = (bytes: Buffer, { from, to }: Span): string => bytes.toString('utf8', from, to);

test('every event of a list or a batch is found as it was written, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(spaced, { maxLength: 5 }), fc.boolean(), keyText, jsonText, (events, isList, key, value) => {
      const list = `[${events.join(',')}]`;
      const text = isList ? list : `\ufeff {${key}:${value}, "batch" :${list}} `;
      const bytes = Buffer.from(text);
      expect(eventSpans(bytes).map((span) => textOf(bytes, span))).toEqual(events.map((event) => event.trim()));
    }),
  );
});

test('of a member that is there twice the last is found, as JSON.parse takes it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(keyText, spaced), { maxLength: 6 }), (members) => {
      const bytes = Buffer.from(`{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`);
      for (const [key, value] of Object.entries(JSON.parse(bytes.toString()) as object)) {
        const span = memberOf(bytes, bodySpan(bytes), key);
        expect(JSON.parse(textOf(bytes, span ?? { from: 0, to: 0 }))).toEqual(value);
      }
    }),
  );
});

test('values are counted, in texts nothing; bytes that are no JSON come to an end as well', () => {
  expect(holdsMoreValues(Buffer.from('[1,{"a":[0],"b,[{":"\\",,"}]'), 6)).toBe(false);
  expect(holdsMoreValues(Buffer.from('[1,{"a":[0],"b,[{":"\\",,"}]'), 5)).toBe(true);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      holdsMoreValues(Buffer.from(bytes), 1e9);
      eventSpans(Buffer.from(bytes));
      eventSpans(Buffer.from([0x7b, ...bytes]));
    }),
  );
});
