import { type ActingStep, actingSteps, type Step } from '../../../schemas/automation.ts';
import type { Criterion } from '../../../schemas/segment.ts';

/** An action of the ledger: when it was last heard of, whether it is over, and whether it came to nothing. */
export type Past = { at: number; isOver: boolean; isUnsent?: boolean };

export type Place =
  /** Is to be done now, and was from that time on. */
  | { kind: 'due'; step: ActingStep; at: number }
  /** Comes at this time, if nothing speaks against it. */
  | { kind: 'later'; step: ActingStep; at: number }
  /** Planned, and not over yet. */
  | { kind: 'under-way'; step: ActingStep }
  /** Its time is past by more than it may be. */
  | { kind: 'late'; step: ActingStep }
  /** All that was to be done was planned; the last of it. */
  | { kind: 'done'; step: ActingStep | null };

export type Walk = {
  steps: readonly Step[];
  /** When the occasion came about: waits count from here, and from each step that was planned on. */
  at: number;
  now: number;
  /** A step that is late by more is left out, and so is what comes behind it. */
  maxAgeMilliseconds: number;
  past(step: ActingStep): Past | undefined;
  isIn(criterion: Criterion): boolean;
};

type Found = { place: Place } | { cursor: number; last: ActingStep | null };

/** Seconds of waiting on the longest way through the steps. */
export const longestWait = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => {
    if (step.kind === 'wait') return sum + step.seconds;
    return step.kind === 'branch' ? sum + Math.max(longestWait(step.yes), longestWait(step.no)) : sum;
  }, 0);

/**
 * Where a person stands in an automation: nothing is kept of it but the ledger. From the occasion on step by step: past what was planned, up to what is to
 * come. On a branch, a way on which something was planned stays the way. What stands before something that was planned was put there later, and is passed over. Pure.
 */
export const placeIn = (walk: Walk): Place => {
  const wasOn = (steps: readonly Step[]): boolean => actingSteps(steps).some((step) => walk.past(step) !== undefined);

  /** `isPassed`: something that comes behind these steps was planned. */
  const through = (
    steps: readonly Step[],
    from: { cursor: number; last: ActingStep | null },
    isPassed: boolean,
  ): Found => {
    let { cursor, last } = from;
    for (const [index, step] of steps.entries()) {
      const isBefore = isPassed || wasOn(steps.slice(index + 1));
      if (step.kind === 'wait') {
        cursor += step.seconds * 1000;
        continue;
      }
      if (step.kind === 'branch') {
        // The question is of the time when the branch is reached.
        if (isBefore && !wasOn([step])) continue;
        const isYes = wasOn(step.yes) || (!wasOn(step.no) && cursor <= walk.now && walk.isIn(step.if));
        const found = through(isYes ? step.yes : step.no, { cursor, last }, isBefore);
        if ('place' in found) return found;
        ({ cursor, last } = found);
        continue;
      }
      const past = walk.past(step);
      if (past === undefined) {
        if (isBefore) continue;
        if (cursor > walk.now) return { place: { kind: 'later', step, at: cursor } };
        if (walk.now - cursor > walk.maxAgeMilliseconds) return { place: { kind: 'late', step } };
        return { place: { kind: 'due', step, at: cursor } };
      }
      if (!past.isOver) return { place: { kind: 'under-way', step } };
      // Planned in time, and too late when it could have gone.
      if (past.isUnsent && past.at - cursor > walk.maxAgeMilliseconds) return { place: { kind: 'late', step } };
      cursor = past.at;
      last = step;
    }
    return { cursor, last };
  };

  const found = through(walk.steps, { cursor: walk.at, last: null }, false);
  if ('place' in found) return found.place;
  return { kind: 'done', step: found.last };
};
