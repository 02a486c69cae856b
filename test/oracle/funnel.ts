/**
 * Funnels by brute force, written from docs/funnels.md (rules 1 to 6 and 18) alone; no code of the product is used. Tries every chain.
 */
export type OracleRow = { time: number; event: string; price?: number; messageId: string };
export type OracleStep = { event: string; minimumPrice?: number };
export type OracleFunnel = {
  steps: readonly OracleStep[];
  from: number;
  to: number;
  windowSeconds: number;
  rangeApplies: 'entry' | 'all';
  reentry: 'best' | 'first';
  now: number;
};

const matches = (row: OracleRow, step: OracleStep): boolean =>
  row.event === step.event &&
  (step.minimumPrice === undefined || (row.price ?? Number.NEGATIVE_INFINITY) >= step.minimumPrice);

/** Every chain of distinct rows that starts with `chain`; each prefix counts as a chain. */
const extend = (
  rows: readonly OracleRow[],
  chain: readonly OracleRow[],
  funnel: OracleFunnel,
  found: (chain: readonly OracleRow[]) => void,
): void => {
  found(chain);
  const step = funnel.steps[chain.length];
  const last = chain.at(-1);
  const entry = chain[0];
  if (step === undefined || last === undefined || entry === undefined) return;
  for (const row of rows)
    if (
      !chain.includes(row) &&
      row.time >= last.time &&
      row.time - entry.time <= funnel.windowSeconds * 1000 &&
      matches(row, step)
    )
      extend(rows, [...chain, row], funnel, found);
};

/** Deeper; then an earlier last step; then a later entry; then earlier inner steps. */
const compare = (left: readonly OracleRow[], right: readonly OracleRow[]): number => {
  if (left.length !== right.length) return right.length - left.length;
  const last = (left.at(-1)?.time ?? 0) - (right.at(-1)?.time ?? 0);
  if (last !== 0) return last;
  const entry = (right[0]?.time ?? 0) - (left[0]?.time ?? 0);
  if (entry !== 0) return entry;
  for (const [step, row] of left.entries()) {
    const inner = row.time - (right[step]?.time ?? 0);
    if (inner !== 0) return inner;
  }
  return 0;
};

export type OraclePerson = { reach: number; isPending: boolean; gaps: number[] };

export const oracleFunnel = (all: readonly OracleRow[], funnel: OracleFunnel): OraclePerson | null => {
  const isInRange = ({ time }: OracleRow) => time >= funnel.from && time < funnel.to;
  const unique = [...new Map(all.map((row) => [row.messageId, row])).values()];
  const rows = unique.filter((row) => funnel.rangeApplies === 'entry' || isInRange(row));
  const [first] = funnel.steps;
  if (first === undefined) return null;
  const entries = rows.filter((row) => isInRange(row) && matches(row, first));
  if (entries.length === 0) return null;
  const earliest = Math.min(...entries.map(({ time }) => time));
  const counted = funnel.reentry === 'first' ? entries.filter(({ time }) => time === earliest) : entries;
  let best: readonly OracleRow[] = [];
  for (const entry of counted)
    extend(rows, [entry], funnel, (chain) => {
      if (best.length === 0 || compare(chain, best) < 0) best = chain;
    });
  const newest = Math.max(...counted.map(({ time }) => time));
  return {
    reach: best.length,
    isPending: newest + funnel.windowSeconds * 1000 > funnel.now,
    gaps: best.slice(1).map(({ time }, step) => time - (best[step]?.time ?? 0)),
  };
};

/** Persons -> the figures by step. */
export const oracleAnswer = (persons: readonly (readonly OracleRow[])[], funnel: OracleFunnel) => {
  const folded = persons.flatMap((rows) => oracleFunnel(rows, funnel) ?? []);
  return funnel.steps.map((_, step) => {
    const count = folded.filter(({ reach }) => reach > step).length;
    const pending = step === 0 ? 0 : folded.filter(({ reach, isPending }) => reach === step && isPending).length;
    const before = step === 0 ? count : folded.filter(({ reach }) => reach > step - 1).length;
    const gaps = step === 0 ? [] : folded.flatMap((person) => person.gaps[step - 1] ?? []).sort((a, b) => a - b);
    const middle = (gaps.length - 1) / 2;
    const median =
      gaps.length === 0 ? null : ((gaps[Math.floor(middle)] ?? 0) + (gaps[Math.ceil(middle)] ?? 0)) / 2 / 1000;
    const average = gaps.length === 0 ? null : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / 1000;
    return { count, pending, dropped: before - count - pending, median, average };
  });
};
