import { z } from 'zod';
import { PropertyPath, SegmentId, Where } from '../filters.ts';
import { EventName, Timestamp } from '../primitives.ts';
import type { People } from '../segment.ts';

const longestSeconds = 366 * 86_400;

export const FunnelStep = z.object({
  event: EventName,
  where: Where.default([]),
  label: z.string().min(1).max(100).optional(),
  /** Counted when done and never required. */
  optional: z.boolean().optional(),
  /** Seconds from the step before that the path has, inclusive; beside the window. */
  withinSeconds: z.number().int().min(1).max(longestSeconds).optional(),
  /** Only the person's first row of this event in all of history; `where` must hold on that row. */
  firstEver: z.boolean().optional(),
  /** Only the person's first row of this event, in all of history, on which `where` holds. */
  firstMatching: z.boolean().optional(),
});
export type FunnelStep = z.infer<typeof FunnelStep>;

export const FunnelExclusion = z.object({
  event: EventName,
  where: Where.default([]),
  /** Between which steps, 0-based; default: from the first to the last. */
  after: z.number().int().min(0).optional(),
  before: z.number().int().min(1).optional(),
});
export type FunnelExclusion = z.infer<typeof FunnelExclusion>;

/** A saved segment; what it stands for is put in where the question is asked, as for filters, and never sent. */
const FunnelSegment = z.object({ segment: SegmentId, op: z.literal('inSegment').default('inSegment') });
export type FunnelSegment = z.infer<typeof FunnelSegment> & { people?: People };

export const FunnelBreakdown = z.object({
  /** `traits.…` and `person.…` are the person's: as last said. */
  property: PropertyPath.optional(),
  /** Instead of a property: one row for the people of each segment, called by its id. */
  segments: z.array(FunnelSegment).min(1).max(10).optional(),
  /** Whose value counts: of the first or last row that matches a step, of every row for itself, of the rows of step `step`. */
  attribution: z.enum(['first', 'last', 'all', 'step']).default('first'),
  step: z.number().int().min(0).max(63).optional(),
  /** Values shown; the rest is one row "(other)". */
  limit: z.number().int().min(1).max(100).default(10),
  /** With `step`: a row "(none)" for those who never did that step with a value. `first`, `last` and people's own values always have it. */
  none: z.boolean().optional(),
});
export type FunnelBreakdown = z.infer<typeof FunnelBreakdown>;

/** One row of a breakdown, as the answer shows it: of the rest it must be told which values are not in it. */
export const FunnelBucketChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), value: z.string().min(1).max(1000) }),
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('other'), shown: z.array(z.string().max(1000)).max(100) }),
]);
export type FunnelBucketChoice = z.infer<typeof FunnelBucketChoice>;

/** What all questions about a funnel take. docs/funnels.md says what each means, rule by rule. */
export const funnelShape = {
  steps: z.array(FunnelStep).min(1).max(64, 'at most 64 steps'),
  from: Timestamp,
  to: Timestamp,
  /** Seconds from the entry to the last step, inclusive. */
  windowSeconds: z.number().int().min(1).max(longestSeconds).default(604_800),
  order: z.enum(['ordered', 'strict', 'unordered']).default('ordered'),
  exclusions: z.array(FunnelExclusion).max(20).default([]),
  /** What an exclusion does: the person is out of all steps, or stays in the earlier ones and cannot go on. */
  exclusionEffect: z.enum(['exclude', 'block']).default('exclude'),
  /** What is counted: persons, sessions, every entry, or the values of an event property, e.g. a company. */
  countBy: z.union([z.enum(['person', 'session', 'entry']), z.object({ property: PropertyPath })]).default('person'),
  /** Holds for every event of the funnel. */
  where: Where.default([]),
  rangeApplies: z.enum(['entry', 'all']).default('entry'),
  reentry: z.enum(['best', 'first']).default('best'),
  /** People may enter at any step. */
  open: z.boolean().default(false),
  /** A property that must have one value through all steps, e.g. `product_id`. */
  constant: PropertyPath.optional(),
  breakdown: FunnelBreakdown.optional(),
};
const FunnelObject = z.object(funnelShape);
export type Funnel = z.infer<typeof FunnelObject>;
