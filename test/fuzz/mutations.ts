import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Random } from '../../services/demo/random.ts';

/** What is no UTF-8: overlong forms, halves of surrogate pairs, a start without an end, bytes that never occur; and what is, but is not liked. */
const oddBytes = [
  'c0af',
  'e080af',
  'eda080',
  'edb080',
  'f4908080',
  'f8888080',
  '80',
  'c3',
  'e282',
  'ff',
  'fe',
  '00',
  'efbbbf',
  '1f8b',
  '0a',
  '22',
  '5c',
  '7b',
  '2c5d',
].map((hex) => Buffer.from(hex, 'hex'));

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const spot = (bytes: Buffer, random: Random): number => random.between(0, bytes.length);
const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

const mutations: readonly Mutation[] = [
  // A bit.
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    const at = random.between(0, Math.max(0, changed.length - 1));
    if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << random.between(0, 7));
    return changed;
  },
  // A byte.
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[random.between(0, changed.length - 1)] = random.between(0, 255);
    return changed;
  },
  (bytes, random) => bytes.subarray(0, spot(bytes, random)),
  (bytes, random) => bytes.subarray(spot(bytes, random)),
  // A piece is missing, or there twice.
  (bytes, random) => {
    const from = spot(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(from + random.between(1, 40)));
  },
  (bytes, random) => {
    const from = spot(bytes, random);
    const to = from + random.between(1, 200);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, random) => {
    const at = spot(bytes, random);
    return joined(bytes.subarray(0, at), random.pick(oddBytes), bytes.subarray(at));
  },
  // The head of one body and the tail of another.
  (bytes, random, other) => joined(bytes.subarray(0, spot(bytes, random)), other.subarray(spot(other, random))),
  (bytes, _random, other) => joined(bytes, other),
  (bytes, random) => joined(bytes, Buffer.alloc(random.between(1, 30), random.pick([0, 0x20, 0x0a, 0x7d, 0x5d]))),
];

/** Bytes with a few accidents of transport in them. */
export const mutated = (bytes: Buffer, random: Random, other: Buffer): Buffer => {
  let result = bytes;
  for (
    let left = random.weighted([
      [1, 6],
      [2, 2],
      [4, 1],
    ]);
    left > 0;
    left -= 1
  )
    result = random.pick(mutations)(result, random, other);
  return result;
};

type Packed = { bytes: Buffer; encoding: string | null };

const fastBrotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 16 } };

const packers: readonly ((bytes: Buffer) => Packed)[] = [
  (bytes) => ({ bytes: gzipSync(bytes), encoding: 'gzip' }),
  (bytes) => ({ bytes: gzipSync(bytes), encoding: null }),
  (bytes) => ({ bytes: deflateSync(bytes), encoding: 'deflate' }),
  (bytes) => ({ bytes: deflateRawSync(bytes), encoding: 'deflate' }),
  (bytes) => ({ bytes: brotliCompressSync(bytes, fastBrotli), encoding: 'br' }),
  (bytes) => ({ bytes: zstdCompressSync(bytes), encoding: 'zstd' }),
  (bytes) => ({ bytes: gzipSync(gzipSync(bytes)), encoding: 'gzip, gzip' }),
  // Said and not done, done and not said, said of something else.
  (bytes) => ({ bytes, encoding: 'gzip' }),
  (bytes) => ({ bytes, encoding: 'br' }),
  (bytes) => ({ bytes: deflateRawSync(bytes), encoding: null }),
  (bytes) => ({ bytes: gzipSync(bytes), encoding: 'deflate' }),
  (bytes) => ({ bytes: deflateSync(bytes), encoding: 'br' }),
  (bytes) => ({ bytes: gzipSync(bytes), encoding: 'gzip, br' }),
  (bytes) => ({ bytes, encoding: 'compress' }),
  (bytes) => ({ bytes, encoding: 'gzip,gzip,gzip,gzip' }),
  (bytes) => ({ bytes, encoding: ',' }),
];

/** Compressed, or said to be. */
export const packed = (bytes: Buffer, random: Random): Packed => random.pick(packers)(bytes);
