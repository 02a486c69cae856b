import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { getDiscount, redeemDiscount } from '../../schemas/api/discounts.ts';
import { Failure } from '../platform/failure.ts';
import { fieldErrors } from '../platform/http/serve.ts';
import { currency, findProduct, isEnoughFor, totals } from './catalogue.ts';
import type { Client } from './client.ts';
import { productReport } from './pages.ts';

/** The shop's server speaks to Desirepath as any other would: over HTTP, with the site's secret key. */
export type CheckoutDeps = { client: () => Client; secretKey: string; siteId: string };

const Code = z.string().trim().min(1).max(60);
const Lines = z
  .array(z.object({ id: z.string().max(60), quantity: z.number().int().min(1).max(20) }))
  .min(1)
  .max(50);
const Account = z.object({ name: z.string().trim().min(1).max(100), email: z.email().max(200) });
const Order = z.object({ cartId: z.string().min(1).max(80), lines: Lines, code: Code.nullable() });

const read = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error);
  throw new Failure('bad_request', errors.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; '), {
    errors,
  });
};

/** Prices are the server's: what a browser says of them counts for nothing. */
const priced = (lines: z.infer<typeof Lines>) =>
  lines.map(({ id, quantity }) => {
    const product = findProduct(id);
    if (product === null) throw new Failure('bad_request', `lines: "${id}" is not sold here`);
    return { product, quantity };
  });

/** The part of the shop that needs a server: who somebody is, what a code is worth, what an order costs. */
export const mountCheckout = (shop: FastifyInstance, { client, secretKey, siteId }: CheckoutDeps): void => {
  const discountPath = (code: string): string => `/api/sites/${siteId}/discounts/${encodeURIComponent(code)}`;

  const look = (code: string) => client().call('GET', discountPath(code), getDiscount.answer, { key: secretKey });

  /** Only the shop knows what the order is worth: a code that asks for more is not used up. */
  const redeem = async (code: string, { orderId, goodsCents }: { orderId: string; goodsCents: number }) => {
    const found = await look(code);
    if (!isEnoughFor(found, goodsCents))
      throw new Failure(
        'bad_request',
        `code: it is good for orders of ${found.minimumOrder?.amount} ${currency} or more`,
      );
    const options = { body: { orderId }, key: secretKey };
    return client().call('POST', `${discountPath(code)}/redeem`, redeemDiscount.answer, options);
  };

  shop.post('/demo/api/account', async (request) => {
    const { name, email } = read(Account, request.body);
    const [firstName = name, ...rest] = name.split(/\s+/);
    const address = email.toLowerCase();
    const userId = `visitor-${createHash('sha256').update(address).digest('hex').slice(0, 12)}`;
    return { userId, name, firstName, lastName: rest.join(' '), email: address };
  });

  shop.post('/demo/api/discount', async (request) => {
    const { code } = read(z.object({ code: Code }), request.body);
    const { redeemable, ...found } = await look(code);
    return { ...found, isGood: redeemable };
  });

  shop.post('/demo/api/orders', async (request) => {
    const order = read(Order, request.body);
    const lines = priced(order.lines);
    const orderId = `order-${randomBytes(5).toString('hex')}`;
    const goodsCents = lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);
    const redeemed = order.code === null ? null : await redeem(order.code, { orderId, goodsCents });
    const sum = totals(goodsCents, redeemed);
    return {
      order_id: orderId,
      cart_id: order.cartId,
      subtotal: sum.revenueCents / 100,
      revenue: sum.revenueCents / 100,
      discount: sum.discountCents / 100,
      shipping: sum.parcelCents / 100,
      tax: sum.taxCents / 100,
      total: sum.totalCents / 100,
      ...(redeemed === null ? {} : { coupon: redeemed.code }),
      currency,
      products: lines.map(({ product, quantity }) => ({ ...productReport(product), quantity })),
    };
  });
};
