/** Where a value stands in the bytes of a body: from its first byte up to behind its last. */
export type Span = { from: number; to: number };

/*
 * For bytes of which JSON.parse made something: nothing here checks them again, but whatever they are, each step goes forward. No step calls itself,
 * so depth costs nothing.
 */

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const [listStart, listEnd, objectStart, objectEnd] = [0x5b, 0x5d, 0x7b, 0x7d];

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const skipBlanks = (bytes: Buffer, from: number): number => {
  let at = from;
  while (isBlank(bytes[at])) at += 1;
  return at;
};

/** Behind the text whose opening quote is at `from`. */
export const endOfText = (bytes: Buffer, from: number): number => {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at + 1;
};

const endOfWord = (bytes: Buffer, from: number): number => {
  let at = from;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === comma || byte === listEnd || byte === objectEnd || isBlank(byte)) return at;
  }
  return at;
};

const endOfValue = (bytes: Buffer, from: number): number => {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at);
    else {
      if (byte === listStart || byte === objectStart) depth += 1;
      else if (byte === listEnd || byte === objectEnd) depth -= 1;
      else if (depth === 0) return endOfWord(bytes, at);
      at += 1;
    }
    if (depth === 0) return at;
  }
  return at;
};

const valueAt = (bytes: Buffer, at: number): Span => {
  const from = skipBlanks(bytes, at);
  return { from, to: endOfValue(bytes, from) };
};

const isAt = (bytes: Buffer, { from }: Span, byte: number): boolean => bytes[from] === byte;

/** The values of a list. */
const itemsOf = (bytes: Buffer, list: Span): Span[] => {
  const items: Span[] = [];
  let at = skipBlanks(bytes, list.from + 1);
  while (at < list.to - 1) {
    const item = valueAt(bytes, at);
    items.push(item);
    at = skipBlanks(bytes, skipBlanks(bytes, item.to) + 1);
  }
  return items;
};

/** What a member's name says; null for what is no text. */
const nameIn = (bytes: Buffer, { from, to }: Span): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8', from, to));
  } catch {
    return null;
  }
};

/** The value of a member of an object; of several by one name the last, as JSON.parse takes it. Null where there is none. */
export const memberOf = (bytes: Buffer, object: Span, name: string): Span | null => {
  let found: Span | null = null;
  let at = skipBlanks(bytes, object.from + 1);
  while (at < object.to - 1) {
    const end = endOfText(bytes, at);
    const key = nameIn(bytes, { from: at, to: end });
    const value = valueAt(bytes, bytes.indexOf(colon, end) + 1);
    if (key === name) found = value;
    at = skipBlanks(bytes, skipBlanks(bytes, value.to) + 1);
  }
  return found;
};

export const isObjectAt = (bytes: Buffer, span: Span): boolean => isAt(bytes, span, objectStart);

/** Where the body itself stands, without a byte order mark and blanks around it. */
export const bodySpan = (bytes: Buffer): Span => valueAt(bytes, bytes[0] === 0xef ? 3 : 0);

/** Where the events of a body stand: those of a list, of an object's `batch`, or the one that it is. */
export const eventSpans = (bytes: Buffer): readonly Span[] => {
  const body = bodySpan(bytes);
  if (isAt(bytes, body, listStart)) return itemsOf(bytes, body);
  const batch = isObjectAt(bytes, body) ? memberOf(bytes, body, 'batch') : null;
  return batch !== null && isAt(bytes, batch, listStart) ? itemsOf(bytes, batch) : [body];
};

/** Whether there are more than `most` values in the bytes, at any depth (what is empty counts as two). Bytes that are no JSON are counted too. */
export const holdsMoreValues = (bytes: Buffer, most: number): boolean => {
  let values = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at) - 1;
    else if (byte === comma || byte === listStart || byte === objectStart) values += 1;
    if (values > most) return true;
  }
  return false;
};
