import { z } from 'zod';
import { Breakdown, BreakdownPart, EventFilter, PropertyPath, Where } from '../filters.ts';
import { EventName, isInOrder, Range, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

export const Measure = z.enum([
  'count',
  'persons',
  'sessions',
  /** Orders that were placed then and not cancelled since, and what they are worth less what went back: whatever `event` says. */
  'orders',
  'net',
  'sum',
  'average',
  'min',
  'max',
  'median',
  'p90',
  'p95',
  'p99',
]);
export type Measure = z.infer<typeof Measure>;

export const TrendSeries = EventFilter.extend({
  measure: Measure.default('count'),
  /** What is summed, averaged and so on: any numeric property. */
  property: PropertyPath.default('revenue'),
  /** Its currency matters: true for `price`, `revenue` and `value`, false for others unless said. */
  isMoney: z.boolean().optional(),
  label: z.string().min(1).max(100).optional(),
});
export type TrendSeries = z.infer<typeof TrendSeries>;

/** The series of a query are called A, B, C … in their order. */
export const seriesNames = ['A', 'B', 'C', 'D', 'E'] as const;
const formulaPattern = /^([A-E]) ?([-+*/]) ?([A-E])$/;

const isOneWay = (query: { series?: unknown; event?: unknown; measure?: unknown; property?: unknown }): boolean =>
  query.series === undefined || [query.event, query.measure, query.property].every((given) => given === undefined);

export const TrendQuery = z
  .object({
    /** Up to five; or the one series' own fields without `series`. */
    series: z.array(TrendSeries).min(1).max(seriesNames.length).optional(),
    event: EventName.optional(),
    measure: Measure.optional(),
    property: PropertyPath.optional(),
    isMoney: z.boolean().optional(),
    /** Holds for every event of every series. */
    where: Where.default([]),
    from: Timestamp,
    to: Timestamp,
    interval: z.enum(['minute', 'hour', 'day', 'week', 'month']).default('day'),
    /** Of two series, point by point: `A / B`; nothing by zero is null. */
    formula: z.string().regex(formulaPattern, 'two series and what to do with them, e.g. "A / B"').optional(),
    breakdown: Breakdown.optional(),
    /** The same question for another period, beside the first. */
    compareTo: Range.refine(isInOrder, { path: ['to'], message: 'must be later than "from"' }).optional(),
  })
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' })
  .refine(isOneWay, { path: ['series'], message: 'either "series" or "event", "measure" and "property"' })
  .refine(
    ({ formula, series }) =>
      (formulaPattern.exec(formula ?? '') ?? [])
        .filter((name) => /^[A-E]$/.test(name))
        .every((name) => seriesNames.slice(0, series?.length ?? 1).some((known) => known === name)),
    { path: ['formula'], message: 'names a series that is not there' },
  );
export type TrendQuery = z.infer<typeof TrendQuery>;

/** Exact, up to four decimals; sums may be longer than a single amount. */
const Amount = z.string().regex(/^-?\d{1,38}(\.\d{1,4})?$/);

const Figure = z.object({
  /** Null where there is nothing to measure, e.g. the average of no events. */
  value: z.number().nullable(),
  /** The same, exact: sums, minima and maxima of money. */
  amount: Amount.nullable(),
});

export const TrendLine = z.object({
  /** `A`, `B`, … or the formula. */
  series: z.string(),
  label: z.string(),
  /** Null for the whole. */
  breakdown: BreakdownPart.nullable(),
  /** Money has a line for each currency; null for what is no money. */
  currency: z.string().nullable(),
  /** A point for every interval that the range touches, empty ones too; `at` is the interval's start. */
  points: z.array(Figure.extend({ at: Timestamp })),
  /** Over the whole range: each person once, the median of all values, the quotient of the totals. */
  total: Figure,
});
export type TrendLine = z.infer<typeof TrendLine>;

const Period = z.object({
  /** The main line, for who asks one thing: the formula's, else the first series', in the site's currency; of a breakdown all of it. */
  points: z.array(
    z.object({
      at: Timestamp,
      value: z.number().nullable(),
      /** The range or the present moment cuts this interval. */
      isPartial: z.boolean(),
    }),
  ),
  total: z.number().nullable(),
  /** Every series, each of its currencies and values of the breakdown; then the formula. */
  lines: z.array(TrendLine),
});

export const TrendAnswer = Period.extend({
  comparison: Period.extend({ from: Timestamp, to: Timestamp }).optional(),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type TrendAnswer = z.infer<typeof TrendAnswer>;

export const queryTrend = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/trends/query',
  summary: 'Events, persons, sessions or figures of a property by interval',
  access: 'viewer',
  params,
  body: TrendQuery,
  answer: TrendAnswer,
});
