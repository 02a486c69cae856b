import type { FunnelTimingAnswer, FunnelTimingQuery } from '../../../schemas/api/funnels.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { createAsked } from './asked.ts';
import { averageOf, medianOf } from './figures.ts';
import { histogram } from './histogram.ts';
import { gapsOf } from './paths.ts';

/** How long people took from one step to another, each by the way that counts in the funnel. */
export const funnelTiming = async (
  warehouse: Warehouse,
  site: { id: string },
  query: FunnelTimingQuery,
  options: { now: number },
): Promise<FunnelTimingAnswer> => {
  const { bucket, fromStep, toStep = query.steps.length - 1, bins } = query;
  const asked = createAsked(warehouse, site, query, options.now);
  const gaps = await gapsOf(asked, { by: 'nothing', only: bucket }, fromStep, toStep);
  const seconds = gaps.map((gap) => gap / 1000).sort((one, other) => one - other);
  const orNull = (value: number | undefined): number | null => (seconds.length === 0 ? null : (value ?? null));
  return {
    fromStep,
    toStep,
    count: seconds.length,
    averageSeconds: orNull(averageOf(seconds)),
    medianSeconds: orNull(medianOf(seconds)),
    minSeconds: orNull(seconds[0]),
    maxSeconds: orNull(seconds.at(-1)),
    bins: histogram(seconds, bins),
    ...asked.cost(),
  };
};
