import { z } from 'zod';
import { Cursor, DecimalText, isInOrder, Money, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

export const AbandonmentQuery = z
  .object({
    kind: z.enum(['cart', 'checkout']).default('cart'),
    /** Baskets whose last activity lies in `from <= t < to`. */
    from: Timestamp,
    to: Timestamp,
    /** Seconds without activity after which a basket counts as abandoned. */
    idleSeconds: z
      .number()
      .int()
      .min(1)
      .max(366 * 86_400)
      .default(3600),
    /** Seconds after abandonment within which an order still recovers the basket; later it counts as lost. */
    recoverySeconds: z
      .number()
      .int()
      .min(1)
      .max(366 * 86_400)
      .default(7 * 86_400),
    /** As known at this time; default now. */
    asOf: Timestamp.optional(),
    status: z.enum(['open', 'abandoned', 'recovered', 'lost']).optional(),
    cursor: Cursor.optional(),
    limit: z.number().int().min(1).max(500).default(50),
  })
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' });
export type AbandonmentQuery = z.infer<typeof AbandonmentQuery>;

export const BasketItem = z.object({
  productId: z.string(),
  name: z.string(),
  quantity: z.number().int(),
  /** Of one piece, as last seen; null where no event said one. */
  price: DecimalText.nullable(),
  imageUrl: z.string(),
  url: z.string(),
});
export type BasketItem = z.infer<typeof BasketItem>;

export const Basket = z.object({
  person: PersonId,
  userId: z.string(),
  email: z.string(),
  cartId: z.string(),
  /** open: active within the idle time. abandoned: idle, may still come back. recovered: ordered after it was abandoned. lost: idle for longer than the recovery time. */
  status: z.enum(['open', 'abandoned', 'recovered', 'lost']),
  items: z.array(BasketItem),
  /** What was taken out, and when. */
  removed: z.array(BasketItem.extend({ removedAt: Timestamp })),
  /** Of what is left in it; for a recovered basket, of what was in it when it was abandoned. */
  value: DecimalText,
  currency: z.string(),
  /** Of the order that recovered it. */
  recoveredValue: DecimalText.nullable(),
  orderId: z.string(),
  lastActivity: Timestamp,
  /** First time something was put in. */
  since: Timestamp,
});
export type Basket = z.infer<typeof Basket>;

export const AbandonmentAnswer = z.object({
  open: z.number().int(),
  abandoned: z.number().int(),
  recovered: z.number().int(),
  lost: z.number().int(),
  /** Baskets that were ordered without having been abandoned. */
  completed: z.number().int(),
  /** (abandoned + recovered + lost) / all baskets but the open ones, 0 to 1; null where there are none. */
  rate: z.number().nullable(),
  valueAtRisk: z.array(Money),
  recoveredValue: z.array(Money),
  carts: z.array(Basket),
  nextCursor: Cursor.nullable(),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type AbandonmentAnswer = z.infer<typeof AbandonmentAnswer>;

export const queryAbandonment = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/abandonment/query',
  summary: 'Baskets or checkouts that were left: how many, worth what, whose, with what in them and what was taken out',
  access: 'viewer',
  params,
  body: AbandonmentQuery,
  answer: AbandonmentAnswer,
});
