import { isInRange, type Marked, type OracleFunnel } from './rows.ts';

/** Funnels by brute force: every chain there is. Rows of a chain are in the order in which they were done. */
export type Chain = readonly { step: number; row: Marked }[];

export const timeOf = (chain: Chain, place: number): number => chain.at(place)?.row.time ?? Number.NaN;
export const timeOfStep = (chain: Chain, step: number): number | undefined =>
  chain.find((each) => each.step === step)?.row.time;

/** Rules 3 and 13: which steps may come after one. */
const nextSteps = (last: number, { steps }: OracleFunnel): number[] => {
  const next: number[] = [];
  for (let step = last + 1; step < steps.length; step += 1) {
    next.push(step);
    if (steps[step]?.optional !== true) break;
  }
  return next;
};

const extend = (rows: readonly Marked[], chain: Chain, funnel: OracleFunnel, found: Chain[]): void => {
  found.push(chain);
  const last = chain.at(-1);
  if (last === undefined) return;
  for (const step of nextSteps(last.step, funnel))
    for (const row of rows) {
      const within = funnel.steps[step]?.withinSeconds;
      if (
        row.steps.includes(step) &&
        chain.every((each) => each.row !== row) &&
        row.time >= last.row.time &&
        row.time - timeOf(chain, 0) <= funnel.windowSeconds * 1000 &&
        (within === undefined || row.time - last.row.time <= within * 1000)
      )
        extend(rows, [...chain, { step, row }], funnel, found);
    }
};

/** Rule 7: no other row of the person strictly between its first and its last. */
const areNeighbours = (rows: readonly Marked[], chain: Chain): boolean =>
  rows.every(
    (row) => row.time <= timeOf(chain, 0) || row.time >= timeOf(chain, -1) || chain.some((each) => each.row === row),
  );

const orderedChains = (rows: readonly Marked[], funnel: OracleFunnel): Chain[] => {
  const found: Chain[] = [];
  for (const row of rows)
    for (const step of row.steps)
      if (isInRange(row, funnel) && (step === 0 || funnel.open)) extend(rows, [{ step, row }], funnel, found);
  return funnel.order === 'strict' ? found.filter((chain) => areNeighbours(rows, chain)) : found;
};

/** Rule 8: distinct rows for distinct steps, all within a window that starts at the first of them. */
const unorderedChains = (rows: readonly Marked[], funnel: OracleFunnel): Chain[] => {
  const found: Chain[] = [];
  const take = (place: number, chain: Chain): void => {
    if (chain.length > 0) found.push(chain);
    rows.slice(place).forEach((row, further) => {
      if (chain.length === 0 ? !isInRange(row, funnel) : row.time - timeOf(chain, 0) > funnel.windowSeconds * 1000)
        return;
      for (const step of row.steps)
        if (timeOfStep(chain, step) === undefined) take(place + further + 1, [...chain, { step, row }]);
    });
  };
  take(0, []);
  return found;
};

export const allChains = (rows: readonly Marked[], funnel: OracleFunnel): Chain[] =>
  funnel.order === 'unordered' ? unorderedChains(rows, funnel) : orderedChains(rows, funnel);

export const isRequired = ({ step }: { step: number }, funnel: OracleFunnel): boolean =>
  funnel.steps[step]?.optional !== true;
export const requiredOf = (chain: Chain, funnel: OracleFunnel): number =>
  funnel.order === 'unordered' ? chain.length : chain.filter((each) => isRequired(each, funnel)).length;

/** Rows of a chain by step; where any order counts by rank. */
const byStep = (chain: Chain, funnel: OracleFunnel): (Marked | undefined)[] =>
  funnel.steps.map(
    (_, place) => (funnel.order === 'unordered' ? chain[place] : chain.find(({ step }) => step === place))?.row,
  );
const firstDifference = (differences: readonly number[]): number => differences.find((each) => each !== 0) ?? 0;

/** Rule 6, with rule 13 for optional steps and open funnels. Below 0: the left one is better. */
export const compareTimes = (left: Chain, right: Chain, funnel: OracleFunnel): number => {
  const furthest = (chain: Chain) => (funnel.order === 'unordered' ? 0 : (chain.at(-1)?.step ?? -1));
  const inner = byStep(right, funnel);
  return firstDifference([
    requiredOf(right, funnel) - requiredOf(left, funnel),
    right.length - left.length,
    furthest(right) - furthest(left),
    timeOf(left, -1) - timeOf(right, -1),
    timeOf(right, 0) - timeOf(left, 0),
    ...byStep(left, funnel).map(
      (row, step) => (row?.time ?? Number.MAX_SAFE_INTEGER) - (inner[step]?.time ?? Number.MAX_SAFE_INTEGER),
    ),
  ]);
};

/** Of equal chains the one with the smaller message ids, step by step. */
const compareIds = (left: Chain, right: Chain, funnel: OracleFunnel): number => {
  const others = byStep(right, funnel);
  return firstDifference(
    byStep(left, funnel).map((row, step) => {
      const [one = '', other = ''] = [row?.messageId, others[step]?.messageId];
      return one === other ? 0 : one < other ? -1 : 1;
    }),
  );
};

const compareChains = (left: Chain, right: Chain, funnel: OracleFunnel): number =>
  compareTimes(left, right, funnel) || compareIds(left, right, funnel);

export const bestChain = (chains: readonly Chain[], funnel: OracleFunnel): Chain | undefined =>
  chains.reduce<Chain | undefined>(
    (best, chain) => (best === undefined || compareChains(chain, best, funnel) < 0 ? chain : best),
    undefined,
  );
