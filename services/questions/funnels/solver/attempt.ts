import type { Row } from './journey.ts';

/** A row that fills a step, and the place of its moment. */
export type Filled = { step: number; place: number; row: Row };

/** What became of one entry. In an unordered funnel the steps are ranks: the first that was done, the second, … */
export type Attempt = {
  entry: number;
  /** Last instant at which a step may be done. */
  deadline: number;
  /** By step: the moment in which it was done, as its place in the journey and its time; -1 where it was not. */
  places: readonly number[];
  times: readonly number[];
  /** The first and the last step done. */
  first: number;
  last: number;
  /** How many required and how many optional steps were done. */
  required: number;
  optional: number;
};

/** Step by step: done before left out, earlier before later. Below 0: the left one is better. */
const compareSteps = (left: Attempt, right: Attempt): number => {
  for (const [step, time] of left.times.entries()) {
    const other = right.times[step] ?? -1;
    if (time !== other) return other < 0 || (time >= 0 && time < other) ? -1 : 1;
  }
  return 0;
};

const compareDepth = (left: Attempt, right: Attempt): number =>
  right.required - left.required || right.optional - left.optional || right.last - left.last;

/** Of ways to the same step, which one to go on from. */
export const isBetterWay = (left: Attempt, right: Attempt | undefined): boolean =>
  right === undefined || (compareDepth(left, right) || compareSteps(left, right)) < 0;

const lastTime = ({ times, last }: Attempt): number => times[last] ?? 0;

/** Deeper; then the last step earlier; then the entry later; then the inner steps earlier (docs/funnels.md, rule 6). */
export const isBetter = (left: Attempt, right: Attempt | undefined): boolean =>
  right === undefined ||
  (compareDepth(left, right) ||
    lastTime(left) - lastTime(right) ||
    right.entry - left.entry ||
    compareSteps(left, right)) < 0;

export const bestOf = (attempts: readonly Attempt[]): Attempt | undefined =>
  attempts.reduce<Attempt | undefined>((best, each) => (isBetter(each, best) ? each : best), undefined);

/** An attempt with the rows that fill its steps. */
export type Tried = { attempt: Attempt; filled: () => readonly Filled[] };
