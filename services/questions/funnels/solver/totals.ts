import type { Tried } from './attempt.ts';
import { asTried } from './entry.ts';
import { cut, taintOf } from './exclusions.ts';
import type { Journey, Moment } from './journey.ts';
import { orderedAttempt, type Plan } from './ordered.ts';
import { unorderedEntry } from './unordered.ts';

/** An entry when every entry counts: what it keeps (undefined where an exclusion puts it out), the rows it used, and when the next one may open. */
type Entry = { kept: Tried | undefined; used: Tried; reopensAt: number };

const isComplete = (plan: Plan, { attempt }: Tried): boolean =>
  plan.order === 'unordered'
    ? attempt.required === plan.steps.length
    : plan.steps.every(({ isOptional }, step) => isOptional || step <= attempt.last);

/** When an entry is over that no exclusion ended: with its completion, with its window, or, where steps must be neighbours, with what came between. */
const endOf = (plan: Plan, { moments }: Journey, one: Tried): number => {
  const { attempt } = one;
  if (isComplete(plan, one)) return attempt.times[attempt.last] ?? 0;
  const broken = plan.order === 'strict' ? moments[(attempt.places[attempt.last] ?? 0) + 1]?.time : undefined;
  return Math.min(broken ?? Number.POSITIVE_INFINITY, attempt.deadline + 1);
};

const orderedEntry = (
  plan: Plan,
  journey: Journey,
  start: number,
  spend: (ways: number) => void,
): Entry | undefined => {
  const attempt = orderedAttempt(plan, journey, start, spend);
  if (attempt === undefined) return undefined;
  const taint = taintOf(plan, journey, attempt);
  if (taint === null) {
    const used = asTried(plan, journey, attempt);
    return { kept: used, used, reopensAt: endOf(plan, journey, used) };
  }
  const used = asTried(
    plan,
    journey,
    cut(plan, attempt, (_, time) => time <= taint.at),
  );
  return { kept: plan.exclusionEffect === 'block' ? used : undefined, used, reopensAt: taint.at };
};

const anyEntry = (plan: Plan, journey: Journey, start: number): Entry | undefined => {
  const entry = unorderedEntry(plan, journey, start);
  return entry && { ...entry, reopensAt: entry.excludedAt ?? endOf(plan, journey, entry.used) };
};

/**
 * Every entry of a journey: a new one opens only when the one before was completed, its window is over or an exclusion ended it, also in that
 * millisecond, by a row that the one before did not use.
 */
export const entriesOf = (plan: Plan, journey: Journey, spend: (ways: number) => void): Tried[] => {
  const moments: Moment[] = [...journey.moments];
  const left = { ...journey, moments };
  const found: Tried[] = [];
  for (let place = 0; place < moments.length; ) {
    const moment = moments[place];
    if (moment === undefined || moment.time >= plan.to) break;
    spend(1);
    const open = plan.order === 'unordered' ? anyEntry(plan, left, place) : orderedEntry(plan, left, place, spend);
    if (open === undefined || moment.time < plan.from) {
      place += 1;
      continue;
    }
    // Which rows they are must be known before they are gone.
    const filled = open.used.filled();
    if (open.kept !== undefined) found.push({ attempt: open.kept.attempt, filled: () => filled });
    while ((moments[place]?.time ?? Number.POSITIVE_INFINITY) < open.reopensAt) place += 1;
    const reopened = moments[place];
    const used = new Set(filled.map(({ row }) => row));
    if (reopened !== undefined) moments[place] = { ...reopened, rows: reopened.rows.filter((row) => !used.has(row)) };
  }
  return found;
};
