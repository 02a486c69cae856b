import { type Attempt, bestOf, isBetter } from './attempt.ts';
import { firstAbove, type Journey, type Rules } from './journey.ts';

/** An excluded row in a gap of an attempt: when, and the step that would have closed the gap. */
export type Taint = { at: number; closing: number };

/**
 * Excluded rows strictly between the row of step `after` and the row of step `before`, or up to the deadline where `before` was not reached: the
 * earliest of all, and the earliest step that closes such a gap.
 */
export const taintOf = (rules: Rules, { excluded }: Journey, attempt: Attempt): Taint | null => {
  const found = rules.exclusions.flatMap(({ after, before }, index) => {
    const opens = attempt.times[after] ?? -1;
    if (opens < 0) return [];
    const closes = attempt.times[before] ?? -1;
    const times = excluded[index] ?? [];
    const at = times[firstAbove(times, opens)];
    return at !== undefined && (closes < 0 ? at <= attempt.deadline : at < closes) ? [{ at, closing: before }] : [];
  });
  if (found.length === 0) return null;
  return { at: Math.min(...found.map(({ at }) => at)), closing: Math.min(...found.map(({ closing }) => closing)) };
};

/** The attempt without the steps that `isKept` leaves out; the rest must be its beginning. */
export const cut = (rules: Rules, attempt: Attempt, isKept: (step: number, time: number) => boolean): Attempt => {
  const times = attempt.times.map((time, step) => (time >= 0 && isKept(step, time) ? time : -1));
  const done = times.flatMap((time, step) => (time >= 0 ? [step] : []));
  const required = done.filter((step) => rules.steps[step]?.isOptional !== true).length;
  return {
    ...attempt,
    times,
    places: attempt.places.map((place, step) => ((times[step] ?? -1) >= 0 ? place : -1)),
    last: done.at(-1) ?? -1,
    required,
    optional: done.length - required,
  };
};

/** How far a tainted attempt is counted as having come: up to the step that closed the gap. */
const farOf = (rules: Rules, attempt: Attempt, { closing }: Taint): number =>
  cut(rules, attempt, (step) => step <= closing).required;

/**
 * The best of a person's attempts where rows are excluded, or undefined for a person who is out: whose furthest attempt is tainted and
 * who has no clean one that reaches at least as far. With `block` a tainted attempt ends before the step that closes the gap.
 */
export const bestClean = (rules: Rules, journey: Journey, attempts: readonly Attempt[]): Attempt | undefined => {
  if (rules.exclusions.length === 0) return bestOf(attempts);
  let best: Attempt | undefined;
  let furthestTainted = 0;
  for (const attempt of attempts) {
    const taint = taintOf(rules, journey, attempt);
    const counted =
      taint !== null && rules.exclusionEffect === 'block'
        ? cut(rules, attempt, (step) => step < taint.closing)
        : attempt;
    if (taint !== null && rules.exclusionEffect === 'exclude')
      furthestTainted = Math.max(furthestTainted, farOf(rules, attempt, taint));
    else if (isBetter(counted, best)) best = counted;
  }
  return best !== undefined && best.required >= furthestTainted ? best : undefined;
};
