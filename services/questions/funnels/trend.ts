import type { FunnelTrendAnswer, FunnelTrendQuery } from '../../../schemas/api/funnels.ts';
import { Failure } from '../../platform/failure.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { intervalBounds } from '../intervals.ts';
import { createAsked } from './asked.ts';
import { type Figures, noFigures } from './figures.ts';
import { figuresOf } from './paths.ts';

/** Points in one answer; a chart shows no more. */
const mostPoints = 1000;
const leastMs = { day: 23 * 3_600_000, week: 7 * 86_400_000 - 3_600_000, month: 28 * 86_400_000 - 3_600_000 } as const;

const startsOf = ({ from, to, interval }: FunnelTrendQuery, zone: string): number[] => {
  const range = { from: Date.parse(from), to: Date.parse(to) };
  if ((range.to - range.from) / leastMs[interval] > mostPoints)
    throw new Failure(
      'bad_request',
      `interval: by ${interval} this range has more than ${mostPoints} points; take a longer interval`,
    );
  return intervalBounds(interval, zone, range.from, range.to).slice(0, -1);
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Conversion by interval of entry in the site's time zone: a person counts once in each interval they enter, with the best way that begins in it. */
export const funnelTrend = async (
  warehouse: Warehouse,
  site: { id: string; timeZone: string },
  query: FunnelTrendQuery,
  options: { now: number },
): Promise<FunnelTrendAnswer> => {
  const asked = createAsked(warehouse, site, query, options.now);
  const starts = startsOf(query, site.timeZone);
  const found = await figuresOf(asked, { by: { starts }, only: query.bucket }, starts.length);
  const byStart = new Map(found.map(({ bucket, figures }) => [bucket, figures]));
  const end = query.steps.findLastIndex(({ optional }) => optional !== true);
  const point = (start: number, { entered, reached, pending }: Figures) => {
    const everybody = sum(entered);
    const converted = reached[end] ?? 0;
    return {
      at: new Date(start).toISOString(),
      entered: everybody,
      converted,
      pending: sum(pending),
      rate: everybody === 0 ? null : converted / everybody,
      counts: [...reached],
    };
  };
  return {
    points: starts.map((start) => point(start, byStart.get(String(start)) ?? noFigures(query.steps.length))),
    ...asked.cost(),
  };
};
