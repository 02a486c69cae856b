import type { Row } from './journey.ts';

/** Which row each step takes, or null where the rows do not suffice: Kuhn's augmenting paths over the few rows of a moment. */
const match = (
  rows: readonly Row[],
  steps: readonly number[],
  taken: ReadonlySet<number>,
): Map<number, number> | null => {
  const stepOfRow = new Map<number, number>();
  const place = (step: number, tried: Set<number>): boolean =>
    rows.some((row, index) => {
      if (taken.has(index) || tried.has(index) || !row.steps.includes(step)) return false;
      tried.add(index);
      const other = stepOfRow.get(index);
      if (other !== undefined && !place(other, tried)) return false;
      stepOfRow.set(index, step);
      return true;
    });
  return steps.every((step) => place(step, new Set())) ? stepOfRow : null;
};

const none: ReadonlySet<number> = new Set();

/** Whether each of the steps can have a row of its own. */
export const canFill = (rows: readonly Row[], steps: readonly number[]): boolean => {
  const [only] = steps;
  if (steps.length > rows.length) return false;
  if (steps.length === 1 && only !== undefined) return rows.some((row) => row.steps.includes(only));
  return match(rows, steps, none) !== null;
};

/** For each step its row: step by step the first (by message id) that leaves rows for the steps to come. */
export const fill = (rows: readonly Row[], steps: readonly number[]): Row[] => {
  const taken = new Set<number>();
  return steps.flatMap((step, index) => {
    const rest = steps.slice(index + 1);
    const place = rows.findIndex(
      (row, each) =>
        !taken.has(each) && row.steps.includes(step) && match(rows, rest, new Set([...taken, each])) !== null,
    );
    taken.add(place);
    return rows[place] ?? [];
  });
};
