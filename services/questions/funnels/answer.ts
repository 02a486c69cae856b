import type { z } from 'zod';
import type { FunnelStep, FunnelStepAnswer } from '../../../schemas/api/funnels.ts';

type Folded = {
  reached: readonly number[];
  pending: readonly number[];
  averageMs: readonly number[];
  medianMs: readonly number[];
};

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const seconds = (milliseconds: number | undefined): number | null =>
  milliseconds === undefined || Number.isNaN(milliseconds) ? null : milliseconds / 1000;

/** Figures by step as the API shows them. `pending[k]` are persons who did k steps and may still do the next. */
export const answerOf = (steps: readonly FunnelStep[], folded: Folded): z.infer<typeof FunnelStepAnswer>[] =>
  steps.map(({ event, label }, index) => {
    const count = folded.reached[index] ?? 0;
    const before = index === 0 ? count : (folded.reached[index - 1] ?? 0);
    const pending = index === 0 ? 0 : (folded.pending[index] ?? 0);
    return {
      index,
      label: label ?? event,
      event,
      count,
      fromStart: share(count, folded.reached[0] ?? 0),
      fromPrevious: share(count, before),
      dropped: before - count - pending,
      pending,
      averageSeconds: index === 0 ? null : seconds(folded.averageMs[index - 1]),
      medianSeconds: index === 0 ? null : seconds(folded.medianMs[index - 1]),
    };
  });
