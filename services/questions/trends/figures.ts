import { z } from 'zod';
import type { TrendQuery, TrendSeries } from '../../../schemas/api/trends.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Answer, Warehouse } from '../../platform/warehouse/warehouse.ts';
import { type Breakdown, labelOf, pieceOf, saidJoined, wholePiece } from '../breakdown.ts';
import { inScope } from '../events.ts';
import { placeAmong } from '../intervals.ts';
import { currencyOf } from '../money.ts';
import { propertyOf } from '../property.ts';
import { conditions, isEvent } from '../where.ts';
import { type MeasureSql, measureSql } from './measure.ts';

export type TrendSite = { id: string; timeZone: string; currency: string };
/** A half-open range with the bounds of the intervals that it touches. */
export type Period = { from: number; to: number; bounds: readonly number[] };
/** A figure of a piece of the breakdown in a currency: of an interval by its place, or of the whole range (null). */
const FigureRow = z.object({
  piece: z.number(),
  coin: z.string(),
  place: z.number(),
  isTotal: z.number(),
  figure: z.union([z.number(), z.string()]).nullable(),
});
export type FigureRow = z.infer<typeof FigureRow>;

/** In PREWHERE, so that of FINAL's work only what is asked for is left. */
const rowsOf = (
  site: TrendSite,
  query: TrendQuery,
  series: TrendSeries,
  measure: MeasureSql,
  period: Period,
  breakdown: { property: string } | null,
): Sql => sql`
  FROM ${measure.rows}
  ${saidJoined(site.id, breakdown?.property)}
  PREWHERE ${isEvent(series)}
    AND ${measure.isMeasured}
    AND ${conditions(query.where)}
  WHERE ${inScope({ site: site.id, ...period })}`;

const coinOf = (site: TrendSite, { isMoney }: MeasureSql): Sql => (isMoney ? currencyOf(site) : sql`''`);

/** A series' figures by interval and over the whole range. Reads the columns it names, and the key where messages must be told apart. */
export const figures = (
  warehouse: Warehouse,
  site: TrendSite,
  query: TrendQuery,
  series: TrendSeries,
  period: Period,
  breakdown: Breakdown | null,
): Promise<Answer<FigureRow>> => {
  const measure = measureSql(series);
  return warehouse.query(
    sql`
      SELECT
        ${breakdown === null ? sql`toInt32(${wholePiece})` : pieceOf(labelOf(breakdown.property), breakdown.values)} AS piece,
        ${coinOf(site, measure)} AS coin,
        toUInt32(${placeAmong(period.bounds.slice(0, -1), sql`timestamp`)}) AS place,
        toUInt8(grouping(place)) AS isTotal,
        ${measure.value} AS figure
      ${rowsOf(site, query, series, measure, period, breakdown)}
      GROUP BY GROUPING SETS ((piece, coin, place), (piece, coin))`,
    FigureRow,
  );
};

const Value = z.object({ label: z.string() });

/**
 * The largest values: by what the series counts or sums (of money: in the site's currency), by events where figures do not add up (means, extremes,
 * quantiles); then by name.
 */
export const largestValues = async (
  warehouse: Warehouse,
  site: TrendSite,
  query: TrendQuery,
  series: TrendSeries,
  period: Period,
  property: string,
): Promise<{ values: string[] } & Omit<Answer<never>, 'rows'>> => {
  const isOfEvents = !['count', 'persons', 'sessions', 'sum'].includes(series.measure);
  const measure = measureSql(isOfEvents ? { ...series, measure: 'count' } : series);
  const label = labelOf(property);
  const weight = measure.isMoney
    ? sql`sumIf(${propertyOf(series.property).decimal}, ${coinOf(site, measure)} = ${site.currency})`
    : measure.value;
  const { rows, ...cost } = await warehouse.query(
    sql`
      SELECT ${label} AS label
      ${rowsOf(site, query, series, { ...measure, isMeasured: measureSql(series).isMeasured }, period, { property })}
        AND ${label} != ''
      GROUP BY label
      ORDER BY ${weight} DESC, label
      LIMIT ${query.breakdown?.limit ?? 0}`,
    Value,
  );
  return { values: rows.map((row) => row.label), ...cost };
};
