import { z } from 'zod';
import type { BasketItem } from '../../../schemas/api/abandonment.ts';
import { fromUnits, toUnits } from '../money.ts';

/** A product as shops send it in a list, in Segment's words or GA4's. */
const Product = z.looseObject({
  product_id: z.coerce.string().optional(),
  sku: z.coerce.string().optional(),
  item_id: z.coerce.string().optional(),
  name: z.coerce.string().optional(),
  item_name: z.coerce.string().optional(),
  quantity: z.coerce.number().optional(),
  price: z.coerce.string().optional(),
  image_url: z.coerce.string().optional(),
  url: z.coerce.string().optional(),
});

const itemOf = (value: unknown): BasketItem[] => {
  const product = Product.safeParse(value);
  if (!product.success) return [];
  const { product_id, sku, item_id, name, item_name, quantity, price, image_url, url } = product.data;
  const productId = product_id ?? sku ?? item_id ?? '';
  const count =
    quantity !== undefined && Number.isInteger(quantity) && quantity > 0 ? Math.min(quantity, 1_000_000) : 1;
  if (productId === '') return [];
  return [
    {
      productId,
      name: name ?? item_name ?? '',
      quantity: count,
      price: price !== undefined && /^-?\d+(\.\d+)?$/.test(price) ? fromUnits(toUnits(price)) : null,
      imageUrl: image_url ?? '',
      url: url ?? '',
    },
  ];
};

/** The column `products` (JSON, or '') as items; null where the event had no list. */
export const productsOf = (json: string): BasketItem[] | null => {
  if (json === '') return null;
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.flatMap(itemOf) : null;
};
