import type { ActionItem } from '../../../schemas/action.ts';

/** Decimal text as money, e.g. `€119.90`; an unknown currency is written after the number. */
export const moneyText = (amount: string, currency: string): string => {
  try {
    // A string keeps every digit (ECMA-402, string decimals).
    return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount as `${number}`);
  } catch {
    return `${amount} ${currency}`.trim();
  }
};

/** What one piece costs, in the currency of its own; '' where nobody said. */
export const priceText = ({ price, currency }: ActionItem, basket: { currency: string }): string =>
  price === null ? '' : moneyText(price, currency || basket.currency);

/** `30 November 2026`, in UTC. */
export const dayText = (iso: string): string =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(iso),
  );
