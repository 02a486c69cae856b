import type { LogRecord } from './log.ts';

/** A label is part of a key of the store, which takes 1,978 bytes. */
const longestLabelBytes = 1000;
/** What two bytes can tell. */
const longestKeyBytes = 65_535;

/** appendedAt (8 bytes), count (4), lengths of label and key (2 each), label, key, value. */
const fixedBytes = 16;

/** @throws RangeError for a label, key or count that the header cannot hold. */
export const encodeRecord = (record: LogRecord, appendedAt: number): Buffer => {
  const label = Buffer.from(record.label);
  const key = Buffer.from(record.key);
  if (label.length > longestLabelBytes) throw new RangeError(`a label of ${label.length} bytes`);
  if (key.length > longestKeyBytes) throw new RangeError(`a key of ${key.length} bytes`);
  const bytes = Buffer.allocUnsafe(fixedBytes + label.length + key.length + record.value.length);
  bytes.writeDoubleLE(appendedAt, 0);
  bytes.writeUInt32LE(record.count, 8);
  bytes.writeUInt16LE(label.length, 12);
  bytes.writeUInt16LE(key.length, 14);
  label.copy(bytes, fixedBytes);
  key.copy(bytes, fixedBytes + label.length);
  record.value.copy(bytes, fixedBytes + label.length + key.length);
  return bytes;
};

export const decodeRecord = (bytes: Buffer): LogRecord & { appendedAt: number } => {
  const labelEnd = fixedBytes + bytes.readUInt16LE(12);
  const keyEnd = labelEnd + bytes.readUInt16LE(14);
  return {
    appendedAt: bytes.readDoubleLE(0),
    count: bytes.readUInt32LE(8),
    label: bytes.toString('utf8', fixedBytes, labelEnd),
    key: bytes.toString('utf8', labelEnd, keyEnd),
    value: bytes.subarray(keyEnd),
  };
};

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same key in the same partition, on every start. */
export const partitionOf = (key: string, partitions: number): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  // The low bits of FNV are its weakest: fold the high ones in.
  return ((hash ^ (hash >>> 15)) >>> 0) % partitions;
};
