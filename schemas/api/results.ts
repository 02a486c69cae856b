import { z } from 'zod';
import { Money, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const ResultsQuery = z.object({
  /** Persons who were first written to, or held out, in `from <= t < to`; default: the last 90 days. */
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  /** Orders within so many seconds from then are counted, inclusive. */
  attributionSeconds: z.coerce
    .number()
    .int()
    .min(60)
    .max(90 * 86_400)
    .default(7 * 86_400),
});
export type ResultsQuery = z.infer<typeof ResultsQuery>;

/** Everybody whom the automation decided about: those who got a mail (or for whom it failed), or those held out. */
const Group = z.object({
  persons: z.number().int(),
  /** Persons with an order within the attribution time. */
  converted: z.number().int(),
  /** 0 to 1; null where there is nobody. */
  rate: z.number().nullable(),
  orders: z.number().int(),
  revenue: z.array(Money),
  /** In the site's currency, over all persons of the group. */
  revenuePerPerson: z.number().nullable(),
});

/** Treated minus holdout, with the 95 % confidence interval. */
const Interval = z.object({ difference: z.number(), low: z.number(), high: z.number(), isSignificant: z.boolean() });

export const ResultsAnswer = z.object({
  from: Timestamp,
  to: Timestamp,
  attributionSeconds: z.number().int(),
  /** Mails, by what became of them. */
  mails: z.object({
    sent: z.number().int(),
    opened: z.number().int(),
    clicked: z.number().int(),
    unsubscribed: z.number().int(),
    /** Came back for good, refused at once ones included. */
    bounced: z.number().int(),
    /** Marked as spam by who got it. */
    complained: z.number().int(),
    /** Of those that left or came back, 0 to 1; null where there are none. */
    bounceRate: z.number().nullable(),
    complaintRate: z.number().nullable(),
    failed: z.number().int(),
    uncertain: z.number().int(),
  }),
  treated: Group,
  holdout: Group,
  /** Persons of both groups whose attribution time still runs: the figures may still change by so many. */
  maturing: z.number().int(),
  lift: z
    .object({
      /** Of the shares of persons with an order (Newcombe's interval). */
      conversion: Interval,
      /** Of the revenue for each person in the site's currency (Welch's interval); null below two persons in a group. */
      revenuePerPerson: Interval.nullable(),
      /** What the mails added in the site's currency: the difference for each person, times the persons treated. */
      addedRevenue: z
        .object({ currency: z.string(), amount: z.number(), low: z.number(), high: z.number() })
        .nullable(),
      /** Persons that the smaller group needs in all for a difference like this one to show; null where there is none. */
      personsNeeded: z.number().int().nullable(),
    })
    .nullable(),
  /** `no-holdout`: nobody was held out, so nothing can be said about what the mails added. */
  verdict: z.enum(['no-holdout', 'not-significant', 'helped', 'hurt']),
  /** Of steps that try several mails, each: `variant` 0 is the step's own. `againstFirst`: share minus that of 0. */
  variants: z.array(
    z.object({
      step: z.string(),
      variant: z.number().int(),
      persons: z.number().int(),
      converted: z.number().int(),
      rate: z.number(),
      againstFirst: Interval.nullable(),
    }),
  ),
});
export type ResultsAnswer = z.infer<typeof ResultsAnswer>;

export const getResults = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/automations/:id/results',
  summary: 'What became of the mails, and what they added against those who got none',
  access: 'viewer',
  params: z.object({ site: SiteId, id: z.string().regex(/^[a-z0-9-]{1,60}$/) }),
  query: ResultsQuery,
  answer: ResultsAnswer,
});
