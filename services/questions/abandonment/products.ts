import { z } from 'zod';
import type { BasketLine } from '../../../schemas/api/abandonment.ts';
import { fromUnits, toUnits } from '../money.ts';

/** A product as an event says it; null where it does not say how many, or what one costs. */
export type SaidProduct = Omit<BasketLine, 'quantity'> & { quantity: number | null };

/** Shops send null, a list or an object where a text belongs: then nothing is said. */
const Word = z.union([z.string(), z.number()]).optional().catch(undefined);
/** A product as shops send it in a list, in Segment's words or GA4's. */
const Product = z.object({
  product_id: Word,
  sku: Word,
  item_id: Word,
  name: Word,
  item_name: Word,
  variant: Word,
  item_variant: Word,
  category: Word,
  item_category: Word,
  quantity: Word,
  price: Word,
  currency: Word,
  image_url: Word,
  url: Word,
});

/** More pieces of one thing are a mistake of the shop's. */
const mostPieces = 1_000_000;

const first = (...words: readonly (string | number | undefined)[]): string =>
  String(words.find((word) => word !== undefined && word !== '') ?? '');

/** Null where it is no whole number of pieces. */
export const pieces = (said: string | number | null | undefined): number | null => {
  const count = said === null || said === undefined || said === '' ? Number.NaN : Number(said);
  return Number.isInteger(count) && count >= 0 ? Math.min(count, mostPieces) : null;
};

const decimal = (said: string | number | undefined): string | null => {
  // Rounded, not cut, where a float has more digits: 19.999999999999996 is what it makes of 20.
  const text = typeof said === 'number' && /e|\.\d{5}/.test(String(said)) ? said.toFixed(4) : String(said).trim();
  return /^-?\d{1,14}(\.\d+)?$/.test(text) ? fromUnits(toUnits(text)) : null;
};

const saidProduct = (value: unknown, currency: string): SaidProduct[] => {
  const parsed = Product.safeParse(value);
  if (!parsed.success) return [];
  const { data } = parsed;
  const productId = first(data.product_id, data.sku, data.item_id);
  if (productId === '') return [];
  const ownCurrency = first(data.currency).toUpperCase();
  return [
    {
      productId,
      variant: first(data.variant, data.item_variant),
      name: first(data.name, data.item_name),
      category: first(data.category, data.item_category),
      quantity: pieces(data.quantity),
      price: decimal(data.price),
      currency: /^[A-Z]{3}$/.test(ownCurrency) ? ownCurrency : currency,
      imageUrl: first(data.image_url),
      url: first(data.url),
    },
  ];
};

/** The column `products` (JSON, or '') as said, in the event's currency unless a product has its own; null where the event had no list. */
export const productsOf = (json: string, currency: string): SaidProduct[] | null => {
  if (json === '') return null;
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.flatMap((value) => saidProduct(value, currency)) : null;
};
