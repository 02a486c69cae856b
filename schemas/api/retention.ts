import { z } from 'zod';
import { Breakdown, BreakdownPart, EventFilter, Where } from '../filters.ts';
import { isInOrder, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const inOrder = { path: ['to'], message: 'must be later than "from"' };
const interval = z.enum(['day', 'week', 'month']).default('week');

/** docs/retention.md says what each field means. */
export const RetentionQuery = z
  .object({
    /** Any event unless said. */
    start: EventFilter.default({ event: '*', where: [] }),
    return: EventFilter.default({ event: '*', where: [] }),
    /** Starts in `from <= t < to`; returns until now. */
    from: Timestamp,
    to: Timestamp,
    interval,
    /** How many intervals after the first. */
    intervals: z.number().int().min(1).max(366).default(8),
    /** Calendar intervals of the site's time zone, or multiples of 24 hours from the person's own start. */
    windows: z.enum(['calendar', 'elapsed']).default('calendar'),
    kind: z.enum(['classic', 'rolling', 'unbounded']).default('classic'),
    cohorts: z.enum(['firstEver', 'firstMatching', 'recurring']).default('firstEver'),
    /** Holds for every event. */
    where: Where.default([]),
    breakdown: Breakdown.optional(),
  })
  .refine(isInOrder, inOrder);
export type RetentionQuery = z.infer<typeof RetentionQuery>;

const Rate = z.number().min(0).max(1).nullable();
const Cohorts = z.object({
  cohorts: z.array(
    z.object({
      /** Start of the cohort's interval. */
      at: Timestamp,
      /** Persons in it. */
      size: z.number().int(),
      /** By interval, 0 first; those that have begun. */
      cells: z.array(z.object({ count: z.number().int(), rate: Rate, isComplete: z.boolean() })),
    }),
  ),
  /** By interval, of complete cells: `count` of `persons` came back. */
  average: z.array(z.object({ count: z.number().int(), persons: z.number().int(), rate: Rate })),
});
export type RetentionCohorts = z.infer<typeof Cohorts>;

export const RetentionAnswer = Cohorts.extend({
  breakdown: z.array(Cohorts.extend({ part: BreakdownPart })).optional(),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type RetentionAnswer = z.infer<typeof RetentionAnswer>;

export const queryRetention = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/retention/query',
  summary: 'Of those who did something, how many came back, and when',
  access: 'viewer',
  params,
  body: RetentionQuery,
  answer: RetentionAnswer,
});

export const LifecycleQuery = z
  .object({ ...EventFilter.shape, from: Timestamp, to: Timestamp, interval })
  .refine(isInOrder, inOrder);
export type LifecycleQuery = z.infer<typeof LifecycleQuery>;

export const LifecycleAnswer = z.object({
  intervals: z.array(
    z.object({
      at: Timestamp,
      new: z.number().int(),
      returning: z.number().int(),
      resurrecting: z.number().int(),
      dormant: z.number().int(),
      isComplete: z.boolean(),
    }),
  ),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type LifecycleAnswer = z.infer<typeof LifecycleAnswer>;

export const queryLifecycle = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/retention/lifecycle',
  summary: 'Who is new, returning, resurrecting and dormant, by interval',
  access: 'viewer',
  params,
  body: LifecycleQuery,
  answer: LifecycleAnswer,
});
