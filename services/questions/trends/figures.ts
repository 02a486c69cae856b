import { z } from 'zod';
import type { TrendQuery, TrendSeries } from '../../../schemas/api/trends.ts';
import { isOfPerson } from '../../../schemas/filters.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Answer, Warehouse } from '../../platform/warehouse/warehouse.ts';
import { type Breakdown, labelOf, pieceOf, saidJoined, wholePiece } from '../breakdown.ts';
import { inScope } from '../events.ts';
import { placeAmong } from '../intervals.ts';
import { currencyOf } from '../money.ts';
import { isFirstTelling, orderRows, orders } from '../value/orders.ts';
import { placedIn } from '../value/rfm.ts';
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

/** Orders of the period, told apart by what their buyer last said or by what their first Order Completed had. */
const ordersOf = (
  site: TrendSite,
  query: TrendQuery,
  series: TrendSeries,
  period: Period,
  property: string | undefined,
): { rows: Sql; label: Sql } => {
  const where = conditions([...series.where, ...query.where]);
  const isSaid = property !== undefined && isOfPerson(property);
  const own = property === undefined || isSaid ? sql`''` : labelOf(property);
  const more = sql`argMinIf(${own}, (timestamp, message_id), event = 'Order Completed') AS label`;
  const found = orders({ rows: orderRows(site.id, period.from), currency: site.currency, where, more });
  return {
    rows: sql`
      FROM (SELECT *, at AS timestamp FROM (${found})) AS placed
      ${saidJoined(site.id, property, sql`placed.buyer`)}
      WHERE ${placedIn(period)}`,
    label: isSaid ? labelOf(property) : sql`label`,
  };
};

/** In PREWHERE, so that of FINAL's work only what is asked for is left. */
const eventsOf = (
  site: TrendSite,
  query: TrendQuery,
  series: TrendSeries,
  measure: MeasureSql,
  period: Period,
  property: string | undefined,
): Sql => {
  const isCounted = sql`${isEvent(series)} AND ${measure.isMeasured} AND ${conditions(query.where)}`;
  // Shop and server tell of the same order; other events have no such twin, and do without.
  const isFirst = series.event === 'Order Completed' ? isFirstTelling(site.id, period, isCounted) : sql`1`;
  return sql`
    FROM ${measure.rows}
    ${saidJoined(site.id, property)}
    PREWHERE ${isCounted}
    WHERE ${inScope({ site: site.id, ...period })}
      AND ${isFirst}`;
};

/** What a series is about, and by what each of its rows is told apart. */
const sourceOf = (
  site: TrendSite,
  query: TrendQuery,
  series: TrendSeries,
  measure: MeasureSql,
  period: Period,
  property: string | undefined,
): { rows: Sql; label: Sql } =>
  measure.isOfOrders
    ? ordersOf(site, query, series, period, property)
    : {
        rows: eventsOf(site, query, series, measure, period, property),
        label: property === undefined ? sql`''` : labelOf(property),
      };

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
  const { rows, label } = sourceOf(site, query, series, measure, period, breakdown?.property);
  return warehouse.query(
    sql`
      SELECT
        ${breakdown === null ? sql`toInt32(${wholePiece})` : pieceOf(label, breakdown.values)} AS piece,
        ${coinOf(site, measure)} AS coin,
        toUInt32(${placeAmong(period.bounds.slice(0, -1), sql`timestamp`)}) AS place,
        toUInt8(grouping(place)) AS isTotal,
        ${measure.value} AS figure
      ${rows}
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
  const isOfEvents = !['count', 'persons', 'sessions', 'orders', 'net', 'sum'].includes(series.measure);
  const measure = measureSql(isOfEvents ? { ...series, measure: 'count' } : series);
  const isMeasured = measureSql(series).isMeasured;
  const source = sourceOf(site, query, series, { ...measure, isMeasured }, period, property);
  const weight = measure.isMoney
    ? sql`sumIf(${measure.amount}, ${coinOf(site, measure)} = ${site.currency})`
    : measure.value;
  const { rows, ...cost } = await warehouse.query(
    sql`
      SELECT ${source.label} AS label
      ${source.rows}
        AND ${source.label} != ''
      GROUP BY label
      ORDER BY ${weight} DESC, label
      LIMIT ${query.breakdown?.limit ?? 0}`,
    Value,
  );
  return { values: rows.map((row) => row.label), ...cost };
};
