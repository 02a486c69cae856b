import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';

const megabyte = 1024 * 1024;

/** What compresses 200 times and more is refused for that alone: so much chance in a body lets it be as large as one may be. */
const ballast = (): string => randomBytes(120_000).toString('base64');
/** JSON, compressed, that is just not too large once unpacked. */
const packedEvent = (properties: string): Buffer =>
  gzipSync(
    `{"type":"track","event":"Bomb","userId":"u","context":{"ballast":"${ballast()}"},"properties":${properties}}`,
    { level: 1 },
  );
const times = (text: string, bytes: number): string => text.repeat(Math.floor(bytes / text.length));

export type Bomb = {
  name: string;
  headers?: Record<string, string>;
  body: () => Buffer;
  /** What it may be answered with. */
  statuses: readonly number[];
};

const gzip = { 'content-encoding': 'gzip' };
const light = (index: number): string => `{"type":"track","event":"E","userId":"u${index}"}`;
const listOf = (events: number, event: (index: number) => string): string =>
  `[${Array.from({ length: events }, (_, index) => event(index)).join(',')}]`;

/** What is small on the wire and large behind it, or slow. */
export const bombs: readonly Bomb[] = [
  {
    name: '4 MB of gzip that are 4 GB',
    headers: gzip,
    // Members of a gzip file follow each other: one is made, and put there 60 times.
    body: () => Buffer.concat(new Array<Buffer>(60).fill(gzipSync(Buffer.alloc(64 * megabyte), { level: 9 }))),
    statuses: [413],
  },
  {
    name: 'brotli of 256 MB',
    headers: { 'content-encoding': 'br' },
    body: () => brotliCompressSync(Buffer.alloc(256 * megabyte), { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }),
    statuses: [413],
  },
  {
    name: 'zstd of 256 MB',
    headers: { 'content-encoding': 'zstd' },
    body: () => zstdCompressSync(Buffer.alloc(256 * megabyte)),
    statuses: [413],
  },
  {
    name: 'gzip in gzip in gzip',
    headers: { 'content-encoding': 'gzip, gzip, gzip' },
    body: () => gzipSync(gzipSync(gzipSync(Buffer.alloc(64 * megabyte)))),
    statuses: [413],
  },
  { name: 'one text of 15 MB', headers: gzip, body: () => packedEvent(`{"a":"${times('x', 15e6)}"}`), statuses: [200] },
  { name: 'quotes', headers: gzip, body: () => packedEvent(`{"a":"${times('\\"', 15e6)}"}`), statuses: [200] },
  {
    name: 'halves of surrogate pairs',
    headers: gzip,
    body: () => packedEvent(`{"a":"${times('\\ud800', 15e6)}"}`),
    statuses: [200],
  },
  {
    name: 'a number of 15 million digits',
    headers: gzip,
    body: () => packedEvent(`{"a":${times('9', 15e6)}}`),
    statuses: [200],
  },
  {
    name: 'numbers that are longer once written anew',
    headers: gzip,
    body: () => packedEvent(`{"a":[${times('1e20,', 2_400_000)}0]}`),
    statuses: [200],
  },
  {
    name: 'lists in lists, millions deep',
    headers: gzip,
    body: () => packedEvent(times('[', 7e6) + times(']', 7e6)),
    statuses: [413],
  },
  {
    name: 'objects in objects, as deep as values are counted',
    headers: gzip,
    body: () => packedEvent(`${times('{"":', 1_500_000)}0${times('}', 375_000)}`),
    statuses: [200],
  },
  { name: 'empty lists', headers: gzip, body: () => packedEvent(`[${times('[],', 15e6)}0]`), statuses: [413] },
  {
    name: 'half a million keys',
    headers: gzip,
    body: () => packedEvent(`{${Array.from({ length: 490_000 }, (_, index) => `"k${index}":0`).join(',')}}`),
    statuses: [200],
  },
  {
    name: 'a quarter of a million bad products',
    body: () =>
      Buffer.from(
        `{"type":"track","event":"Order Completed","userId":"u","properties":{"order_id":"1","products":[${times('0,', 500_000)}0]}}`,
      ),
    statuses: [200],
  },
  {
    name: 'a context of 60 KB for 10,000 events',
    body: () => Buffer.from(`{"context":{"a":"${times('x', 60_000)}"},"batch":${listOf(10_000, light)}}`),
    statuses: [413],
  },
  {
    name: 'a context of 1 MB for 15 events, each too large with it',
    body: () => Buffer.from(`{"batch":${listOf(15, light)},"context":{"a":"${times('x', 1e6)}"}}`),
    statuses: [200],
  },
  { name: 'ten thousand events', body: () => Buffer.from(listOf(10_000, light)), statuses: [200] },
  { name: 'ten thousand that are none', body: () => Buffer.from(listOf(10_000, () => '0')), statuses: [200] },
  { name: 'a million that are none', body: () => Buffer.from(listOf(1_000_000, () => '0')), statuses: [413] },
  { name: '4 MB of blanks', body: () => Buffer.alloc(4 * megabyte, 0x20), statuses: [400] },
  { name: '4 MB of zeros', body: () => Buffer.alloc(4 * megabyte), statuses: [400] },
];
