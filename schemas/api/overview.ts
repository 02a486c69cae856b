import { z } from 'zod';
import { Money, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

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

const OverviewFigures = z.object({
  visitors: z.number().int(),
  sessions: z.number().int(),
  /** Placed in the time and not cancelled since. */
  orders: z.number().int(),
  /** Of the orders, less what went back, as known now. */
  revenue: z.array(Money),
  /** Persons with an order among persons, 0 to 1. */
  conversion: z.number().nullable(),
});

export const OverviewAnswer = z.object({
  /** Over `days` before now, and over as many before that. */
  days: z.number().int(),
  current: OverviewFigures,
  previous: OverviewFigures,
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
