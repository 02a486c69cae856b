import { z } from 'zod';
import { Where } from '../filters.ts';
import { EventName, isInOrder, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

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
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' });
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
