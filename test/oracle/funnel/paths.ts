import {
  allChains,
  bestChain,
  type Chain,
  compareTimes,
  isRequired,
  requiredOf,
  timeOf,
  timeOfStep,
} from './chains.ts';
import { heldOf, isInRange, type Marked, type OracleFunnel } from './rows.ts';

/** Funnels by brute force: what a person (session, entry) did. `isPending`: the window of the newest entry still runs. */
export type OraclePath = { chain: Chain; entry: number; isPending: boolean };

const windowOf = (funnel: OracleFunnel): number => funnel.windowSeconds * 1000;

/** Instants at which a window opens. */
const entryTimes = (rows: readonly Marked[], funnel: OracleFunnel): number[] => {
  const isEntry = (row: Marked) =>
    isInRange(row, funnel) &&
    (funnel.open || funnel.order === 'unordered' ? row.steps.length > 0 : row.steps.includes(0));
  const times = [...new Set(rows.filter(isEntry).map(({ time }) => time))].sort((one, other) => one - other);
  return funnel.reentry === 'first' ? times.slice(0, 1) : times;
};

/** Rule 9: an excluded row in a gap of the chain; the earliest, and the earliest step that closes such a gap. */
const taintOf = (chain: Chain, rows: readonly Marked[], funnel: OracleFunnel) => {
  const found = funnel.exclusions.flatMap(({ after, before }, index) => {
    const opened = timeOfStep(chain, after);
    if (opened === undefined) return [];
    const closed = timeOfStep(chain, before);
    const isIn = ({ time }: Marked) =>
      time > opened && (closed === undefined ? time <= timeOf(chain, 0) + windowOf(funnel) : time < closed);
    return rows.flatMap((row) => (row.exclusions.includes(index) && isIn(row) ? [{ time: row.time, before }] : []));
  });
  if (found.length === 0) return null;
  return { time: Math.min(...found.map(({ time }) => time)), before: Math.min(...found.map(({ before }) => before)) };
};

/** The attempt of an entry is its best chain. In any order an excluded row voids, or with `block` ends, a window that is not complete. */
const attemptAt = (entry: number, chains: readonly Chain[], rows: readonly Marked[], funnel: OracleFunnel) => {
  const own = chains.filter((chain) => timeOf(chain, 0) === entry);
  if (funnel.order !== 'unordered') return { chain: bestChain(own, funnel), stoppedAt: null };
  const excluded = rows
    .filter(({ time, exclusions }) => exclusions.length > 0 && time > entry && time <= entry + windowOf(funnel))
    .map(({ time }) => time);
  const stop = Math.min(...excluded);
  const chain = bestChain(
    own.filter((each) => timeOf(each, -1) <= stop),
    funnel,
  );
  const isStopped = excluded.length > 0 && chain?.length !== funnel.steps.length;
  return { chain, stoppedAt: isStopped ? stop : null };
};

/** Rule 9 over all attempts of a person; undefined for a person who is out. */
const judged = (attempts: readonly Chain[], rows: readonly Marked[], funnel: OracleFunnel): Chain | undefined => {
  const clean: Chain[] = [];
  let furthestTainted = 0;
  for (const chain of attempts) {
    const taint = taintOf(chain, rows, funnel);
    if (taint === null) clean.push(chain);
    else if (funnel.exclusionEffect === 'block') clean.push(chain.filter(({ step }) => step < taint.before));
    else
      furthestTainted = Math.max(
        furthestTainted,
        chain.filter((each) => isRequired(each, funnel) && each.step <= taint.before).length,
      );
  }
  const best = bestChain(clean, funnel);
  return best !== undefined && requiredOf(best, funnel) >= furthestTainted ? best : undefined;
};

const bestOf = (
  entries: readonly number[],
  chains: readonly Chain[],
  rows: readonly Marked[],
  funnel: OracleFunnel,
) => {
  const attempts = entries.flatMap((entry) => {
    const { chain, stoppedAt } = attemptAt(entry, chains, rows, funnel);
    return chain === undefined || (stoppedAt !== null && funnel.exclusionEffect === 'exclude') ? [] : [chain];
  });
  return funnel.order === 'unordered' ? bestChain(attempts, funnel) : judged(attempts, rows, funnel);
};

const isComplete = (chain: Chain, funnel: OracleFunnel): boolean =>
  funnel.order === 'unordered'
    ? chain.length === funnel.steps.length
    : funnel.steps.every(({ optional }, step) => optional === true || step <= (chain.at(-1)?.step ?? -1));

/** When an entry that no exclusion stopped is over: completed, expired or, where steps must be neighbours, broken. */
const overAt = (chain: Chain, rows: readonly Marked[], funnel: OracleFunnel): number => {
  if (isComplete(chain, funnel)) return timeOf(chain, -1);
  const expiry = timeOf(chain, 0) + windowOf(funnel) + 1;
  const broken = rows.find(({ time }) => time > timeOf(chain, -1))?.time;
  return funnel.order === 'strict' ? Math.min(expiry, broken ?? expiry) : expiry;
};

/** Rule 14: one entry after the other; each leaves the rows that it did not use. */
const entriesOf = (all: readonly Marked[], funnel: OracleFunnel): Chain[] => {
  const found: Chain[] = [];
  const used = new Set<Marked>();
  let free = Number.NEGATIVE_INFINITY;
  for (;;) {
    // Used rows fill no step any more; they stay between others.
    const rows = all.map((row) => (used.has(row) ? { ...row, steps: [] } : row));
    const original = (row: Marked) => all[rows.indexOf(row)] ?? row;
    const [entry] = entryTimes(rows, funnel).filter((time) => time >= free);
    if (entry === undefined) return found;
    const { chain, stoppedAt } = attemptAt(entry, allChains(rows, funnel), rows, funnel);
    if (chain === undefined) return found;
    const taint = funnel.order === 'unordered' ? null : taintOf(chain, rows, funnel);
    const end = taint?.time ?? stoppedAt;
    const kept = end === null ? chain : chain.filter(({ row }) => row.time <= end);
    if (end === null || funnel.exclusionEffect === 'block')
      found.push(kept.map((each) => ({ ...each, row: original(each.row) })));
    for (const { row } of kept) used.add(original(row));
    free = end ?? overAt(chain, rows, funnel);
  }
};

/** Rule 17: one funnel a value; rows of other values and of none match nothing. */
const rowsByConstant = (rows: readonly Marked[], funnel: OracleFunnel): Marked[][] => {
  if (funnel.constant === undefined) return [[...rows]];
  const values = new Set(rows.flatMap((row) => heldOf(row, funnel)));
  return [...values]
    .sort()
    .map((value) =>
      rows.map((row) => (heldOf(row, funnel).includes(value) ? row : { ...row, steps: [], exclusions: [] })),
    );
};

/**
 * What one unit did: one path (none for who did not enter or is out), one for each interval of entry, or every entry. `intervalOf` says
 * into which interval an entry falls; without it all are one.
 */
export const pathsOf = (
  rows: readonly Marked[],
  funnel: OracleFunnel,
  intervalOf: (time: number) => string = () => '',
): OraclePath[] => {
  // Rule 2: with the range for all rows nothing can be done after it.
  const end = funnel.rangeApplies === 'all' ? funnel.to : Number.POSITIVE_INFINITY;
  const isRunning = (entry: number) => Math.min(entry + windowOf(funnel), end) > funnel.now;
  const byConstant = rowsByConstant(rows, funnel);
  if (funnel.countBy === 'entry')
    return byConstant.flatMap((own) =>
      entriesOf(own, funnel).map((chain) => ({
        chain,
        entry: timeOf(chain, 0),
        isPending: isRunning(timeOf(chain, 0)),
      })),
    );
  const intervals = new Map<string, { newest: number; chains: Chain[] }>();
  for (const own of byConstant) {
    const chains = allChains(own, funnel);
    for (const [interval, entries] of Map.groupBy(entryTimes(own, funnel), intervalOf)) {
      const known = intervals.get(interval) ?? { newest: Number.NEGATIVE_INFINITY, chains: [] };
      const best = bestOf(entries, chains, own, funnel);
      intervals.set(interval, {
        newest: Math.max(known.newest, ...entries),
        chains: best === undefined ? known.chains : [...known.chains, best],
      });
    }
  }
  return [...intervals.values()].flatMap(({ newest, chains }) => {
    // Of equal chains of two values the one of the value that sorts first.
    const chain = chains.toSorted((left, right) => compareTimes(left, right, funnel))[0];
    return chain === undefined ? [] : [{ chain, entry: timeOf(chain, 0), isPending: isRunning(newest) }];
  });
};
