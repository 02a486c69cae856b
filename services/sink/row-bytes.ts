import {
  type EventColumn,
  eventColumns,
  type eventColumnTypes,
  eventColumnTypes as types,
} from '../../schemas/event.ts';
import type { EventRow } from './row.ts';

/**
 * Rows of `events` in ClickHouse's RowBinary (its docs, "Formats for input and output data"): a third of the CPU that JSON takes on either
 * side, since no text is escaped, quoted or parsed.
 */

/** Bytes of one row: `chunk` from `from` up to `to`. Rows that were encoded one after the other mostly share a chunk and touch. */
export type RowBytes = { chunk: Buffer; from: number; to: number };

const chunkBytes = 1024 * 1024;
/** The widest column that is no text: a flag and 8 bytes. */
const fixedBytes = 9;
/** Up to this length a loop is faster than a call into the runtime. */
const loopedCharacters = 24;

/** Where bytes are put next. */
type Target = { chunk: Buffer; from: number; at: number };

/** Moves the row begun to a new chunk where the old one has no room for `bytes` more. */
const makeRoom = (target: Target, bytes: number): void => {
  const { chunk, from, at } = target;
  if (at + bytes <= chunk.length) return;
  const next = Buffer.allocUnsafeSlow(Math.max(chunkBytes, 2 * (at - from + bytes)));
  chunk.copy(next, 0, from, at);
  target.chunk = next;
  target.from = 0;
  target.at = at - from;
};

/** LEB128 in as many bytes as said; a reader takes leading zeros. */
const putLength = (chunk: Buffer, at: number, length: number, width: number): void => {
  for (let index = 0, left = length; index < width; index += 1, left >>>= 7)
    chunk[at + index] = index < width - 1 ? (left & 0x7f) | 0x80 : left;
};

/** Of plain ASCII; -1 where it is not. */
const putAscii = (chunk: Buffer, start: number, text: string): number => {
  let at = start;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return -1;
    chunk[at] = code;
    at += 1;
  }
  return at;
};

/** The length is known only after the text is written, but not how wide it gets: as wide as the longest possible. */
const putText = (target: Target, text: string): void => {
  const most = text.length * 3;
  const width = most < 0x80 ? 1 : most < 0x4000 ? 2 : most < 0x20_0000 ? 3 : 4;
  makeRoom(target, most + width);
  const { chunk } = target;
  const start = target.at + width;
  const end = text.length <= loopedCharacters ? putAscii(chunk, start, text) : -1;
  const length = end < 0 ? chunk.write(text, start) : end - start;
  putLength(chunk, target.at, length, width);
  target.at = start + length;
};

/** Int64 from an integer that a double holds exactly. */
const putInt64 = (target: Target, value: number): void => {
  const { chunk, at } = target;
  const high = Math.floor(value / 0x1_0000_0000);
  chunk.writeUInt32LE(value - high * 0x1_0000_0000, at);
  chunk.writeInt32LE(high, at + 4);
  target.at = at + 8;
};

const putFlag = (target: Target, isNull: boolean): boolean => {
  target.chunk[target.at] = isNull ? 1 : 0;
  target.at += 1;
  return isNull;
};

/** Ten-thousandths of a decimal text (values.ts). */
const putDecimal = (target: Target, value: string): void => {
  const point = value.indexOf('.');
  const fraction = point < 0 ? '' : value.slice(point + 1);
  const digits = `${point < 0 ? value : value.slice(0, point)}${fraction.padEnd(4, '0')}`;
  if (digits.length <= 15) putInt64(target, Number(digits) || 0);
  else target.at = target.chunk.writeBigInt64LE(BigInt(digits), target.at);
};

type TypeName = (typeof eventColumnTypes)[EventColumn];

/** How a value of each type is put; `null` only reaches nullable ones. */
const writers: { readonly [Type in TypeName]: (target: Target, value: never) => void } = {
  String: putText,
  'LowCardinality(String)': putText,
  "DateTime64(3, 'UTC')": putInt64,
  "Nullable(DateTime64(3, 'UTC'))": (target, value: number | null) => {
    if (!putFlag(target, value === null) && value !== null) putInt64(target, value);
  },
  'Nullable(Decimal(18, 4))': (target, value: string | null) => {
    if (!putFlag(target, value === null) && value !== null) putDecimal(target, value);
  },
  'Nullable(Int32)': (target, value: number | null) => {
    if (!putFlag(target, value === null) && value !== null) target.at = target.chunk.writeInt32LE(value, target.at);
  },
  'Nullable(Float32)': (target, value: number | null) => {
    if (!putFlag(target, value === null) && value !== null) target.at = target.chunk.writeFloatLE(value, target.at);
  },
  UInt16: (target, value: number) => {
    target.at = target.chunk.writeUInt16LE(value, target.at);
  },
  UInt64: putInt64,
};

const columns = eventColumns.map((name) => ({
  name,
  write: writers[types[name]] as (target: Target, value: unknown) => void,
}));

/** Encodes rows one after the other; rows that were encoded stay as they are while later ones are added. */
export const createRowEncoder = (): ((row: EventRow) => RowBytes) => {
  const target: Target = { chunk: Buffer.alloc(0), from: 0, at: 0 };
  return (row) => {
    target.from = target.at;
    for (const { name, write } of columns) {
      makeRoom(target, fixedBytes);
      write(target, row[name]);
    }
    return { chunk: target.chunk, from: target.from, to: target.at };
  };
};

/** Names and types, so that the engine refuses rows that are not as its table is. */
const head = ((): Buffer => {
  const target: Target = { chunk: Buffer.alloc(0), from: 0, at: 0 };
  makeRoom(target, 1);
  target.chunk[0] = eventColumns.length;
  target.at = 1;
  for (const text of [...eventColumns, ...Object.values(types)]) putText(target, text);
  return Buffer.from(target.chunk.subarray(0, target.at));
})();

/** The body of an insert, RowBinaryWithNamesAndTypes, as few pieces: rows that touch are taken together, and nothing is copied. */
export const bodyOf = (rows: readonly RowBytes[]): readonly Buffer[] => {
  const stretches: RowBytes[] = [];
  for (const row of rows) {
    const last = stretches.at(-1);
    if (last !== undefined && last.chunk === row.chunk && last.to === row.from) last.to = row.to;
    else stretches.push({ ...row });
  }
  return [head, ...stretches.map(({ chunk, from, to }) => chunk.subarray(from, to))];
};
