import { z } from 'zod';
import { isInOrder, Money, PoolId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const codeParams = params.extend({ code: z.string().min(1).max(100) });
const poolParams = params.extend({ id: PoolId });

/** What a code is good for. `amount` with `kind` amount, `percent` with `kind` percent: else null. */
const Benefit = z.object({
  kind: z.enum(['percent', 'amount', 'free-shipping']),
  percent: z.number().int().nullable(),
  amount: Money.nullable(),
  /** What the order must be worth; the shop checks it. */
  minimumOrder: Money.nullable(),
});
export type Benefit = z.infer<typeof Benefit>;
const Code = Benefit.extend({ code: z.string(), expiresAt: Timestamp });

export const redeemDiscount = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/discounts/:code/redeem',
  summary: "Use up a personal code for an order: idempotent by order; for the shop's server",
  access: 'secretKey',
  params: codeParams,
  body: z.object({ orderId: z.string().min(1).max(200) }),
  answer: Code.extend({ orderId: z.string() }),
});
export const getDiscount = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/discounts/:code',
  summary: 'Is this code good, and for what? Changes nothing',
  access: 'secretKey',
  params: codeParams,
  answer: Code.extend({ redeemable: z.boolean(), reason: z.string() }),
});

/** `left`: not given to anybody yet. */
const Pool = z.object({ id: PoolId, name: z.string(), codes: z.number().int(), left: z.number().int() });
export type Pool = z.infer<typeof Pool>;
export const listPools = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/discount-pools',
  summary: 'Pools of uploaded discount codes, and how many are left in each',
  access: 'viewer',
  params,
  answer: z.object({ pools: z.array(Pool) }),
});
export const createPool = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/discount-pools',
  summary: 'A new pool, empty',
  access: 'admin',
  params,
  body: z.object({ name: z.string().trim().min(1).max(100) }),
  answer: Pool,
  status: 201,
});
/** The codes that somebody got stay good. */
export const deletePool = defineRoute({
  method: 'DELETE',
  path: '/api/sites/:site/discount-pools/:id',
  summary: 'Hide a pool that no automation takes codes from',
  access: 'admin',
  params: poolParams,
  answer: z.object({ id: PoolId }),
});
export const addPoolCodes = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/discount-pools/:id/codes',
  summary:
    'Put codes into a pool, one a line; codes that the site has already are left out, so that sending them again is safe',
  access: 'admin',
  params: poolParams,
  body: z.object({
    codes: z.string().min(1).max(1_000_000).describe('One a line; of a CSV file the first column counts'),
  }),
  answer: z.object({
    added: z.number().int(),
    /** In this pool or another of the site's already, or twice in what was sent. */
    known: z.number().int(),
    /** Lines, counted from 1, that hold no code: the first hundred. */
    refused: z.array(z.object({ line: z.number().int(), reason: z.string() })),
  }),
});

const DiscountReportQuery = z
  .object({
    /** Codes issued in `from <= t < to`. */
    from: Timestamp,
    to: Timestamp,
  })
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' });
export type DiscountReportQuery = z.infer<typeof DiscountReportQuery>;

const DiscountFigures = z.object({
  issued: z.number().int(),
  redeemed: z.number().int(),
  /** Over without having been used. */
  expired: z.number().int(),
  /** Still good. */
  open: z.number().int(),
  /** redeemed / issued; null where none was issued. */
  rate: z.number().nullable(),
  /** Seconds from issue to redemption, the median; null where none was redeemed. */
  medianSeconds: z.number().nullable(),
  /** Of the orders with these codes that were not cancelled, less what was refunded. */
  revenue: z.array(Money),
  /** What these orders were given, by currency: what the order said (`discount`), else what the code's terms come to. */
  given: z.array(Money),
  /** Redeemed, not cancelled, and neither the order nor the code says how much was given: free shipping, an order that was never seen. */
  givenUnknown: z.number().int(),
});
export type DiscountFigures = z.infer<typeof DiscountFigures>;

const DiscountReport = z.object({
  total: DiscountFigures,
  /** Most issued first. */
  byAutomation: z.array(DiscountFigures.extend({ automation: z.string() })),
  /** The same by what the codes are good for. */
  byBenefit: z.array(DiscountFigures.extend({ benefit: Benefit, pool: z.string() })),
  /** Redeemed codes, newest first, at most `100`. */
  redemptions: z.array(
    z.object({
      code: z.string(),
      automation: z.string(),
      issuedAt: Timestamp,
      redeemedAt: Timestamp,
      orderId: z.string(),
      revenue: Money.nullable(),
      given: Money.nullable(),
      isCancelled: z.boolean(),
    }),
  ),
});
export type DiscountReport = z.infer<typeof DiscountReport>;

export const getDiscountReport = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/reports/discounts',
  summary: 'Discount codes: issued, redeemed, what they brought and what they cost',
  access: 'viewer',
  params,
  query: DiscountReportQuery,
  answer: DiscountReport,
});
