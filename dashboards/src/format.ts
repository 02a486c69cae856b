import type { Money } from '../../schemas/primitives.ts';

/** One language until there are more: texts and figures agree. */
const locale = 'en-GB';

const numbers = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
export const count = (value: number): string => numbers.format(value);
export const shortCount = (value: number): string => (Math.abs(value) < 10_000 ? count(value) : compact.format(value));

/** A share from 0 to 1: `2.4%`, whole percents from 10 on. */
export const percent = (share: number | null): string => {
  if (share === null || !Number.isFinite(share)) return '–';
  const digits = share !== 0 && Math.abs(share) < 0.0995 ? 1 : 0;
  return `${(share * 100).toFixed(digits)}%`;
};

/** Change of a figure: `+12%`; null where there was nothing to compare with. */
export const change = (now: number | null, before: number | null): number | null =>
  now === null || before === null || before === 0 ? null : (now - before) / before;

/** Decimal text keeps its cents: Intl takes it as text, not as a float. */
export const money = (amount: string, currency: string): string => {
  if (currency === '') return amount;
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount as Intl.StringNumericLiteral);
  } catch {
    return `${amount} ${currency}`;
  }
};
/** The sum in the site's currency as a number, for comparing; others are shown beside it, never added up. */
export const amountIn = (sums: readonly Money[], currency: string): number =>
  Number(sums.find((sum) => sum.currency === currency)?.amount ?? 0);

const units: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];
/** Two units at most: `2 d 4 h`, `3 min 20 s`, `45 s`. */
export const duration = (seconds: number | null): string => {
  if (seconds === null) return '–';
  if (seconds < 1) return seconds === 0 ? '0 s' : '< 1 s';
  const whole = Math.round(seconds);
  const first = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[first] ?? ['s', 1];
  const [nextName, nextSize] = units[first + 1] ?? ['', 0];
  const rest = nextSize === 0 ? 0 : Math.floor((whole % size) / nextSize);
  return `${Math.floor(whole / size)} ${name}${rest === 0 ? '' : ` ${rest} ${nextName}`}`;
};

/** `just now`, `4 min ago`, `3 h ago`, `2 d ago`. */
export const ago = (timestamp: string, nowMs: number): string => {
  const seconds = (nowMs - Date.parse(timestamp)) / 1000;
  if (seconds < 5) return 'just now';
  const [name, size] = units.find(([, one]) => seconds >= one) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${name} ago`;
};

const written = (options: Intl.DateTimeFormatOptions) => (timestamp: string, timeZone: string) =>
  new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(new Date(timestamp));

/** In the site's time zone, as all times of the pages. */
export const day = written({ day: 'numeric', month: 'short' });
export const longDay = written({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
export const time = written({ hour: '2-digit', minute: '2-digit' });
export const exactTime = written({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const dayAndTime = written({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
