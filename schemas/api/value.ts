import { z } from 'zod';
import { Where } from '../filters.ts';
import { Currency, Cursor, DecimalText, isInOrder, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { RfmClass } from '../rfm.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

/** Orders placed in `from <= t < to`, at what they are worth now. */
const orderRange = {
  from: Timestamp,
  to: Timestamp,
  /** Of what is compared across buyers; the site's unless said. */
  currency: Currency.optional(),
  /** Holds for an Order Completed of each order that counts. */
  where: Where.default([]),
};
const later = { path: ['to'], message: 'must be later than "from"' };
const figures = { queryMs: z.number(), rowsRead: z.number().int() };
const Count = z.number().int();

export const ValueQuery = z
  .object({
    ...orderRange,
    /** Buyers by the day, week or month (of the site's time zone) of their first order ever. */
    cohort: z.enum(['day', 'week', 'month']).default('month'),
    /** Ages of a cohort, in the same intervals. */
    ages: z.number().int().min(1).max(60).default(12),
    /** For the customer lifetime value: what is left of revenue, and how long a customer stays. */
    margin: z.number().min(0).max(1).default(1),
    years: z.number().min(0).max(50).default(3),
  })
  .refine(isInOrder, later);
export type ValueQuery = z.infer<typeof ValueQuery>;

export const ValueAnswer = z.object({
  /** With at least one order (a cancelled one is none) in the range. */
  buyers: Count,
  orders: Count,
  ordersPerBuyer: z.number().nullable(),
  /** Buyers with two orders or more, of all buyers, 0 to 1. */
  repeatRate: z.number().nullable(),
  currencies: z.array(
    z.object({
      currency: z.string(),
      buyers: Count,
      orders: Count,
      /** Before refunds, without cancelled orders. */
      revenue: DecimalText,
      refunded: DecimalText,
      net: DecimalText,
      averageOrderValue: DecimalText.nullable(),
      netPerBuyer: DecimalText.nullable(),
      cancelledOrders: Count,
      cancelledRevenue: DecimalText,
    }),
  ),
  /** Of the cohorts and the lifetime value. */
  currency: z.string(),
  cohorts: z.array(
    z.object({
      start: Timestamp,
      persons: Count,
      ages: z.array(
        z.object({
          age: Count,
          /** Net of all orders up to this age. */
          net: DecimalText,
          perPerson: DecimalText,
          /** False while the interval still runs. */
          isComplete: z.boolean(),
        }),
      ),
    }),
  ),
  lifetime: z.object({
    averageOrderValue: DecimalText.nullable(),
    ordersPerYear: z.number().nullable(),
    margin: z.number(),
    years: z.number(),
    /** averageOrderValue × ordersPerYear × margin × years. */
    value: DecimalText.nullable(),
    assumptions: z.array(z.string()),
  }),
  ...figures,
});
export type ValueAnswer = z.infer<typeof ValueAnswer>;

export const queryValue = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/value/query',
  summary: 'What buyers are worth: by currency, by cohort and age, per order, per buyer, and in a lifetime',
  access: 'viewer',
  params,
  body: ValueQuery,
  answer: ValueAnswer,
});

export const RfmQuery = z
  .object({
    ...orderRange,
    class: RfmClass.optional(),
    cursor: Cursor.optional(),
    limit: z.number().int().min(1).max(200).default(50),
  })
  .refine(isInOrder, later);
export type RfmQuery = z.infer<typeof RfmQuery>;

const Rank = z.number().int().min(1).max(5);
export const RfmAnswer = z.object({
  buyers: Count,
  currency: z.string(),
  /** Every class, also those without buyers. */
  classes: z.array(
    z.object({ class: RfmClass, persons: Count, share: z.number().nullable(), orders: Count, net: DecimalText }),
  ),
  /** Of the class asked for, or all; worth most first. */
  persons: z.array(
    z.object({
      person: PersonId,
      userId: z.string(),
      email: z.string(),
      name: z.string(),
      class: RfmClass,
      /** Whole days from the last order to the end of the range. */
      recencyDays: Count,
      orders: Count,
      net: DecimalText,
      ranks: z.object({ recency: Rank, frequency: Rank, monetary: Rank }),
    }),
  ),
  nextCursor: Cursor.nullable(),
  ...figures,
});
export type RfmAnswer = z.infer<typeof RfmAnswer>;

export const queryRfm = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/value/rfm',
  summary: 'Buyers by how lately, how often and for how much they bought: classes, and the people of one',
  access: 'viewer',
  params,
  body: RfmQuery,
  answer: RfmAnswer,
});
