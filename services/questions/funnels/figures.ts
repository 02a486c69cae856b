import type { Attempt } from './solver/attempt.ts';
import type { Rules } from './solver/journey.ts';

/** Figures of one bucket, by step. Times are milliseconds, NaN where there are none. */
export type Figures = {
  /** Who did the step. */
  reached: readonly number[];
  /** Whose way began with it. */
  entered: readonly number[];
  /** Who could have done it next: their way began before it, and they did what is required before it. */
  eligible: readonly number[];
  /** Of those who did not do it, whose window still runs. */
  pending: readonly number[];
  /** From the step before that they did. */
  averageMs: readonly number[];
  medianMs: readonly number[];
};

export const noFigures = (steps: number): Figures => {
  const zeros = Array.from({ length: steps }, () => 0);
  const none = zeros.map(() => Number.NaN);
  return { reached: zeros, entered: zeros, eligible: zeros, pending: zeros, averageMs: none, medianMs: none };
};

/** The quantile 0.5 of sorted numbers, interpolated between the two in the middle. */
export const medianOf = (sorted: readonly number[]): number => {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
};

export const averageOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** The last required step before one. */
const requiredBefore = (rules: Rules, step: number): number =>
  rules.steps.findLastIndex(({ isOptional }, index) => index < step && !isOptional);

/** What became of a way at a step; null for one that never stood before it. */
export type Outcome = 'reached' | 'dropped' | 'pending';
export const outcomeAt = (
  rules: Rules,
  { times, first, last }: Attempt,
  isPending: boolean,
  step: number,
): Outcome | null => {
  if ((times[step] ?? -1) >= 0) return 'reached';
  const couldCome = first < step && last >= requiredBefore(rules, step);
  if (!couldCome || rules.steps[step]?.isOptional === true) return null;
  return isPending ? 'pending' : 'dropped';
};

/** Adds up attempts to the figures of a bucket. */
export const createTally = (rules: Rules) => {
  const steps = rules.steps.map((_, step) => step);
  const required = steps.map((step) => requiredBefore(rules, step));
  const zeros = () => steps.map(() => 0);
  const counts = { reached: zeros(), entered: zeros(), eligible: zeros(), pending: zeros() };
  const gaps: number[][] = steps.map(() => []);
  const count = (list: number[], step: number): void => {
    list[step] = (list[step] ?? 0) + 1;
  };

  const add = (attempt: Attempt, isPending: boolean): void => {
    const { times, first, last } = attempt;
    count(counts.entered, first);
    let before = -1;
    for (const step of steps) {
      const time = times[step] ?? -1;
      if (first < step && last >= (required[step] ?? 0)) count(counts.eligible, step);
      if (isPending && outcomeAt(rules, attempt, isPending, step) === 'pending') count(counts.pending, step);
      if (time < 0) continue;
      count(counts.reached, step);
      if (before >= 0) gaps[step]?.push(time - before);
      before = time;
    }
  };

  const figures = (): Figures => ({
    ...counts,
    averageMs: gaps.map(averageOf),
    medianMs: gaps.map((each) => medianOf(each.sort((one, other) => one - other))),
  });
  return { add, figures };
};
