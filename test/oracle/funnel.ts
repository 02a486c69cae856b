import { type Chain, compareTimes, isRequired, timeOf, timeOfStep } from './funnel/chains.ts';
import { type OraclePath, pathsOf } from './funnel/paths.ts';
import {
  heldOf,
  type Marked,
  markedRows,
  type OracleBreakdown,
  type OracleFunnel,
  type OracleRow,
} from './funnel/rows.ts';

/**
 * Figures of a funnel by brute force, written from docs/funnels.md alone; no code of the product is used.
 */
/** Rule 1: what is counted. Rows without its key are left out. */
const unitsOf = (persons: readonly (readonly OracleRow[])[], funnel: OracleFunnel): Marked[][] => {
  const marked = persons.map((rows) => markedRows(rows, funnel));
  if (funnel.countBy !== 'session') return marked;
  return marked.flatMap((rows) => {
    const sessions = new Set(rows.flatMap(({ session }) => session ?? []));
    return [...sessions].map((session) => rows.filter((row) => row.session === session));
  });
};

const median = (values: readonly number[]): number => {
  const middle = (values.length - 1) / 2;
  return ((values[Math.floor(middle)] ?? 0) + (values[Math.ceil(middle)] ?? 0)) / 2;
};
const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** To the microsecond, as floats come out of different sums. */
const seconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1e6;

const has = (chain: Chain, step: number): boolean => chain.some((each) => each.step === step);

/** Chains of an unordered funnel by rank, so that step k is "any k + 1 of them". */
const ranked = (path: OraclePath, funnel: OracleFunnel): OraclePath =>
  funnel.order === 'unordered' ? { ...path, chain: path.chain.map(({ row }, step) => ({ step, row })) } : path;

const figuresOf = (found: readonly OraclePath[], funnel: OracleFunnel) => {
  const paths = found.map((path) => ranked(path, funnel));
  return funnel.steps.map((_, step) => {
    const before = funnel.steps.findLastIndex((each, index) => index < step && each.optional !== true);
    const couldCome = paths.filter(({ chain }) => (chain[0]?.step ?? 0) < step && (chain.at(-1)?.step ?? 0) >= before);
    const left = couldCome.filter(({ chain }) => !has(chain, step) && isRequired({ step }, funnel));
    const gaps = paths
      .flatMap(({ chain }) => {
        const place = chain.findIndex((each) => each.step === step);
        return place > 0 ? [timeOf(chain, place) - timeOf(chain, place - 1)] : [];
      })
      .sort((one, other) => one - other);
    return {
      count: paths.filter(({ chain }) => has(chain, step)).length,
      entered: paths.filter(({ chain }) => chain[0]?.step === step).length,
      pending: left.filter(({ isPending }) => isPending).length,
      dropped: left.filter(({ isPending }) => !isPending).length,
      median: gaps.length === 0 ? null : seconds(median(gaps)),
      average: gaps.length === 0 ? null : seconds(average(gaps)),
    };
  });
};

export const oracleAnswer = (persons: readonly (readonly OracleRow[])[], funnel: OracleFunnel) =>
  figuresOf(
    unitsOf(persons, funnel).flatMap((rows) => pathsOf(rows, funnel)),
    funnel,
  );

type Valued = { value: string; rows: Marked[] };
const foreign = (row: Marked): Marked => ({ ...row, steps: [], exclusions: [] });

/** Rule 10: a unit's rows for each value that it is counted under; '' for none. */
const byValue = (all: readonly Marked[], funnel: OracleFunnel, breakdown: OracleBreakdown): Valued[] => {
  // Rule 17: without the value that is to be constant a row matches nothing.
  const rows = all.map((row) =>
    funnel.constant !== undefined && heldOf(row, funnel).length === 0 ? foreign(row) : row,
  );
  const { attribution, step } = breakdown;
  const valued = (isOne: (row: Marked) => boolean) =>
    rows.flatMap((row) => (isOne(row) && row.source !== undefined ? [{ time: row.time, value: row.source }] : []));
  if (attribution === 'first' || attribution === 'last') {
    const sign = attribution === 'first' ? 1 : -1;
    const [touch] = valued((row) => row.steps.length > 0).sort(
      (one, other) => sign * (one.time - other.time || (one.value < other.value ? -1 : 1)),
    );
    return [{ value: touch?.value ?? '', rows }];
  }
  if (attribution === 'all')
    return [...new Set(valued((row) => row.steps.length > 0).map(({ value }) => value))].map((value) => ({
      value,
      rows: rows.map((row) => (row.source === value ? row : foreign(row))),
    }));
  const values = new Set(valued((row) => row.steps.includes(step)).map(({ value }) => value));
  if (values.size === 0) return [{ value: '', rows }];
  return [...values].map((value) => ({
    value,
    rows: rows.map((row) =>
      row.source === value ? row : { ...row, steps: row.steps.filter((each) => each !== step) },
    ),
  }));
};

/** One path of a unit that may have several in a bucket; every entry counts for itself. */
const bestPath = (paths: readonly OraclePath[], funnel: OracleFunnel): OraclePath[] => {
  if (funnel.countBy === 'entry') return [...paths];
  const [best] = paths.toSorted((one, other) => compareTimes(one.chain, other.chain, funnel));
  return best === undefined ? [] : [{ ...best, isPending: paths.some(({ isPending }) => isPending) }];
};

/** Rows of a breakdown: the values that get furthest, the rest as one, those without. */
export const oracleBreakdown = (
  persons: readonly (readonly OracleRow[])[],
  funnel: OracleFunnel,
  breakdown: OracleBreakdown,
) => {
  const units = unitsOf(persons, funnel).map((rows) =>
    byValue(rows, funnel, breakdown).map(({ value, rows: own }) => ({ value, paths: pathsOf(own, funnel) })),
  );
  const of = (isOne: (value: string) => boolean) =>
    units.flatMap((unit) =>
      bestPath(
        unit.filter(({ value }) => isOne(value)).flatMap(({ paths }) => paths),
        funnel,
      ),
    );
  const last = funnel.steps.findLastIndex(({ optional }) => optional !== true);
  const values = [...new Set(units.flat().flatMap(({ value, paths }) => (paths.length > 0 ? [value] : [])))]
    .map((value) => ({
      value,
      figures: figuresOf(
        of((each) => each === value),
        funnel,
      ),
    }))
    .sort(
      (one, other) =>
        (other.figures[last]?.count ?? 0) - (one.figures[last]?.count ?? 0) ||
        (other.figures[0]?.count ?? 0) - (one.figures[0]?.count ?? 0) ||
        (one.value < other.value ? -1 : 1),
    );
  const named = values.filter(({ value }) => value !== '');
  const shown = named.slice(0, breakdown.limit).map((each) => ({ kind: 'value', ...each }));
  const rest = of((value) => value !== '' && !shown.some((each) => each.value === value));
  const none = breakdown.attribution === 'step' && !breakdown.none ? [] : values.filter(({ value }) => value === '');
  return [
    ...shown,
    ...(rest.length === 0 ? [] : [{ kind: 'other', value: '(other)', figures: figuresOf(rest, funnel) }]),
    ...none.map(({ figures }) => ({ kind: 'none', value: '(none)', figures })),
  ];
};

/** Rule 12: figures by interval of entry. */
export const oracleTrend = (
  persons: readonly (readonly OracleRow[])[],
  funnel: OracleFunnel,
  intervalOf: (time: number) => string,
) => {
  const paths = unitsOf(persons, funnel).flatMap((rows) => pathsOf(rows, funnel, intervalOf));
  return new Map(
    [...Map.groupBy(paths, ({ entry }) => intervalOf(entry))].map(([interval, own]) => [
      interval,
      figuresOf(own, funnel),
    ]),
  );
};

/** Seconds from one step to another of everybody who did both, ascending. */
export const oracleGaps = (
  persons: readonly (readonly OracleRow[])[],
  funnel: OracleFunnel,
  from: number,
  to: number,
): number[] =>
  unitsOf(persons, funnel)
    .flatMap((rows) => pathsOf(rows, funnel))
    .map((path) => ranked(path, funnel).chain)
    .flatMap((chain) => {
      const [start, end] = [timeOfStep(chain, from), timeOfStep(chain, to)];
      return start === undefined || end === undefined ? [] : [(end - start) / 1000];
    })
    .sort((one, other) => one - other);

/** Message ids of the ways of those with an outcome at a step, each way's in order, all in order. */
export const oracleWays = (
  persons: readonly (readonly OracleRow[])[],
  funnel: OracleFunnel,
  step: number,
  outcome: 'reached' | 'dropped' | 'pending',
): string[] => {
  const before = funnel.steps.findLastIndex((each, index) => index < step && each.optional !== true);
  return unitsOf(persons, funnel)
    .flatMap((rows) => pathsOf(rows, funnel))
    .map((path) => ranked(path, funnel))
    .filter(({ chain, isPending }) => {
      if (has(chain, step)) return outcome === 'reached';
      const couldCome = (chain[0]?.step ?? 0) < step && (chain.at(-1)?.step ?? 0) >= before;
      return couldCome && isRequired({ step }, funnel) && outcome === (isPending ? 'pending' : 'dropped');
    })
    .map(({ chain }) =>
      chain
        .map(({ row }) => row.messageId)
        .sort()
        .join(' '),
    )
    .sort();
};

/** Who converted and who dropped, with something on their way and without, by what it is: an event, or a value of a property. */
export const oracleCorrelation = (
  persons: readonly (readonly OracleRow[])[],
  funnel: OracleFunnel,
  itemsOf: (row: Marked) => readonly string[],
) => {
  const last = funnel.steps.findLastIndex(({ optional }) => optional !== true);
  const compared = unitsOf(persons, funnel).flatMap((rows) =>
    pathsOf(rows, funnel).flatMap((path) => {
      const chain = ranked(path, funnel).chain;
      const converted = timeOfStep(chain, last);
      if (converted === undefined && path.isPending) return [];
      const end = converted ?? path.entry + funnel.windowSeconds * 1000;
      const onTheWay = rows.filter(({ time }) => time >= path.entry && time <= end);
      return [{ isConverted: converted !== undefined, items: new Set(onTheWay.flatMap(itemsOf)) }];
    }),
  );
  const count = (isConverted: boolean, has: (items: Set<string>) => boolean): number =>
    compared.filter((each) => each.isConverted === isConverted && has(each.items)).length;
  return new Map(
    [...new Set(compared.flatMap(({ items }) => [...items]))].map((item) => {
      const has = (items: Set<string>) => items.has(item);
      const hasNot = (items: Set<string>) => !items.has(item);
      const counts = [count(true, has), count(true, hasNot), count(false, has), count(false, hasNot)];
      const [a = 0, b = 0, c = 0, d = 0] = counts.map((each) => each + 0.5);
      return [item, { counts, odds: (a * d) / (b * c), error: Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) }];
    }),
  );
};
