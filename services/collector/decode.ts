import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { Failure } from '../platform/failure.ts';
import { holdsMoreValues } from './spans.ts';

/** Most bytes of a body once decompressed. */
const decodedLimitBytes = 16 * 1024 * 1024;
/** A body may not grow by more than this, beyond the first megabyte: JSON compresses 5 to 50 times, bombs a thousand times. */
const growthLimit = 200;
const growthFreeBytes = 1024 * 1024;
/**
 * Most values of a body, at any depth: 10,000 events of 50. What JSON.parse makes of them costs far more than their bytes: 5 million empty lists in 16 MB
 * took a gigabyte, a million keys of one object held up everybody for more than a second.
 */
const valuesLimit = 500_000;
/** `content-encoding: gzip, gzip` exists; more layers than this are an attack. */
const layerLimit = 3;

type Encoding = 'gzip' | 'deflate' | 'br' | 'zstd';
type Decompress = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decompressors: Record<Encoding, Decompress> = {
  gzip: promisify(gunzip) as Decompress,
  br: promisify(brotliDecompress) as Decompress,
  zstd: promisify(zstdDecompress) as Decompress,
  deflate: (bytes, options) =>
    (hasZlibHead(bytes) ? (promisify(inflate) as Decompress) : (promisify(inflateRaw) as Decompress))(bytes, options),
};

const hasZlibHead = (bytes: Buffer): boolean =>
  bytes[0] === 0x78 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0;

const encodingByBytes = (bytes: Buffer): Encoding | null => {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return hasZlibHead(bytes) ? 'deflate' : null;
};

const looksLikeJson = (bytes: Buffer): boolean => /^(\xef\xbb\xbf)?\s*[[{]/.test(bytes.toString('latin1', 0, 64));

/** The next layer to take off: what the header says (last applied first), checked against the bytes; then what the bytes show. */
const nextEncoding = (layers: string[], bytes: Buffer): Encoding | null => {
  while (layers.length > 0) {
    const name = layers.pop()?.replace(/^x-/, '') ?? '';
    if (name === 'br' || name === 'deflate') return name;
    if (!['gzip', 'zstd', 'identity', ''].includes(name))
      throw new Failure(
        'bad_encoding',
        `content-encoding: expected gzip, deflate, br or zstd, got ${JSON.stringify(name)}`,
      );
    // A proxy may have decompressed and left the header on: the magic number decides, below.
    if (encodingByBytes(bytes) === name) return name as Encoding;
  }
  return encodingByBytes(bytes);
};

const isTooLarge = (error: unknown): boolean => (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';

const decompress = async (encoding: Encoding, bytes: Buffer, limit: number): Promise<Buffer> => {
  try {
    return await decompressors[encoding](bytes, { maxOutputLength: limit });
  } catch (error) {
    if (isTooLarge(error)) throw new Failure('too_large', `the body is larger than ${limit} bytes once decompressed`);
    // br and raw deflate have no magic number, so a proxy's stale header shows only now.
    if (looksLikeJson(bytes)) return bytes;
    throw new Failure('bad_encoding', `the body could not be decompressed as ${encoding}: ${(error as Error).message}`);
  }
};

/** Whether there is anything to unpack: most bodies are JSON as it is. */
export const isPacked = (body: Buffer, contentEncoding: string | undefined): boolean =>
  contentEncoding !== undefined || encodingByBytes(body) !== null;

/** Most bytes that a body may have once unpacked. */
export const unpackedLimit = (body: Buffer): number =>
  Math.min(decodedLimitBytes, Math.max(growthFreeBytes, body.length * growthLimit));

/**
 * The bytes of the JSON in a request's body, decompressed by what the bytes are and by what the header says.
 * @throws Failure `too_large`, `bad_encoding`
 */
export const decodeBytes = async (body: Buffer, contentEncoding: string | undefined): Promise<Buffer> => {
  const layers =
    contentEncoding === undefined
      ? []
      : contentEncoding
          .toLowerCase()
          .split(',')
          .map((s) => s.trim());
  if (layers.length > layerLimit) throw new Failure('bad_encoding', `more than ${layerLimit} content encodings`);
  const limit = unpackedLimit(body);
  let bytes = body;
  for (let layer = 0; ; layer += 1) {
    const encoding = nextEncoding(layers, bytes);
    if (encoding === null) return bytes;
    if (layer === layerLimit) throw new Failure('bad_encoding', `the body is compressed more than ${layerLimit} times`);
    bytes = await decompress(encoding, bytes, limit);
  }
};

/**
 * JSON text as a value. `__proto__` and the like become plain own properties (JSON.parse never sets a prototype).
 * @throws Failure `not_json`, with the place; `too_large` for too many values
 */
export const parseJson = (bytes: Buffer): unknown => {
  if (bytes.length === 0) throw new Failure('not_json', 'the body is empty; expected JSON, e.g. {"batch":[…]}');
  if (!isUtf8(bytes)) throw new Failure('not_json', 'the body is not valid UTF-8');
  // A value takes a byte at least.
  if (bytes.length > valuesLimit && holdsMoreValues(bytes, valuesLimit))
    throw new Failure('too_large', `the body holds more than ${valuesLimit} values`);
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw new Failure('not_json', `the body is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
};
