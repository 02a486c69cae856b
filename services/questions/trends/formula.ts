import type { TrendLine } from '../../../schemas/api/trends.ts';
import { fromUnits, toUnits } from '../money.ts';

type Figure = TrendLine['total'];
type Operator = '+' | '-' | '*' | '/';

const calculate = (left: number, operator: Operator, right: number): number | null => {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? null : left / right;
    default:
      return operator satisfies never;
  }
};

const amountOf = (left: Figure, operator: Operator, right: Figure): string | null => {
  if (left.amount === null || right.amount === null || operator === '*' || operator === '/') return null;
  const units = toUnits(right.amount);
  return fromUnits(toUnits(left.amount) + (operator === '+' ? units : -units));
};

const combine = (left: Figure, operator: Operator, right: Figure): Figure => ({
  value: left.value === null || right.value === null ? null : calculate(left.value, operator, right.value),
  amount: amountOf(left, operator, right),
});

const keyOf = ({ breakdown }: TrendLine): string => (breakdown === null ? '' : `${breakdown.kind} ${breakdown.value}`);

/** Nothing at all, in the place of a line that a series does not have: of a currency, or of a value of the breakdown. */
const nothing = (wanted: TrendLine, series: readonly TrendLine[], isCounted: boolean): TrendLine => {
  const isExact = series.some(({ total }) => total.amount !== null);
  const none: Figure = isCounted ? { value: 0, amount: isExact ? '0' : null } : { value: null, amount: null };
  return { ...wanted, points: wanted.points.map(({ at }) => ({ at, ...none })), total: none };
};

/**
 * Two series, point by point and in total, for each value of the breakdown and each currency. Money stands against money of the same currency, and against what is
 * no money in each of its currencies. `counted`: the series in which nothing is zero.
 */
export const formulaLines = (
  formula: string,
  lines: readonly TrendLine[],
  counted: ReadonlySet<string>,
): TrendLine[] => {
  const [leftName = '', operator = '+', rightName = ''] = formula.replaceAll(' ', '') as Iterable<string>;
  const of = (name: string) => lines.filter(({ series }) => series === name);
  const [left, right] = [of(leftName), of(rightName)];
  const shown = new Map([...left, ...right].map((line) => [`${keyOf(line)}\n${line.currency ?? ''}`, line]));
  const isMoney = [...left, ...right].some(({ currency }) => currency !== null);
  const matching = (own: readonly TrendLine[], name: string, wanted: TrendLine): TrendLine =>
    own.find(
      (line) => keyOf(line) === keyOf(wanted) && (line.currency === null || line.currency === wanted.currency),
    ) ?? nothing(wanted, own, counted.has(name));
  return [...shown.values()]
    .filter(({ currency }) => !isMoney || currency !== null)
    .map((wanted): TrendLine => {
      const [one, other] = [matching(left, leftName, wanted), matching(right, rightName, wanted)];
      return {
        series: formula,
        label: formula,
        breakdown: wanted.breakdown,
        currency: wanted.currency,
        points: one.points.map((point, place) => ({
          at: point.at,
          ...combine(point, operator as Operator, other.points[place] ?? { value: null, amount: null }),
        })),
        total: combine(one.total, operator as Operator, other.total),
      };
    });
};
