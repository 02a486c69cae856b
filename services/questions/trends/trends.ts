import {
  seriesNames,
  type TrendAnswer,
  type TrendLine,
  type TrendQuery,
  TrendSeries,
} from '../../../schemas/api/trends.ts';
import { Failure } from '../../platform/failure.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import type { Breakdown } from '../breakdown.ts';
import { intervalBounds } from '../intervals.ts';
import { figures, largestValues, type Period, type TrendSite } from './figures.ts';
import { formulaLines } from './formula.ts';
import { linesOf } from './lines.ts';
import { measureSql } from './measure.ts';

/** Points in one line; a chart shows no more. */
const mostPoints = 2000;
/** Points in one answer, over all lines; a currency counts as one here. */
const mostFigures = 100_000;
const leastSeconds = { minute: 60, hour: 3600, day: 86_400, week: 7 * 86_400, month: 28 * 86_400 } as const;

type NamedSeries = TrendSeries & { name: string };

const seriesOf = (query: TrendQuery): NamedSeries[] => {
  const { event, measure, property, isMoney } = query;
  const series = query.series ?? [TrendSeries.parse({ event, measure, property, isMoney })];
  return series.map((each, index) => ({ ...each, name: seriesNames[index] ?? '' }));
};

const periodOf = (query: TrendQuery, range: { from: string; to: string }, path: string, zone: string): Period => {
  const [from, to] = [Date.parse(range.from), Date.parse(range.to)];
  const points = (to - from) / 1000 / leastSeconds[query.interval];
  if (points > mostPoints)
    throw new Failure(
      'bad_request',
      `${path}: by ${query.interval} this range has more than ${mostPoints} points; take a longer interval`,
    );
  const pieces = query.breakdown === undefined ? 1 : query.breakdown.limit + 3;
  if (points * pieces * (query.series?.length ?? 1) > mostFigures)
    throw new Failure(
      'bad_request',
      `${path}: more than ${mostFigures} points in all; take a longer interval, fewer series or a lower limit`,
    );
  return { from, to, bounds: intervalBounds(query.interval, zone, from, to) };
};

const breakdownOf = async (warehouse: Warehouse, site: TrendSite, query: TrendQuery, period: Period) => {
  const [first] = seriesOf(query);
  if (query.breakdown === undefined || first === undefined) return null;
  const { property } = query.breakdown;
  return { ...(await largestValues(warehouse, site, query, first, period, property)), property };
};

type Measured = { lines: TrendLine[]; rowsRead: number; elapsedMs: number };

/** Every series over one period, whole and by the values of the breakdown, then the formula. */
const measured = async (
  warehouse: Warehouse,
  site: TrendSite,
  query: TrendQuery,
  period: Period,
  breakdown: Breakdown | null,
): Promise<Measured> => {
  const all = seriesOf(query);
  const answers = await Promise.all(
    all.flatMap((series) =>
      (breakdown === null ? [null] : [null, breakdown]).map(async (by) => {
        const { rows, ...cost } = await figures(warehouse, site, query, series, period, by);
        return { lines: linesOf(rows, series, site, period, by), ...cost };
      }),
    ),
  );
  const lines = answers.flatMap((answer) => answer.lines);
  const counted = new Set(all.filter((series) => measureSql(series).empty === 0).map(({ name }) => name));
  return {
    lines: query.formula === undefined ? lines : [...lines, ...formulaLines(query.formula, lines, counted)],
    rowsRead: answers.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
    elapsedMs: Math.max(...answers.map(({ elapsedMs }) => elapsedMs)),
  };
};

const shown = (query: TrendQuery, site: TrendSite, { lines }: Measured, { from, to, bounds }: Period, now: number) => {
  const main = lines.find(
    ({ series, breakdown, currency }) =>
      series === (query.formula ?? 'A') && breakdown === null && (currency === null || currency === site.currency),
  );
  return {
    points: (main?.points ?? []).map(({ at, value }, place) => ({
      at,
      value,
      isPartial: (bounds[place] ?? 0) < from || (bounds[place + 1] ?? 0) > Math.min(to, now),
    })),
    total: main?.total.value ?? null,
    lines,
  };
};

/**
 * Events, persons, sessions or figures of a property by interval of the site's time zone, for up to five series and a formula. docs/trends.md says what
 * each figure means; README.md has the cost.
 */
export const trend = async (
  warehouse: Warehouse,
  site: TrendSite,
  query: TrendQuery,
  options: { now: number },
): Promise<TrendAnswer> => {
  const period = periodOf(query, query, 'interval', site.timeZone);
  const before = query.compareTo === undefined ? null : periodOf(query, query.compareTo, 'compareTo', site.timeZone);
  const largest = await breakdownOf(warehouse, site, query, period);
  const [current, compared] = await Promise.all([
    measured(warehouse, site, query, period, largest),
    before === null ? null : measured(warehouse, site, query, before, largest),
  ]);
  return {
    ...shown(query, site, current, period, options.now),
    ...(before === null || compared === null || query.compareTo === undefined
      ? {}
      : { comparison: { ...shown(query, site, compared, before, options.now), ...query.compareTo } }),
    queryMs: (largest?.elapsedMs ?? 0) + Math.max(current.elapsedMs, compared?.elapsedMs ?? 0),
    rowsRead: (largest?.rowsRead ?? 0) + current.rowsRead + (compared?.rowsRead ?? 0),
  };
};
