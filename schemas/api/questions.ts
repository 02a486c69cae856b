import { z } from 'zod';
import { Where } from '../filters.ts';
import { Cursor, DecimalText, Money, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const EventName = z.string().min(1).max(200);

export const FunnelStep = z.object({
  event: EventName,
  where: Where.default([]),
  label: z.string().min(1).max(100).optional(),
});
export type FunnelStep = z.infer<typeof FunnelStep>;

const inOrder = (range: { from: string; to: string }) => Date.parse(range.from) < Date.parse(range.to);

/** funnel-semantics: rules 1 to 6, 18 and 19. */
export const FunnelQuery = z
  .object({
    steps: z.array(FunnelStep).min(1).max(64, 'at most 64 steps'),
    from: Timestamp,
    to: Timestamp,
    /** Seconds from the entry to the last step, inclusive. */
    windowSeconds: z
      .number()
      .int()
      .min(1)
      .max(366 * 86_400)
      .default(604_800),
    order: z.enum(['ordered']).default('ordered'),
    countBy: z.enum(['person']).default('person'),
    /** Holds for every event of the funnel. */
    where: Where.default([]),
    rangeApplies: z.enum(['entry', 'all']).default('entry'),
    reentry: z.enum(['best', 'first']).default('best'),
  })
  .refine(inOrder, { path: ['to'], message: 'must be later than "from"' });
export type FunnelQuery = z.infer<typeof FunnelQuery>;

export const FunnelStepAnswer = z.object({
  index: z.number().int(),
  label: z.string(),
  event: z.string(),
  /** Persons who reached this step. */
  count: z.number().int(),
  /** Shares of the first and of the previous step, 0 to 1. */
  fromStart: z.number(),
  fromPrevious: z.number(),
  /** Persons who reached the previous step, not this one, and whose window is over. */
  dropped: z.number().int(),
  /** The same, but their window still runs. */
  pending: z.number().int(),
  /** From the previous step to this one, over those who reached it; null for the first step and where nobody did. */
  medianSeconds: z.number().nullable(),
  averageSeconds: z.number().nullable(),
});

export const FunnelAnswer = z.object({
  steps: z.array(FunnelStepAnswer),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type FunnelAnswer = z.infer<typeof FunnelAnswer>;

export const queryFunnel = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels/query',
  summary: 'How many persons did these steps in order within a window, and where they stopped',
  access: 'viewer',
  params,
  body: FunnelQuery,
  answer: FunnelAnswer,
});

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
  .refine(inOrder, { path: ['to'], message: 'must be later than "from"' });
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

export const TrendQuery = z
  .object({
    /** '*' for any event. */
    event: EventName.default('*'),
    where: Where.default([]),
    from: Timestamp,
    to: Timestamp,
    interval: z.enum(['minute', 'hour', 'day', 'week', 'month']).default('day'),
    measure: z.enum(['count', 'persons', 'sum']).default('count'),
    /** For `sum`: which property, e.g. `revenue`. */
    property: z.enum(['revenue', 'value', 'quantity']).default('revenue'),
  })
  .refine(inOrder, { path: ['to'], message: 'must be later than "from"' });
export type TrendQuery = z.infer<typeof TrendQuery>;

export const TrendAnswer = z.object({
  /** One point for every interval of the range, empty ones too; `at` is its start, in the site's time zone's terms. */
  points: z.array(z.object({ at: Timestamp, value: z.number() })),
  /** Over the whole range (for persons: each once). */
  total: z.number(),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type TrendAnswer = z.infer<typeof TrendAnswer>;

export const queryTrend = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/trends/query',
  summary: 'Events, persons or sums by interval',
  access: 'viewer',
  params,
  body: TrendQuery,
  answer: TrendAnswer,
});

export const listEventNames = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/event-names',
  summary: 'Names of the events of the last 90 days, most frequent first: for pickers',
  access: 'viewer',
  params,
  answer: z.object({
    events: z.array(z.object({ event: z.string(), count: z.number().int(), lastSeen: Timestamp })),
  }),
});

export const OverviewAnswer = z.object({
  /** Over `days` before now, and over as many before that. */
  days: z.number().int(),
  current: z.object({
    visitors: z.number().int(),
    sessions: z.number().int(),
    orders: z.number().int(),
    revenue: z.array(Money),
    /** Persons with an order among persons, 0 to 1. */
    conversion: z.number().nullable(),
  }),
  previous: z.object({
    visitors: z.number().int(),
    sessions: z.number().int(),
    orders: z.number().int(),
    revenue: z.array(Money),
    conversion: z.number().nullable(),
  }),
  /** In the last 5 minutes. */
  live: z.object({ persons: z.number().int(), events: z.number().int(), orders: z.number().int() }),
});
export type OverviewAnswer = z.infer<typeof OverviewAnswer>;

export const getOverview = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/overview',
  summary: 'The figures of the first page',
  access: 'viewer',
  params,
  query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
  answer: OverviewAnswer,
});
