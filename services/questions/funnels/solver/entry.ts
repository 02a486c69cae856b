import type { Attempt, Filled, Tried } from './attempt.ts';
import { fill } from './filling.ts';
import type { Journey } from './journey.ts';
import { orderedAttempt, type Plan } from './ordered.ts';
import { unorderedEntry } from './unordered.ts';

/** The rows of an ordered attempt, moment by moment. */
const filledBy = ({ moments }: Journey, { places }: Attempt): Filled[] => {
  const steps = places.flatMap((place, step) => (place >= 0 ? [{ place, step }] : []));
  return [...Map.groupBy(steps, ({ place }) => place)].flatMap(([place, inMoment]) => {
    const rows = fill(
      moments[place]?.rows ?? [],
      inMoment.map(({ step }) => step),
    );
    return inMoment.flatMap(({ step }, index) => {
      const row = rows[index];
      return row === undefined ? [] : [{ step, place, row }];
    });
  });
};

export const asTried = (plan: Plan, journey: Journey, attempt: Attempt): Tried => ({
  attempt,
  filled: () =>
    plan.order === 'unordered'
      ? (unorderedEntry(plan, journey, attempt.places[0] ?? 0)?.used.filled() ?? [])
      : filledBy(journey, attempt),
});

/** What became of the entry at a moment; exclusions of an ordered funnel are judged later, over all entries. */
export const entryAt = (
  plan: Plan,
  journey: Journey,
  start: number,
  spend: (ways: number) => void,
): Attempt | undefined => {
  spend(1);
  return plan.order === 'unordered'
    ? unorderedEntry(plan, journey, start)?.kept?.attempt
    : orderedAttempt(plan, journey, start, spend);
};
