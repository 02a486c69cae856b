import { z } from 'zod';
import { PropertyPath } from '../filters.ts';
import { Cursor, EventName, PersonId, Range, SiteId, Timestamp } from '../primitives.ts';
import { FunnelBucketChoice, funnelShape } from './funnel-definition.ts';
import { checkBucket, checkFunnel, checkPersons, checkRange, checkSpan, checkStep } from './funnel-rules.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

/** Of the people behind one row of the breakdown only. */
const bucket = { bucket: FunnelBucketChoice.optional() };

export const FunnelQuery = z
  .object({ ...funnelShape, compareTo: Range.optional() })
  .superRefine(checkFunnel)
  .superRefine(({ compareTo }, context) => checkRange(compareTo, ['compareTo', 'to'], context));
export type FunnelQuery = z.infer<typeof FunnelQuery>;

export const FunnelStepAnswer = z.object({
  index: z.number().int(),
  label: z.string(),
  /** '' in an unordered funnel, whose step k is "any k + 1 of the steps". */
  event: z.string(),
  /** Persons (or what is counted) who reached this step. */
  count: z.number().int(),
  /** Of them, those whose way began here: all at the first step; at others only in an open funnel. */
  entered: z.number().int(),
  /** Shares of all who are in the funnel, and of those who could have done this step next, 0 to 1. */
  fromStart: z.number(),
  fromPrevious: z.number(),
  /** Reached the previous required step, not this one, and their window is over. Nobody is dropped at an optional step. */
  dropped: z.number().int(),
  /** The same, but their window still runs. */
  pending: z.number().int(),
  /** From the step before to this one, over those who did both; null for the first step and where nobody did. */
  medianSeconds: z.number().nullable(),
  averageSeconds: z.number().nullable(),
});
export type FunnelStepAnswer = z.infer<typeof FunnelStepAnswer>;

/** Time and rows that the warehouse took. */
const cost = { queryMs: z.number(), rowsRead: z.number().int() };

export const FunnelBucket = z.object({
  value: z.string(),
  /** `none` is the row "(none)", `other` the row "(other)": a value may be called so as well. */
  kind: z.enum(['value', 'none', 'other']),
  steps: z.array(FunnelStepAnswer),
});
export type FunnelBucket = z.infer<typeof FunnelBucket>;

export const FunnelAnswer = z.object({
  steps: z.array(FunnelStepAnswer),
  /** By the last step, then the first; then "(none)", then "(other)". */
  breakdown: z.array(FunnelBucket).optional(),
  /** A person may be in several rows of the breakdown. */
  overlapping: z.boolean().optional(),
  comparison: z.object({ from: Timestamp, to: Timestamp, steps: z.array(FunnelStepAnswer) }).optional(),
  ...cost,
});
export type FunnelAnswer = z.infer<typeof FunnelAnswer>;

export const queryFunnel = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels/query',
  summary: 'How many persons did these steps within a window, and where they stopped',
  access: 'viewer',
  params,
  body: FunnelQuery,
  answer: FunnelAnswer,
});

export const FunnelPersonsQuery = z
  .object({
    ...funnelShape,
    ...bucket,
    /** 0-based. */
    step: z.number().int().min(0).max(63),
    outcome: z.enum(['reached', 'dropped', 'pending']).default('reached'),
    cursor: Cursor.optional(),
    limit: z.number().int().min(1).max(200).default(50),
  })
  .superRefine(checkFunnel)
  .superRefine(checkBucket)
  .superRefine((query, context) => {
    checkStep(query, ['step'], context);
    if (query.outcome === 'reached') return;
    if (query.step === 0)
      context.addIssue({ code: 'custom', path: ['step'], message: `nobody is ${query.outcome} at the first step` });
    if (query.steps[query.step]?.optional === true)
      context.addIssue({ code: 'custom', path: ['step'], message: `nobody is ${query.outcome} at an optional step` });
  });
export type FunnelPersonsQuery = z.infer<typeof FunnelPersonsQuery>;

export const FunnelPerson = z.object({
  person: PersonId,
  userId: z.string(),
  email: z.string(),
  /** What was counted: the session or the property's value; '' where persons or entries are counted. */
  unit: z.string(),
  /** The breakdown's value whose way this is; '' without one. */
  value: z.string(),
  isPending: z.boolean(),
  /** Their way: the event that filled each step. */
  events: z.array(z.object({ step: z.number().int(), event: EventName, messageId: z.string(), timestamp: Timestamp })),
});
export type FunnelPerson = z.infer<typeof FunnelPerson>;

export const FunnelPersonsAnswer = z.object({ persons: z.array(FunnelPerson), nextCursor: Cursor.nullable(), ...cost });
export type FunnelPersonsAnswer = z.infer<typeof FunnelPersonsAnswer>;

export const listFunnelPersons = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels/persons',
  summary: 'The people behind a bar of a funnel, with the events of their way',
  access: 'viewer',
  params,
  body: FunnelPersonsQuery,
  answer: FunnelPersonsAnswer,
});

export const FunnelTimingQuery = z
  .object({
    ...funnelShape,
    ...bucket,
    /** Between which steps, 0-based; default: from the first to the last. */
    fromStep: z.number().int().min(0).max(63).default(0),
    toStep: z.number().int().min(1).max(63).optional(),
    /** How many; default: the cube root of the number of people, rounded up. */
    bins: z.number().int().min(1).max(500).optional(),
  })
  .superRefine(checkFunnel)
  .superRefine(checkBucket)
  .superRefine((query, context) => checkSpan(query, context));
export type FunnelTimingQuery = z.infer<typeof FunnelTimingQuery>;

export const FunnelTimingAnswer = z.object({
  fromStep: z.number().int(),
  toStep: z.number().int(),
  /** Who did both. */
  count: z.number().int(),
  averageSeconds: z.number().nullable(),
  medianSeconds: z.number().nullable(),
  minSeconds: z.number().nullable(),
  maxSeconds: z.number().nullable(),
  /** `from <= seconds < to`, of equal width; one more than asked for holds the last edge. */
  bins: z.array(z.object({ from: z.number(), to: z.number(), count: z.number().int() })),
  ...cost,
});
export type FunnelTimingAnswer = z.infer<typeof FunnelTimingAnswer>;

export const queryFunnelTiming = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels/timing',
  summary: 'How long people took from one step of a funnel to another, as a histogram',
  access: 'viewer',
  params,
  body: FunnelTimingQuery,
  answer: FunnelTimingAnswer,
});

export const FunnelTrendQuery = z
  .object({ ...funnelShape, ...bucket, interval: z.enum(['day', 'week', 'month']).default('day') })
  .superRefine(checkFunnel)
  .superRefine(checkBucket);
export type FunnelTrendQuery = z.infer<typeof FunnelTrendQuery>;

export const FunnelTrendAnswer = z.object({
  /** One for every interval of the range, empty ones too; `at` is its start. A conversion belongs to the interval of its entry. */
  points: z.array(
    z.object({
      at: Timestamp,
      entered: z.number().int(),
      converted: z.number().int(),
      /** Not converted, and their window still runs. */
      pending: z.number().int(),
      /** converted / entered; null where nobody entered. */
      rate: z.number().nullable(),
      /** Who reached each step. */
      counts: z.array(z.number().int()),
    }),
  ),
  ...cost,
});
export type FunnelTrendAnswer = z.infer<typeof FunnelTrendAnswer>;

export const queryFunnelTrend = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels/trend',
  summary: 'Conversion of a funnel by day, week or month of entry',
  access: 'viewer',
  params,
  body: FunnelTrendQuery,
  answer: FunnelTrendAnswer,
});

/** What events usually tell about how a journey went. */
const usualProperties = [
  'context.campaign.source',
  'context.campaign.medium',
  'context.campaign.name',
  'context.device',
  'context.browser',
  'context.os',
  'context.country',
  'context.locale',
  'category',
  'brand',
  'coupon',
];

export const FunnelCorrelationQuery = z
  .object({
    ...funnelShape,
    ...bucket,
    /** What is looked at: which events people had on their way, or which values their events and they themselves had. */
    of: z.enum(['events', 'properties']).default('events'),
    /** With `properties`: which. `traits.…` and `person.…` are the person's: the last value known. */
    properties: z.array(PropertyPath).min(1).max(20).default(usualProperties),
    /** With `properties`: of this event only. */
    event: EventName.optional(),
    /** In each direction. */
    limit: z.number().int().min(1).max(100).default(10),
  })
  .superRefine(checkFunnel)
  .superRefine(checkBucket)
  .superRefine((query, context) => checkPersons(query, context));
export type FunnelCorrelationQuery = z.infer<typeof FunnelCorrelationQuery>;

export const FunnelCorrelate = z.object({
  /** The event that people had; '' where a property is looked at. */
  event: z.string(),
  /** The property and its value that people had; '' where events are looked at. */
  property: z.string(),
  value: z.string(),
  /** Persons who converted and had it, who converted and did not; who dropped and had it, who dropped and did not. */
  convertedWith: z.number().int(),
  convertedWithout: z.number().int(),
  droppedWith: z.number().int(),
  droppedWithout: z.number().int(),
  /** Odds of converting with it against without, each count plus a half; and the bounds of its 95 % interval. */
  oddsRatio: z.number(),
  low: z.number(),
  high: z.number(),
});
export type FunnelCorrelate = z.infer<typeof FunnelCorrelate>;

export const FunnelCorrelationAnswer = z.object({
  converted: z.number().int(),
  dropped: z.number().int(),
  /** Not converted, and their window still runs: left out. */
  pending: z.number().int(),
  /** What goes with converting (odds ratio above 1) and with dropping (below), the surest first: by the bound nearer to 1. */
  converting: z.array(FunnelCorrelate),
  dropping: z.array(FunnelCorrelate),
  ...cost,
});
export type FunnelCorrelationAnswer = z.infer<typeof FunnelCorrelationAnswer>;

export const queryFunnelCorrelation = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels/correlation',
  summary: 'Which events or properties go with converting in a funnel, and which with dropping out',
  access: 'viewer',
  params,
  body: FunnelCorrelationQuery,
  answer: FunnelCorrelationAnswer,
});
