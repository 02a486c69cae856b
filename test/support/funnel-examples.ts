import type { FunnelAnswer } from '../../schemas/api/funnels.ts';

/** What a funnel of an example of the docs says unless it says otherwise: a window of an hour; a step may be only the name of its event. */
export const asFunnel = (ask: object): object => {
  const { steps = [], ...rest } = ask as { steps?: (string | object)[] };
  return {
    windowSeconds: 3600,
    ...rest,
    steps: steps.map((step) => (typeof step === 'string' ? { event: step } : step)),
  };
};

const countsOf = ({ steps }: Pick<FunnelAnswer, 'steps'>): number[] => steps.map(({ count }) => count);

/** An answer with what examples are written in: `counts` of its steps, and of each row of its breakdown. */
export const withCounts = (answer: FunnelAnswer): object => ({
  ...answer,
  counts: countsOf(answer),
  rows: Object.fromEntries((answer.breakdown ?? []).map((row) => [row.value, countsOf(row)])),
});
