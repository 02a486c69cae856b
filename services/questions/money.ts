import type { Money } from '../../schemas/primitives.ts';
import { type Sql, sql } from '../platform/warehouse/sql.ts';

/** Properties of events that are money unless a question says otherwise: never added up across currencies. */
export const moneyProperties: ReadonlySet<string> = new Set(['price', 'revenue', 'value']);

/** The currency of an event's money: the site's where it names none. */
export const currencyOf = (site: { currency: string }): Sql => sql`if(currency = '', ${site.currency}, currency)`;

/** Exact decimals as whole numbers of ten-thousandths: Decimal(18, 4) of the warehouse. */
const digits = 4;
const scale = 10n ** BigInt(digits);

/** `19.9` -> 199000n; 0n for what is no decimal. */
export const toUnits = (text: string): bigint => {
  const match = /^(-?)(\d+)(?:\.(\d{1,4})\d*)?$/.exec(text.trim());
  if (match === null) return 0n;
  const [, sign, whole = '0', fraction = ''] = match;
  const units = BigInt(whole) * scale + BigInt(fraction.padEnd(digits, '0'));
  return sign === '-' ? -units : units;
};

/** With two decimals at least, as prices are written: `19.90`. */
export const fromUnits = (units: bigint): string => {
  const positive = units < 0n ? -units : units;
  const fraction = String(positive % scale)
    .padStart(digits, '0')
    .replace(/0{1,2}$/, '');
  return `${units < 0n ? '-' : ''}${positive / scale}.${fraction}`;
};

/** Sums by currency, largest first. */
export const moneyOf = (sums: ReadonlyMap<string, bigint>): Money[] =>
  [...sums]
    .sort(([one, a], [other, b]) => (a === b ? (one < other ? -1 : 1) : a < b ? 1 : -1))
    .map(([currency, units]) => ({ currency, amount: fromUnits(units) }));

/** An amount divided, rounded half away from zero; null for none to divide by. */
export const perOne = (units: bigint, count: number): string | null => {
  if (count === 0) return null;
  const divisor = BigInt(count);
  const positive = units < 0n ? -units : units;
  const rounded = (2n * positive + divisor) / (2n * divisor);
  return fromUnits(units < 0n ? -rounded : rounded);
};
