import fc from 'fast-check';

/**
 * JSON as text, not as values: `1e400`, a key twice, an escape where none is needed and a number of a hundred thousand digits can only be
 * written, and so can half of a surrogate pair.
 */

const characters = [..."aZ7 .$%/'`éß語ａ🛒\x7f\u{10ffff}"];
const escapes = String.raw`\" \\ \/ \n \t \r \b \u0001 \u00e9 \ud83d\uded2`.split(' ');
/** Right-to-left marks and overrides, zero-width marks, separators of lines and paragraphs, byte order marks, non-characters. */
const marks = [...'\u202e\u200f\u061c\u2067\u200b\u2060\u2028\u2029\ufeff\ufffe\uffff\ufffd'];
const attacks = [
  '<script>alert(1)</script>',
  '{{7*7}}',
  "'; DROP TABLE events; --",
  '{p0:String}',
  '=1+1',
  '../../etc/passwd',
];
const units = [...characters, ...escapes, ...marks, ...attacks, 'e\u0301', '👩‍👩‍👧', 'x'.repeat(90)];
/** NUL and halves of surrogate pairs: refused, so they are rare, that the rest be seen too. */
const badUnits = String.raw`\u0000 \ud800 \udc00 \ude00\ud83d`.split(' ');

const textOf = (parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 10 }).map((chosen) => chosen.join(''));
const anyText = fc.oneof(
  { weight: 100, arbitrary: textOf(units) },
  { weight: 3, arbitrary: textOf([...units, ...badUnits, ...badUnits]) },
  { weight: 20, arbitrary: fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text).slice(1, -1)) },
  {
    weight: 20,
    arbitrary: fc.constantFrom('', '0', 'null', '12 €', '19.90', '1e5', '2026-11-23', '+275760-09-13T00:00Z'),
  },
);
const textToken = anyText.map((text) => `"${text}"`);

const numberToken = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom('0', '-0', '0.0', '1', '-1', '1.0', '0.1', '1E2', '1e-400', '5e-324', '1e21'),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom('1.7976931348623157e308', '9007199254740993', '18446744073709551616', '1.23456789e-5'),
  },
  { weight: 1, arbitrary: fc.constantFrom('1e400', '-1e400') },
  { weight: 10, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 10, arbitrary: fc.integer().map(String) },
);
/** As long as a number gets, below and beyond what a double holds. Rare: it is a hundred kilobytes. */
const longNumber = fc.constantFrom('9', '0.').map((head) => head + '123456789'.repeat(11_112));

const keyToken = fc
  .oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      '\\u005f_proto__',
      'toString',
      'hasOwnProperty',
      'length',
      '',
      '0',
    ),
    fc.constantFrom(
      'price',
      'products',
      'items',
      'quantity',
      'currency',
      'product_id',
      'order_id',
      'revenue',
      'email',
      'rating',
    ),
    fc.constantFrom(
      'type',
      'batch',
      'context',
      'traits',
      'properties',
      'messageId',
      'writeKey',
      'sentAt',
      'ip',
      'userAgent',
      'page',
    ),
    anyText,
  )
  .map((key) => `"${key}"`);

const blank = fc.constantFrom('', '', '', ' ', '\n', '\r\n\t ');

const listOf = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(item, { maxLength: 4 }), blank)
    .map(([items, space]) => `[${space}${items.join(`${space},`)}${space}]`);
const objectOf = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(fc.tuple(keyToken, value), { maxLength: 5 }), blank)
    .map(
      ([members, space]) => `{${members.map(([key, inner]) => `${space}${key}:${space}${inner}`).join(',')}${space}}`,
    );

/** A few levels, just below and above what is taken, and far beyond. */
const deep = fc
  .tuple(fc.constantFrom(5, 60, 63, 64, 65, 70, 1000), fc.boolean(), textToken)
  .map(([levels, isList, leaf]) =>
    isList
      ? '['.repeat(levels) + leaf + ']'.repeat(levels)
      : '{"__proto__":'.repeat(levels) + leaf + '}'.repeat(levels),
  );

const manyKeys = fc
  .tuple(fc.integer({ min: 50, max: 2000 }), numberToken)
  .map(([keys, value]) => `{${Array.from({ length: keys }, (_, index) => `"k${index}":${value}`).join(',')}}`);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 60, arbitrary: textToken },
    { weight: 30, arbitrary: numberToken },
    { weight: 10, arbitrary: fc.constantFrom('true', 'false', 'null', '{}', '[]') },
    { weight: 20, arbitrary: listOf(tie('value')) },
    { weight: 50, arbitrary: objectOf(tie('value')) },
  ),
}));

/** Any JSON value, as its text. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3000, arbitrary: value },
  { weight: 30, arbitrary: deep },
  { weight: 10, arbitrary: manyKeys },
  { weight: 1, arbitrary: longNumber },
);
/** An object, as its text. */
export const objectText: fc.Arbitrary<string> = objectOf(value);
/** A key with its quotes. */
export const keyText: fc.Arbitrary<string> = keyToken;

/** What bodies are made of: drawn once, since drawing takes longer than sending. */
export type Pool = { values: readonly string[]; objects: readonly string[]; keys: readonly string[] };

export const drawPool = (seed: number, size: number): Pool => ({
  values: fc.sample(jsonText, { seed, numRuns: size }),
  objects: fc.sample(objectText, { seed, numRuns: size }),
  keys: fc.sample(keyText, { seed, numRuns: size }),
});
