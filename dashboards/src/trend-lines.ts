import type { TrendAnswer, TrendLine } from '../../schemas/api/trends.ts';
import type { Drawn } from './charts/lines.tsx';
import { count, money } from './format.ts';

/** More lines than that are no picture. */
const mostLines = 16;
const decimals = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2, minimumFractionDigits: 0 });

const sayIn = (currency: string | null) => (value: number | null) => {
  if (value === null) return '–';
  if (currency !== null) return money(value.toFixed(2), currency);
  return Number.isInteger(value) ? count(value) : decimals.format(value);
};

const labelOf = ({ series, label, breakdown, currency }: TrendLine, several: boolean): string => {
  const name = breakdown === null ? label : breakdown.value;
  const isNamed = breakdown !== null && several;
  return `${isNamed ? `${series}: ` : ''}${name}${currency === null ? '' : ` (${currency})`}`;
};

/** With a formula its lines alone, with a breakdown its values alone; of several currencies those in which there is something. */
const isShown = (asked: { formula: string; breakdown: string }, siteCurrency: string) => (line: TrendLine) => {
  const isOfFormula = asked.formula === '' || line.series === asked.formula;
  const isOfBreakdown = (asked.breakdown === '') === (line.breakdown === null);
  const isThere = line.currency === null || line.currency === siteCurrency || (line.total.value ?? 0) !== 0;
  return isOfFormula && isOfBreakdown && isThere;
};

/** Lines of an answer and, dashed and in the same colour, of the period that it is compared with. */
export const drawnLines = (
  answer: TrendAnswer,
  asked: { formula: string; breakdown: string },
  siteCurrency: string,
): Drawn[] => {
  const shown = answer.lines.filter(isShown(asked, siteCurrency)).slice(0, mostLines);
  const several = new Set(shown.map(({ series }) => series)).size > 1;
  return shown.flatMap((line, color): Drawn[] => {
    const label = labelOf(line, several);
    const drawn = (of: TrendLine, isBefore: boolean): Drawn => ({
      key: `${of.series} ${label} ${isBefore}`,
      label: isBefore ? `${label}, before` : label,
      isBefore,
      color,
      values: of.points.map(({ value }) => value),
      say: sayIn(of.currency),
    });
    const before = answer.comparison?.lines.find(
      (each) =>
        each.series === line.series &&
        each.currency === line.currency &&
        each.breakdown?.value === line.breakdown?.value &&
        each.breakdown?.kind === line.breakdown?.kind,
    );
    return [drawn(line, false), ...(before === undefined ? [] : [drawn(before, true)])];
  });
};
