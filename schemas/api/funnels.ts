import { z } from 'zod';
import { Where } from '../filters.ts';
import { EventName, isInOrder, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

export const FunnelStep = z.object({
  event: EventName,
  where: Where.default([]),
  label: z.string().min(1).max(100).optional(),
});
export type FunnelStep = z.infer<typeof FunnelStep>;

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
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' });
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
