import type { TrendLine, TrendSeries } from '../../../schemas/api/trends.ts';
import { type Breakdown, partOf, piecesOf } from '../breakdown.ts';
import type { FigureRow, Period, TrendSite } from './figures.ts';
import { measureSql } from './measure.ts';

type Figure = TrendLine['total'];

/** The site's own currency first. */
const inOrder = (site: TrendSite) => (left: string, right: string) =>
  Number(right === site.currency) - Number(left === site.currency) || (left < right ? -1 : 1);

const figureOf = (raw: number | string | null | undefined, empty: 0 | null, isExact: boolean): Figure => {
  const value = raw === null || raw === undefined ? empty : Number(raw);
  const amount = raw === null || raw === undefined ? (empty === 0 ? '0' : null) : String(raw);
  return { value, amount: isExact ? amount : null };
};

/** The rows of a series as its lines: every interval of the period, every shown value, the site's currency even where it has nothing. */
export const linesOf = (
  rows: readonly FigureRow[],
  series: TrendSeries & { name: string },
  site: TrendSite,
  period: Period,
  breakdown: Breakdown | null,
): TrendLine[] => {
  const { isMoney, isExact, empty } = measureSql(series);
  const figures = new Map(
    rows.map((row) => [`${row.piece} ${row.coin} ${row.isTotal ? 'total' : row.place}`, row.figure]),
  );
  const pieces = piecesOf(
    rows.map(({ piece }) => piece),
    breakdown,
  );
  return pieces.flatMap((piece) => {
    const found = rows.filter((row) => row.piece === piece).map(({ coin }) => coin);
    const coins = isMoney ? [...new Set([site.currency, ...found])].sort(inOrder(site)) : [''];
    return coins.map((coin): TrendLine => {
      const at = (place: number | 'total') => figureOf(figures.get(`${piece} ${coin} ${place}`), empty, isExact);
      return {
        series: series.name,
        label: series.label ?? (series.event === '*' ? 'Any event' : series.event),
        breakdown: partOf(piece, breakdown),
        currency: isMoney ? coin : null,
        points: period.bounds.slice(0, -1).map((start, place) => ({ at: new Date(start).toISOString(), ...at(place) })),
        total: at('total'),
      };
    });
  });
};
