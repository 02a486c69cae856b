import { z } from 'zod';
import { Cursor, DecimalText, isInOrder, Money, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const seconds = z
  .number()
  .int()
  .min(1)
  .max(366 * 86_400);
/** Any of these. */
const anyOf = z.array(z.string().max(500)).min(1).max(100);

export const AbandonmentKind = z.enum(['cart', 'checkout', 'browse']);
export type AbandonmentKind = z.infer<typeof AbandonmentKind>;

/** Whose and which baskets: the same for every question about them. */
const scope = {
  /** Baskets whose last activity lies in `from <= t < to`. */
  from: Timestamp,
  to: Timestamp,
  /** Seconds without activity after which a basket counts as abandoned. */
  idleSeconds: seconds.default(3600),
  /** Seconds after abandonment within which an order still recovers the basket; later it counts as lost. */
  recoverySeconds: seconds.default(7 * 86_400),
  /** By the events up to this time; default now. */
  asOf: Timestamp.optional(),
};
const isRange = { path: ['to'], message: 'must be later than "from"' };

export const AbandonmentQuery = z
  .object({
    kind: AbandonmentKind.default('cart'),
    ...scope,
    /** A mail to the person within this time before the order, and after the basket was left, assisted its recovery. */
    assistSeconds: seconds.default(5 * 86_400),
    /** The same figures by what is in the basket, or by the campaign source that brought the person before. */
    breakdown: z.enum(['product', 'category', 'source']).optional(),
    breakdownLimit: z.number().int().min(1).max(100).default(10),
    /** Only baskets that hold one of these products, something of these categories, that came from one of these sources. */
    filter: z.object({ product: anyOf, category: anyOf, source: anyOf }).partial().default({}),
    status: z.enum(['open', 'abandoned', 'recovered', 'lost']).optional(),
    cursor: Cursor.optional(),
    limit: z.number().int().min(1).max(500).default(50),
  })
  .refine(isInOrder, isRange);
export type AbandonmentQuery = z.infer<typeof AbandonmentQuery>;

/** What mails about a basket need to know of a product in it. */
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

export const BasketLine = BasketItem.extend({
  variant: z.string(),
  category: z.string(),
  /** Of the price. */
  currency: z.string(),
});
export type BasketLine = z.infer<typeof BasketLine>;

export const Basket = z.object({
  person: PersonId,
  userId: z.string(),
  email: z.string(),
  cartId: z.string(),
  /**
   * open: active within the idle time. abandoned: idle, may still come back. recovered: ordered (of a browse: put into a basket) after it was abandoned. lost: idle
   * for longer than the recovery time, or its order was cancelled.
   */
  status: z.enum(['open', 'abandoned', 'recovered', 'lost']),
  /** In the basket; of a browse, what was looked at in its last visit. */
  items: z.array(BasketLine),
  /** What was taken out, and when. */
  removed: z.array(BasketLine.extend({ removedAt: Timestamp })),
  /** Of what is left in it, in `currency`; for a recovered basket, of what was in it when it was abandoned. */
  value: DecimalText,
  currency: z.string(),
  /** The same where prices of several currencies are in it. */
  values: z.array(Money),
  /** Who or what brought it back: nobody, a mail that was sent, a mail that was clicked. Null where it is not recovered. */
  recovery: z.enum(['organic', 'mailed', 'clicked']).nullable(),
  /** Of the order that recovered it, less what was refunded. */
  recoveredValue: DecimalText.nullable(),
  recoveredCurrency: z.string(),
  orderId: z.string(),
  /** The order that had recovered it was cancelled. */
  cancelledAt: Timestamp.nullable(),
  lastActivity: Timestamp,
  /** First time something was put in; of a browse, was looked at. */
  since: Timestamp,
});
export type Basket = z.infer<typeof Basket>;

const figures = {
  open: z.number().int(),
  abandoned: z.number().int(),
  recovered: z.number().int(),
  lost: z.number().int(),
  /** Baskets that were ordered without having been abandoned. */
  completed: z.number().int(),
  /** Of the recovered ones, those that a mail assisted. */
  assisted: z.number().int(),
  /** (abandoned + recovered + lost) / all baskets but the open ones, 0 to 1; null where there are none. */
  rate: z.number().nullable(),
  valueAtRisk: z.array(Money),
  recoveredValue: z.array(Money),
  assistedValue: z.array(Money),
};
export const BasketFigures = z.object(figures);
export type BasketFigures = z.infer<typeof BasketFigures>;

/** `value` is `(none)` where there is none and `(other)` for all beyond the limit. */
export const BasketBreakdownRow = z.object({ value: z.string(), name: z.string(), ...figures });
export type BasketBreakdownRow = z.infer<typeof BasketBreakdownRow>;

export const AbandonmentAnswer = z.object({
  ...figures,
  /** Where asked for. A basket counts in the row of everything in it; its money is divided among them, so that the rows add up to the whole. */
  breakdown: z.array(BasketBreakdownRow).optional(),
  carts: z.array(Basket),
  nextCursor: Cursor.nullable(),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type AbandonmentAnswer = z.infer<typeof AbandonmentAnswer>;

export const queryAbandonment = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/abandonment/query',
  summary:
    'Baskets, checkouts or products looked at that were left: how many, worth what, whose, with what in them and what was taken out',
  access: 'viewer',
  params,
  body: AbandonmentQuery,
  answer: AbandonmentAnswer,
});

export const RemovedProductsQuery = z
  .object({
    /** `from` and `to`: when it was taken out. `recoverySeconds`: bought within this time after it counts as bought later. */
    ...scope,
    limit: z.number().int().min(1).max(500).default(50),
  })
  .refine(isInOrder, isRange);
export type RemovedProductsQuery = z.infer<typeof RemovedProductsQuery>;

const removals = {
  /** How often something was taken out, and how many pieces. */
  removals: z.number().int(),
  quantity: z.number().int(),
  /** By how many. */
  persons: z.number().int(),
  /** Price × pieces taken out. */
  value: z.array(Money),
  /** Removals after which the same person bought the product. */
  bought: z.number().int(),
  /** Removals that were not followed by that, whose time is not over. */
  pending: z.number().int(),
};
export const RemovedProduct = z.object({
  productId: z.string(),
  name: z.string(),
  category: z.string(),
  ...removals,
  lastRemovedAt: Timestamp,
});
export type RemovedProduct = z.infer<typeof RemovedProduct>;

export const RemovedProductsAnswer = z.object({
  ...removals,
  /** Most often removed first. */
  products: z.array(RemovedProduct),
  /** How many products there are in all, `limit` aside. */
  productCount: z.number().int(),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type RemovedProductsAnswer = z.infer<typeof RemovedProductsAnswer>;

export const queryRemovedProducts = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/abandonment/removed',
  summary:
    'What was taken out of baskets: how often, by how many, worth what, and whether it was bought later after all',
  access: 'viewer',
  params,
  body: RemovedProductsQuery,
  answer: RemovedProductsAnswer,
});
