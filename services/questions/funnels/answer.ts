import type { Funnel, FunnelStep } from '../../../schemas/api/funnel-definition.ts';
import type { FunnelStepAnswer } from '../../../schemas/api/funnels.ts';
import type { Figures } from './figures.ts';

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const seconds = (milliseconds: number | undefined): number | null =>
  milliseconds === undefined || Number.isNaN(milliseconds) ? null : milliseconds / 1000;

/** In an unordered funnel a step is how many of the steps were done, whichever. */
const nameOf = (query: Funnel, { event, label }: FunnelStep, index: number): { label: string; event: string } =>
  query.order === 'unordered'
    ? { label: `${index + 1} of ${query.steps.length} steps`, event: '' }
    : { label: label ?? event, event };

/** Figures by step as the API shows them. */
export const answerOf = (query: Funnel, figures: Figures): FunnelStepAnswer[] => {
  const everybody = figures.entered.reduce((sum, entered) => sum + entered, 0);
  return query.steps.map((step, index) => {
    const count = figures.reached[index] ?? 0;
    const entered = figures.entered[index] ?? 0;
    const eligible = figures.eligible[index] ?? 0;
    const pending = figures.pending[index] ?? 0;
    return {
      index,
      ...nameOf(query, step, index),
      count,
      entered,
      fromStart: share(count, everybody),
      fromPrevious: index === 0 ? share(count, count) : share(count - entered, eligible),
      dropped: index === 0 || step.optional === true ? 0 : eligible - (count - entered) - pending,
      pending,
      averageSeconds: seconds(figures.averageMs[index]),
      medianSeconds: seconds(figures.medianMs[index]),
    };
  });
};
