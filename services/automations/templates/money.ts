import type { ActionItem } from '../../../schemas/action.ts';

/** Formats are costly to make and few are needed; currencies are strangers' words, so only so many are kept. */
const mostFormats = 200;
const formats = new Map<string, Intl.NumberFormat>();

/** @throws RangeError for what is no code of a currency */
const formatOf = (currency: string): Intl.NumberFormat => {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  if (formats.size >= mostFormats) formats.clear();
  formats.set(currency, format);
  return format;
};

/** Decimal text as money, e.g. `€119.90`; an unknown currency is written after the number. */
export const moneyText = (amount: string, currency: string): string => {
  try {
    // A string keeps every digit (ECMA-402, string decimals).
    return formatOf(currency).format(amount as `${number}`);
  } catch {
    return `${amount} ${currency}`.trim();
  }
};

/** What one piece costs, in the currency of its own; '' where nobody said. */
export const priceText = ({ price, currency }: ActionItem, basket: { currency: string }): string =>
  price === null ? '' : moneyText(price, currency || basket.currency);
