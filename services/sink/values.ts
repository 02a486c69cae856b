/** How loose JSON values become columns. Whatever does not fit leaves the column empty; the event's JSON keeps it as it came. */

/** Longer text belongs in the JSON, not in a typed column. */
const longestText = 2000;

export const text = (value: unknown): string => {
  if (typeof value === 'string') return value.length > longestText ? value.slice(0, longestText).toWellFormed() : value;
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

const decimalPattern = /^\s*(-?)(\d*)(?:\.(\d*))?\s*$/;

/** Decimal(18, 4) as text, exact for texts; digits beyond the fourth are cut. Null where it is no such number. */
export const decimal = (value: unknown): string | null => {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Math.abs(value) >= 1e14) return null;
    const shortest = String(value);
    return decimal(shortest.includes('e') ? value.toFixed(4) : shortest);
  }
  if (typeof value !== 'string') return null;
  const match = decimalPattern.exec(value);
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
  return typeof value === 'string' && decimalPattern.test(value) && value.trim() !== '' ? Number(value) : null;
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

/** Milliseconds UTC as ClickHouse reads them fastest: `2026-10-01 00:00:00.123`. */
export const columnTime = (milliseconds: number): string => {
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
};

/** Milliseconds of an ISO 8601 text or of a number of (milli)seconds; null for anything else. */
export const instant = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value < 1e11 ? value * 1000 : value) : null;
  if (typeof value !== 'string' || value === '') return null;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? null : milliseconds;
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
