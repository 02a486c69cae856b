import type { FunnelQuery } from '../../../schemas/api/funnels.ts';

/** A row of a person that matches one or more steps. Bit k of `mask` is step k. */
export type StepRow = { time: number; mask: bigint };
export type Folded = { reach: number; isPending: boolean; gaps: number[] };

type Chain = { entry: number; times: number[] };
type Rules = Pick<FunnelQuery, 'windowSeconds' | 'reentry'> & { from: number; to: number; steps: number; now: number };

/** Whether each of the steps `first` to `last` can have a row of its own: Kuhn's augmenting paths over the few rows of one millisecond. */
const canMatch = (rows: readonly StepRow[], first: number, last: number): boolean => {
  const stepOfRow = new Map<number, number>();
  const place = (step: number, tried: Set<number>): boolean =>
    rows.some(({ mask }, row) => {
      if (tried.has(row) || (mask & (1n << BigInt(step))) === 0n) return false;
      tried.add(row);
      const other = stepOfRow.get(row);
      if (other !== undefined && !place(other, tried)) return false;
      stepOfRow.set(row, step);
      return true;
    });
  for (let step = first; step <= last; step += 1) if (!place(step, new Set())) return false;
  return true;
};

/** Newer entry first, then earlier inner steps (funnel semantics, rule 6). */
const isBetter = (left: Chain, right: Chain | undefined): boolean => {
  if (right === undefined || left.entry !== right.entry) return right === undefined || left.entry > right.entry;
  const differing = left.times.findIndex((time, step) => time !== right.times[step]);
  return differing >= 0 && (left.times[differing] ?? 0) < (right.times[differing] ?? 0);
};

/** All chains that this millisecond continues from the levels before it, or begins; the best of each new level. */
const advance = (
  levels: readonly (Chain | undefined)[],
  group: readonly StepRow[],
  time: number,
  rules: Rules,
  mayEnter: boolean,
) => {
  const reached = new Map<number, Chain>();
  for (let level = 0; level < rules.steps; level += 1) {
    const chain = level === 0 ? (mayEnter ? { entry: time, times: [] } : undefined) : levels[level];
    if (chain === undefined || time - chain.entry > rules.windowSeconds * 1000) continue;
    for (let next = level + 1; next <= rules.steps && canMatch(group, level, next - 1); next += 1) {
      const longer = {
        entry: chain.entry,
        times: [...chain.times, ...Array.from({ length: next - level }, () => time)],
      };
      if (isBetter(longer, reached.get(next))) reached.set(next, longer);
    }
  }
  return reached;
};

/**
 * A person whose rows of one millisecond may be taken in several orders. Millisecond by millisecond, for each level the chain with the newest
 * entry; within a millisecond rows are matched to steps in the best way. Few persons need it: the rest is folded in the warehouse (chain.ts).
 */
export const foldTies = (rows: readonly StepRow[], rules: Rules): Folded | null => {
  const levels: (Chain | undefined)[] = [];
  const firsts: (Chain | undefined)[] = [];
  let newestEntry: number | null = null;
  for (const [time, group] of Map.groupBy(rows, (row) => row.time)) {
    const isEntry = time >= rules.from && time < rules.to && group.some(({ mask }) => (mask & 1n) === 1n);
    const mayEnter = isEntry && (rules.reentry === 'best' || newestEntry === null);
    if (mayEnter) newestEntry = time;
    for (const [level, chain] of advance(levels, group, time, rules, mayEnter)) {
      if (isBetter(chain, levels[level])) levels[level] = chain;
      firsts[level] ??= chain;
    }
  }
  if (newestEntry === null) return null;
  const reach = firsts.length - 1;
  const times = firsts[reach]?.times ?? [];
  return {
    reach,
    isPending: newestEntry + rules.windowSeconds * 1000 > rules.now,
    gaps: times.slice(1).map((time, step) => time - (times[step] ?? 0)),
  };
};
