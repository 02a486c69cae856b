import type { Filled, Tried } from './attempt.ts';
import { firstAbove, type Journey, type Rules } from './journey.ts';

/**
 * Places from `start` on that can matter, ascending: of each step the first moments, as many as there are steps. What comes after them adds nothing,
 * since either all steps are done by then, or the ones that it could do have no use for another row. (One more, since of the first moment rows may be used up.)
 */
const placesThatMatter = ({ placesOf }: Journey, start: number): number[] => {
  const places = placesOf.flatMap((ofStep) => {
    const first = firstAbove(ofStep, start - 1);
    return ofStep.slice(first, first + placesOf.length + 1);
  });
  return [...new Set(places)].sort((a, b) => a - b);
};

/** Takes a row in if the steps so far can make room for it: one augmenting path (Kuhn). */
const admit = (rowSteps: readonly number[][], stepOf: Map<number, number>): boolean => {
  const tried = new Set<number>();
  const rowOfStep = new Map([...stepOf].map(([row, step]) => [step, row]));
  const place = (row: number): boolean =>
    (rowSteps[row] ?? []).some((step) => {
      if (tried.has(step)) return false;
      tried.add(step);
      const other = rowOfStep.get(step);
      if (other !== undefined && !place(other)) return false;
      rowOfStep.set(step, row);
      stepOf.set(row, step);
      return true;
    });
  return place(rowSteps.length - 1);
};

/**
 * The most steps that the rows from `start` to `until` can fill, each with a row of its own, the earliest rows that can. Rows are taken in order of
 * time and kept if the number of steps grows: such a greedy choice is the earliest one rank by rank, since what can be filled is a matroid.
 */
const fillAny = (rules: Rules, journey: Journey, start: number, until: number): Filled[] => {
  const rowSteps: number[][] = [];
  const stepOf = new Map<number, number>();
  const taken: Omit<Filled, 'step'>[] = [];
  for (const place of placesThatMatter(journey, start)) {
    const moment = journey.moments[place];
    if (moment === undefined || moment.time > until || taken.length === rules.steps.length) break;
    for (const row of moment.rows) {
      rowSteps.push([...row.steps]);
      if (admit(rowSteps, stepOf)) taken.push({ place, row });
      else rowSteps.pop();
    }
  }
  return taken.map((each, row) => ({ ...each, step: stepOf.get(row) ?? 0 }));
};

const asTried = (rules: Rules, { moments }: Journey, start: number, filled: readonly Filled[]): Tried => {
  const entry = moments[start]?.time ?? 0;
  const byRank = (value: (each: Filled) => number): number[] =>
    rules.steps.map((_, rank) => {
      const each = filled[rank];
      return each === undefined ? -1 : value(each);
    });
  const attempt = {
    entry,
    deadline: entry + rules.windowMs,
    places: byRank(({ place }) => place),
    times: byRank(({ row }) => row.time),
    first: 0,
    last: filled.length - 1,
    required: filled.length,
    optional: 0,
  };
  return { attempt, filled: () => filled };
};

/**
 * What the window of an entry fills in any order. An excluded row ends a window that is not complete by then, and voids it (`kept` is undefined)
 * unless exclusions only block. `used`: what the window had filled by its end.
 */
export const unorderedEntry = (
  rules: Rules,
  journey: Journey,
  start: number,
): { kept: Tried | undefined; used: Tried; excludedAt: number | null } | undefined => {
  const entry = journey.moments[start]?.time ?? 0;
  const deadline = entry + rules.windowMs;
  const excludedAt = Math.min(
    ...journey.excluded.map((times) => times[firstAbove(times, entry)] ?? Number.POSITIVE_INFINITY),
  );
  const filled = fillAny(rules, journey, start, Math.min(deadline, excludedAt));
  if (filled[0]?.place !== start) return undefined;
  const used = asTried(rules, journey, start, filled);
  const isOver = excludedAt <= deadline && filled.length < rules.steps.length;
  const isVoid = isOver && rules.exclusionEffect === 'exclude';
  return { kept: isVoid ? undefined : used, used, excludedAt: isOver ? excludedAt : null };
};
