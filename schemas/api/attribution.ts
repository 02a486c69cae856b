import { z } from 'zod';
import { Where } from '../filters.ts';
import { isInOrder, Money, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

export const AttributionModel = z.enum(['first', 'last', 'lastNonDirect', 'linear', 'position', 'timeDecay']);
export type AttributionModel = z.infer<typeof AttributionModel>;

const longestSeconds = 366 * 86_400;

export const AttributionQuery = z
  .object({
    /** Orders placed in `from <= t < to`. */
    from: Timestamp,
    to: Timestamp,
    /** How long before an order a touch may lie. */
    lookbackSeconds: z.number().int().min(1).max(longestSeconds).default(2_592_000),
    models: z
      .array(AttributionModel)
      .min(1)
      .max(AttributionModel.options.length)
      .refine((models) => new Set(models).size === models.length, 'each model once')
      .default(AttributionModel.options),
    by: z.enum(['source', 'medium', 'name', 'sourceMedium']).default('source'),
    /** fallback: visits without a campaign or a referring site get credit only where there is nothing else. touch: they are touches like any other. */
    direct: z.enum(['fallback', 'touch']).default('fallback'),
    /** Of timeDecay: a touch this much earlier weighs half. */
    halfLifeSeconds: z.number().int().min(1).max(longestSeconds).default(604_800),
    /** Holds for an Order Completed of each order that counts. */
    where: Where.default([]),
    /** Values in the answer; the rest is one "(other)". */
    limit: z.number().int().min(1).max(500).default(50),
    /** Most walked paths in the answer; the rest is one "(other)". */
    paths: z.number().int().min(0).max(100).default(20),
    /** Also the paths of people who came in the range and did not order in it: looks at everybody's visits. */
    notConverting: z.boolean().default(false),
  })
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' });
export type AttributionQuery = z.infer<typeof AttributionQuery>;

export const AttributionAnswer = z.object({
  /** Orders that are not cancelled, and their net value. */
  conversions: z.number().int(),
  revenue: z.array(Money),
  rows: z.array(
    z.object({
      value: z.string(),
      credits: z.array(z.object({ model: AttributionModel, conversions: z.number(), revenue: z.array(Money) })),
    }),
  ),
  paths: z.object({
    /** Touches in order of time, of the last 20. */
    converting: z.array(
      z.object({ path: z.array(z.string()), conversions: z.number().int(), revenue: z.array(Money) }),
    ),
    notConverting: z.array(z.object({ path: z.array(z.string()), persons: z.number().int() })),
  }),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type AttributionAnswer = z.infer<typeof AttributionAnswer>;

export const queryAttribution = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/attribution/query',
  summary: 'Which campaigns and referring sites led to orders, by several models, and the paths to them',
  access: 'viewer',
  params: z.object({ site: SiteId }),
  body: AttributionQuery,
  answer: AttributionAnswer,
});
