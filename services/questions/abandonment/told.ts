import { z } from 'zod';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { BasketEvent } from './basket.ts';
import { pieces, productsOf } from './products.ts';

/** What an event says about a basket, as one value. */
export const told: Sql = sql`tuple(
          toUnixTimestamp64Milli(timestamp), event, message_id, cart_id, checkout_id, order_id, product_id, variant, product_name, category,
          quantity, toString(price), JSONExtractString(properties, 'image_url'), JSONExtractString(properties, 'url'), currency,
          toString(coalesce(revenue, value)), products)`;

export const Told = z.tuple([
  z.coerce.number(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.number().nullable(),
  z.string().nullable(),
  z.string(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.string(),
]);

export const eventOf = (row: z.infer<typeof Told>): BasketEvent => {
  const [at, event, messageId, cartId, checkoutId, orderId, productId, variant, name, category, ...more] = row;
  const [quantity, price, imageUrl, url, currency, total, products] = more;
  const said = { productId, variant, name, category, price, currency, imageUrl, url };
  return {
    at,
    event,
    messageId,
    cartId,
    checkoutId,
    orderId,
    isOthers: false,
    product: productId === '' ? null : { ...said, quantity: pieces(quantity) },
    products: productsOf(products, currency),
    currency,
    total,
  };
};
