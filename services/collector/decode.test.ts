import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../platform/failure.ts';
import { decodeBytes, parseJson } from './decode.ts';

const json = Buffer.from('{"batch":[{"type":"track","event":"Zoë 🛒"}]}');
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return (error as Failure).code;
};

test('every encoding is read, with its header and where the bytes tell, without', async () => {
  const encoded: [string | undefined, Buffer][] = [
    [undefined, json],
    ['identity', json],
    ['gzip', gzipSync(json)],
    ['x-gzip', gzipSync(json)],
    [undefined, gzipSync(json)],
    ['identity', gzipSync(json)],
    ['deflate', deflateSync(json)],
    ['deflate', deflateRawSync(json)],
    [undefined, deflateSync(json)],
    ['br', brotliCompressSync(json)],
    ['zstd', zstdCompressSync(json)],
    ['gzip, gzip', gzipSync(gzipSync(json))],
    ['deflate, br', brotliCompressSync(deflateSync(json))],
    ['gzip', json],
    ['br', json],
  ];
  for (const [header, bytes] of encoded)
    expect((await decodeBytes(bytes, header)).toString(), `${header}`).toBe(json.toString());
});

test('bombs, endless layers and broken streams are refused by name, within bounds', async () => {
  const bomb = Buffer.alloc(64 * 1024 * 1024, 0x20);
  expect(await refusal(decodeBytes(gzipSync(bomb), 'gzip'))).toBe('too_large');
  expect(await refusal(decodeBytes(brotliCompressSync(bomb.subarray(0, 8_000_000)), 'br'))).toBe('too_large');
  expect(await refusal(decodeBytes(gzipSync(json).subarray(0, 20), 'gzip'))).toBe('bad_encoding');
  expect(await refusal(decodeBytes(Buffer.from('hello'), 'br'))).toBe('bad_encoding');
  expect(await refusal(decodeBytes(Buffer.from('hello'), 'compress'))).toBe('bad_encoding');
  expect(await refusal(decodeBytes(json, 'gzip, gzip, gzip, gzip'))).toBe('bad_encoding');
  const wrapped = Array.from({ length: 6 }).reduce<Buffer>((bytes) => gzipSync(bytes), json);
  expect(await refusal(decodeBytes(wrapped, undefined))).toBe('bad_encoding');
});

test('whatever bytes come, the answer is a value or a Failure', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 64 }),
      fc.constantFrom(undefined, 'gzip', 'br', 'deflate', 'zstd', 'gzip,br', ',,'),
      async (bytes, header) => {
        try {
          parseJson(await decodeBytes(Buffer.from(bytes), header));
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a body that is no JSON says where', () => {
  expect(() => parseJson(Buffer.from('{"a":'))).toThrow(/not JSON/);
  expect(() => parseJson(Buffer.from([0x22, 0xc0, 0xaf, 0x22]))).toThrow(/UTF-8/);
  expect(parseJson(Buffer.from('\ufeff{"a":1}'))).toEqual({ a: 1 });
});

test('a body of more values than half a million is refused before anything is made of it, its texts do not count', () => {
  expect(() => parseJson(Buffer.from(`[${'0,'.repeat(500_000)}0]`))).toThrow(/more than 500000 values/);
  expect(() => parseJson(Buffer.from('['.repeat(5_000_000)))).toThrow(/more than 500000 values/);
  expect(parseJson(Buffer.from(`["${'[,{'.repeat(500_000)}"]`))).toHaveLength(1);
  expect(parseJson(Buffer.from(`[${'0,'.repeat(499_990)}0]`))).toHaveLength(499_991);
});

test('a key named __proto__ is data, and changes nobody', () => {
  const parsed = parseJson(Buffer.from('{"__proto__":{"admin":true}}')) as object;
  expect(Object.hasOwn(parsed, '__proto__')).toBe(true);
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});
