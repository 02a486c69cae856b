/** How loose JSON values become columns. Whatever does not fit leaves the column empty; the event's JSON keeps it as it came. */

/** Longer text belongs in the JSON, not in a typed column. */
const longestText = 2000;

export const text = (value: unknown): string => {
  // Half of a surrogate pair would make the engine refuse the whole block.
  if (typeof value === 'string') return value.slice(0, longestText).toWellFormed();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

/** The first that says something. */
export const firstText = (...values: readonly unknown[]): string => {
  for (const value of values) {
    const found = text(value);
    if (found !== '') return found;
  }
  return '';
};

/** Of text without blanks around it: as all of it may be missing, blanks in the pattern would be tried again from every one (100 KB took 4 s). */
const decimalPattern = /^(-?)(\d*)(?:\.(\d*))?$/;

/** Decimal(18, 4) as text, exact for texts; digits beyond the fourth are cut. Null where it is no such number. */
export const decimal = (value: unknown): string | null => {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Math.abs(value) >= 1e14) return null;
    const shortest = String(value);
    // Rounded, not cut, where there are more digits: 19.999999999999996 is what a float makes of 20.
    return decimal(/e|\.\d{5}/.test(shortest) ? value.toFixed(4) : shortest);
  }
  if (typeof value !== 'string') return null;
  const match = decimalPattern.exec(value.trim());
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = whole.replace(/^0+(?=\d)/, '');
  if ((whole === '' && fraction === '') || digits.length > 14) return null;
  const kept = fraction.slice(0, 4);
  return `${sign}${digits === '' ? '0' : digits}${kept === '' ? '' : `.${kept}`}`;
};

/** The first that is a number. */
export const firstDecimal = (...values: readonly unknown[]): string | null => {
  for (const value of values) {
    const found = decimal(value);
    if (found !== null) return found;
  }
  return null;
};

const numberOf = (value: unknown): number | null => {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const plain = value.trim();
  return plain !== '' && decimalPattern.test(plain) ? Number(plain) : null;
};

export const integer = (value: unknown): number | null => {
  const number = numberOf(value);
  return number !== null && Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : null;
};

export const float = (value: unknown): number | null => {
  const number = numberOf(value);
  return number !== null && Number.isFinite(number) && Math.abs(number) < 1e30 ? number : null;
};

export type JsonObject = Readonly<Record<string, unknown>>;
const nothing: JsonObject = {};

export const object = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : nothing;

/** JSON of an object that says something, else ''. */
export const json = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return '';
  const written = JSON.stringify(value);
  return written === '{}' || written === '[]' ? '' : written;
};

/** Times that the columns hold and `toISOString` writes with four digits of year; a client may say any other. */
const earliestTime = 0;
const latestTime = Date.UTC(2200, 0, 1);

/** The time itself where a column can hold it, else null. */
export const storable = (milliseconds: number | null): number | null =>
  milliseconds !== null && milliseconds >= earliestTime && milliseconds < latestTime ? milliseconds : null;

/** Milliseconds of an ISO 8601 text or of a number of (milli)seconds; null for anything else, and where no column holds it. */
export const instant = (value: unknown): number | null => {
  if (typeof value === 'number') return storable(Math.trunc(value < 1e11 ? value * 1000 : value));
  return typeof value === 'string' && value !== '' ? storable(Date.parse(value)) : null;
};

/** ISO 4217: three letters. */
export const currencyCode = (value: unknown): string => {
  const code = text(value).trim().toUpperCase();
  return /^[A-Z]{3}$/.test(code) ? code : '';
};

/** An address without its last part, so that it names a household or a company and no person: /24 for IPv4, /48 for IPv6. */
export const truncatedIp = (address: string): string => {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(mapped);
  if (v4 !== null) return `${v4[1]}.0`;
  if (!/^[0-9a-f:]+$/i.test(address)) return '';
  const [head = ''] = address.split('::');
  const groups = head
    .split(':')
    .filter((group) => group !== '')
    .slice(0, 3);
  return groups.length === 0 ? '' : `${groups.join(':')}::`;
};
