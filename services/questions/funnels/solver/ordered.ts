import { type Attempt, bestOf, isBetter, isBetterWay } from './attempt.ts';
import { canFill } from './filling.ts';
import { firstAbove, type Journey, type Moment, type Rules } from './journey.ts';

/** A way that may go on. `isWhole`: it has used all rows of its last moment. */
type Way = Attempt & { isWhole: boolean };

/** What follows from the rules alone, once per question. */
export type Plan = Rules & {
  /** By step (0: the entry; k + 1: after step k): steps that may come next, up to the first required one. */
  next: readonly (readonly number[])[];
  /** By step: the longest limit of a next step; -1 where none has one. */
  limitMs: readonly number[];
  /** Every step required and no limit but the window: the way that is furthest, earliest, is all there is to remember. */
  isPlain: boolean;
};

export const createPlan = (rules: Rules): Plan => {
  const { steps } = rules;
  const after = (step: number): number[] => {
    const required = steps.findIndex(({ isOptional }, index) => index > step && !isOptional);
    const end = required < 0 ? steps.length - 1 : required;
    return steps.flatMap((_, index) => (index > step && index <= end ? [index] : []));
  };
  const all = steps.map((_, index) => index);
  const next = [rules.isOpen ? all : [0], ...all.map(after)];
  return {
    ...rules,
    next,
    limitMs: all.map((step) =>
      Math.max(-1, ...(next[step + 1] ?? []).map((later) => steps[later]?.withinMs ?? 0).filter(Number.isFinite)),
    ),
    isPlain:
      rules.order === 'ordered' &&
      !rules.isOpen &&
      steps.every(({ isOptional, withinMs }) => !isOptional && withinMs === Number.POSITIVE_INFINITY),
  };
};

/** Steps from `first` to `last` that one moment fills: the required ones, and optional ones as far as its rows suffice, earlier ones before later. */
const between = (plan: Plan, { rows }: Moment, first: number, last: number): number[] | null => {
  const isNeeded = (step: number): boolean => step === first || step === last || plan.steps[step]?.isOptional === false;
  const range = plan.steps.map((_, step) => step).slice(first, last + 1);
  let filled = range.filter(isNeeded);
  if (!canFill(rows, filled)) return null;
  for (const step of range) {
    if (isNeeded(step) || filled.length === rows.length) continue;
    const more = [...filled, step].sort((a, b) => a - b);
    if (canFill(rows, more)) filled = more;
  }
  return filled;
};

/** All that a moment can do for a way that may go on with one of `candidates`: one list of steps for each pair of first and last. */
const fillings = (plan: Plan, moment: Moment, candidates: readonly number[]): number[][] => {
  const [only] = moment.rows;
  if (only === undefined) return [];
  if (moment.rows.length === 1) return candidates.filter((step) => only.steps.includes(step)).map((step) => [step]);
  return candidates.flatMap((first) => {
    const found: number[][] = [];
    for (let last = first; last < plan.steps.length; last += 1) {
      const filled = between(plan, moment, first, last);
      if (filled !== null) found.push(filled);
      // What cannot get over a required step gets no further.
      else if (plan.steps[last]?.isOptional === false || last === first) break;
    }
    return found;
  });
};

const extend = (plan: Plan, way: Attempt, moment: Moment, place: number, filled: readonly number[]): Way => {
  const places = [...way.places];
  const times = [...way.times];
  let { required, optional } = way;
  for (const step of filled) {
    places[step] = place;
    times[step] = moment.time;
    if (plan.steps[step]?.isOptional === true) optional += 1;
    else required += 1;
  }
  return {
    ...way,
    places,
    times,
    required,
    optional,
    first: way.first < 0 ? (filled[0] ?? 0) : way.first,
    last: filled.at(-1) ?? way.last,
    isWhole: filled.length === moment.rows.length && moment.others === 0,
  };
};

const begin = (plan: Plan, moment: Moment, place: number): Way[] => {
  const nothing = plan.steps.map(() => -1);
  const { time } = moment;
  const empty = { places: nothing, times: nothing, first: -1, last: -1, required: 0, optional: 0 };
  const entered = { ...empty, entry: time, deadline: time + plan.windowMs };
  // Whatever else happened in its millisecond may have come before the entry.
  return fillings(plan, moment, plan.next[0] ?? []).map((filled) => ({
    ...extend(plan, entered, moment, place, filled),
    isWhole: true,
  }));
};

const grow = (plan: Plan, ways: readonly Way[], moment: Moment, place: number): Way[] =>
  ways.flatMap((way) => {
    const waited = moment.time - (way.times[way.last] ?? 0);
    const candidates = (plan.next[way.last + 1] ?? []).filter((step) => waited <= (plan.steps[step]?.withinMs ?? 0));
    return fillings(plan, moment, candidates).map((filled) => extend(plan, way, moment, place, filled));
  });

/** Of ways that stand at the same step the best, and those for which a next step with a limit is not too late: each may be the one to reach it. */
const remember = (plan: Plan, ways: readonly Way[], time: number): Way[] => {
  const best: Way[] = [];
  const timed: Way[] = [];
  for (const way of ways) {
    if ((plan.next[way.last + 1] ?? []).length === 0) continue;
    if (time - (way.times[way.last] ?? 0) <= (plan.limitMs[way.last] ?? 0)) timed.push(way);
    else if (isBetterWay(way, best[way.last])) best[way.last] = way;
  }
  return plan.isPlain ? best.slice(-1) : [...timed, ...best.filter((way) => way !== undefined)];
};

/** The next moment that can carry one of the ways on; where steps must be neighbours the next of all. */
const nextPlace = (plan: Plan, { placesOf }: Journey, place: number, ways: readonly Way[]): number => {
  if (plan.order === 'strict') return place + 1;
  let next = Number.POSITIVE_INFINITY;
  for (const { last } of ways)
    for (const step of plan.next[last + 1] ?? []) {
      const places = placesOf[step] ?? [];
      next = Math.min(next, places[firstAbove(places, place)] ?? Number.POSITIVE_INFINITY);
    }
  return next;
};

/**
 * What became of the entry at a moment: of its ways that reach furthest the best one. Moment by moment, the ways that may still go on; rows of one
 * moment are matched to steps in every way that differs. `spend` is told how many ways were looked at.
 */
export const orderedAttempt = (
  plan: Plan,
  journey: Journey,
  start: number,
  spend: (ways: number) => void,
): Attempt | undefined => {
  const entered = journey.moments[start];
  if (entered === undefined) return undefined;
  const begun = begin(plan, entered, start);
  let best = bestOf(begun);
  let ways = remember(plan, begun, entered.time);
  for (let place = start; ways.length > 0; ) {
    place = nextPlace(plan, journey, place, ways);
    const moment = journey.moments[place];
    if (moment === undefined || moment.time > entered.time + plan.windowMs) break;
    spend(ways.length);
    const grown = grow(plan, ways, moment, place);
    for (const way of grown) if (isBetter(way, best)) best = way;
    ways =
      plan.order === 'strict'
        ? remember(
            plan,
            grown.filter(({ isWhole }) => isWhole),
            moment.time,
          )
        : remember(plan, [...ways, ...grown], moment.time);
  }
  return best;
};
