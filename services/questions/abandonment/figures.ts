import type { BasketBreakdownRow, BasketFigures, BasketLine } from '../../../schemas/api/abandonment.ts';
import type { Money } from '../../../schemas/primitives.ts';
import { moneyOf, toUnits } from '../money.ts';
import type { Settled } from './settle.ts';

/** Currency -> ten-thousandths. */
export type Sums = ReadonlyMap<string, bigint>;
/** A basket with its money by currency, and where the person came from ('' where nobody asked). */
export type Valued = Settled & { person: string; values: Sums; source: string };

export const sumUp = (sums: Iterable<Sums>): Map<string, bigint> => {
  const all = new Map<string, bigint>();
  for (const sum of sums) for (const [currency, units] of sum) all.set(currency, (all.get(currency) ?? 0n) + units);
  return all;
};

export const worthOf = ({ price, quantity }: Pick<BasketLine, 'price' | 'quantity'>): bigint =>
  toUnits(price ?? '0') * BigInt(quantity);

export const lineSums = (lines: readonly BasketLine[]): Sums =>
  sumUp(lines.map((line) => new Map([[line.currency, worthOf(line)]])));

const recoveredSums = ({ recovered }: Valued): Sums =>
  recovered === null ? new Map() : new Map([[recovered.currency, recovered.units]]);

export const figuresOf = (baskets: readonly Valued[]): BasketFigures => {
  const of = (status: Valued['status']) => baskets.filter((basket) => basket.status === status);
  const [abandoned, recovered, lost, completed] = [of('abandoned'), of('recovered'), of('lost'), of('completed')];
  const assisted = recovered.filter(({ recovery }) => recovery !== 'organic');
  const left = abandoned.length + recovered.length + lost.length;
  return {
    open: of('open').length,
    abandoned: abandoned.length,
    recovered: recovered.length,
    lost: lost.length,
    completed: completed.length,
    assisted: assisted.length,
    rate: left + completed.length === 0 ? null : left / (left + completed.length),
    valueAtRisk: moneyOf(sumUp(abandoned.map(({ values }) => values))),
    recoveredValue: moneyOf(sumUp(recovered.map(recoveredSums))),
    assistedValue: moneyOf(sumUp(assisted.map(recoveredSums))),
  };
};

/** Figures of several lots of baskets together. */
export const sumFigures = (lots: readonly BasketFigures[]): BasketFigures => {
  const count = (of: (figures: BasketFigures) => number): number => lots.reduce((sum, figures) => sum + of(figures), 0);
  const money = (of: (figures: BasketFigures) => readonly Money[]): Money[] =>
    moneyOf(sumUp(lots.map((lot) => new Map(of(lot).map(({ currency, amount }) => [currency, toUnits(amount)])))));
  const [abandoned, recovered, lost] = [
    count((lot) => lot.abandoned),
    count((lot) => lot.recovered),
    count((lot) => lot.lost),
  ];
  const completed = count((lot) => lot.completed);
  const left = abandoned + recovered + lost;
  return {
    open: count((lot) => lot.open),
    abandoned,
    recovered,
    lost,
    completed,
    assisted: count((lot) => lot.assisted),
    rate: left + completed === 0 ? null : left / (left + completed),
    valueAtRisk: money((lot) => lot.valueAtRisk),
    recoveredValue: money((lot) => lot.recoveredValue),
    assistedValue: money((lot) => lot.assistedValue),
  };
};

type KeyOf = (line: BasketLine) => string;

/** Divides the amount by weight, of which one is above 0, into parts that add up to it exactly. */
const divided = (units: bigint, weights: readonly bigint[]): bigint[] => {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  let weighed = 0n;
  return weights.map((weight) => {
    const before = (units * weighed) / whole;
    weighed += weight;
    return (units * weighed) / whole - before;
  });
};

const byName = (a: BasketLine, b: BasketLine): number => {
  if (a.productId !== b.productId) return a.productId < b.productId ? -1 : 1;
  return a.variant < b.variant ? -1 : 1;
};

/** What its order brought, by line: divided among those that were ordered, by their worth; among all where none of them was. */
const recoveredByLine = ({ recovered, lines, order }: Valued): Map<BasketLine, bigint> => {
  const bought = new Set(order?.productIds);
  const ordered = lines.filter(({ productId }) => bought.has(productId));
  const counted = (ordered.length > 0 ? ordered : lines).toSorted(byName);
  const worths = counted.map(worthOf).map((worth) => (worth > 0n ? worth : 0n));
  const weights = worths.some((worth) => worth > 0n) ? worths : worths.map(() => 1n);
  const shares = divided(recovered?.units ?? 0n, weights);
  return new Map(counted.map((line, index) => [line, shares[index] ?? 0n]));
};

/** The basket as each of its values has a part in it: counted in full, its money divided. */
const partsOf = (basket: Valued, keyOf: KeyOf): Map<string, Valued> => {
  if (basket.lines.length === 0) return new Map([[keyOf(nothing), basket]]);
  const shares = recoveredByLine(basket);
  const part = (lines: BasketLine[]): Valued => {
    const units = lines.reduce((sum, line) => sum + (shares.get(line) ?? 0n), 0n);
    const recovered = basket.recovered === null ? null : { ...basket.recovered, units };
    return { ...basket, lines, values: lineSums(lines), recovered };
  };
  return new Map([...Map.groupBy(basket.lines, keyOf)].map(([key, lines]) => [key, part(lines)]));
};

const nothing: BasketLine = {
  productId: '',
  variant: '',
  name: '',
  category: '',
  quantity: 0,
  price: null,
  currency: '',
  imageUrl: '',
  url: '',
};
/** Stands for no category, no source. */
export const none = '(none)';
const other = '(other)';

const groups = (baskets: readonly Valued[], keyOf: (basket: Valued) => KeyOf): Map<string, Valued[]> => {
  const found = new Map<string, Valued[]>();
  for (const basket of baskets)
    for (const [key, part] of partsOf(basket, keyOf(basket))) {
      const group = found.get(key);
      if (group === undefined) found.set(key, [part]);
      else group.push(part);
    }
  return found;
};

/** The figures by value of a breakdown, from lots of baskets: all of them are counted first, and then summed up. */
export type BasketBreakdown = {
  /** `baskets` are newest first: so are names. */
  count(baskets: readonly Valued[]): void;
  sum(baskets: readonly Valued[]): void;
  /** Those with most baskets first; the others together at the end. */
  rows(): BasketBreakdownRow[];
};

export const createBreakdown = (by: 'product' | 'category' | 'source', limit: number): BasketBreakdown => {
  const names = new Map<string, { at: number; name: string }>();
  const counts = new Map<string, number>();
  const sums = new Map<string, BasketFigures>();
  const groupOf = (basket: Valued, line: BasketLine): string =>
    (by === 'product' ? line.productId : by === 'category' ? line.category : basket.source) || none;
  const values = (): string[] =>
    [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).map(([value]) => value);

  const count = (baskets: readonly Valued[]): void => {
    if (by === 'product')
      for (const { lines, lastActivity } of baskets)
        for (const { productId, name } of lines)
          if (name && lastActivity > (names.get(productId)?.at ?? 0)) names.set(productId, { at: lastActivity, name });
    for (const [value, parts] of groups(baskets, (basket) => (line) => groupOf(basket, line)))
      counts.set(value, (counts.get(value) ?? 0) + parts.length);
  };
  const sum = (baskets: readonly Valued[]): void => {
    const shown = new Set(values().slice(0, limit));
    const found = groups(baskets, (basket) => (line) => {
      const value = groupOf(basket, line);
      return shown.has(value) ? value : other;
    });
    for (const [value, parts] of found) {
      const before = sums.get(value);
      const now = figuresOf(parts);
      sums.set(value, before === undefined ? now : sumFigures([before, now]));
    }
  };
  const rows = (): BasketBreakdownRow[] => {
    const ranked = values();
    return [...ranked.slice(0, limit), ...(ranked.length > limit ? [other] : [])].map((value) => ({
      value,
      name: names.get(value)?.name ?? '',
      ...(sums.get(value) ?? figuresOf([])),
    }));
  };
  return { count, sum, rows };
};
