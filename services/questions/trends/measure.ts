import type { Measure, TrendSeries } from '../../../schemas/api/trends.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { eventsOnce, resolvedPerson } from '../events.ts';
import { moneyProperties } from '../money.ts';
import { propertyOf } from '../property.ts';

/** What a measure is in SQL, over the rows of a group. */
export type MeasureSql = {
  /** Aggregate: a decimal text where `isExact`, else a number. */
  value: Sql;
  /** The rows, each message once where a second row would change the figure. */
  rows: Sql;
  /** Holds for the events that have something to measure. */
  isMeasured: Sql;
  /** What an interval without events has. */
  empty: 0 | null;
  isMoney: boolean;
  isExact: boolean;
  /** What is added up where it is money: in columns of the rows. */
  amount: Sql;
  /** A row is an order of value/orders.ts and no event. */
  isOfOrders: boolean;
};

const quantiles: Partial<Record<Measure, number>> = { median: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

const counted = (measure: 'count' | 'persons' | 'sessions'): MeasureSql => ({
  value: {
    count: sql`count()`,
    persons: sql`uniqExact(${resolvedPerson})`,
    sessions: sql`uniqExact(session)`,
  }[measure],
  rows: measure === 'count' ? eventsOnce : sql`events`,
  isMeasured: measure === 'sessions' ? sql`session != ''` : sql`1`,
  empty: 0,
  isMoney: false,
  isExact: false,
  amount: sql`NULL`,
  isOfOrders: false,
});

const ofOrders = (measure: 'orders' | 'net'): MeasureSql => ({
  value: measure === 'orders' ? sql`count()` : sql`sum(net)`,
  rows: sql`events`,
  isMeasured: sql`1`,
  empty: 0,
  isMoney: measure === 'net',
  isExact: measure === 'net',
  amount: sql`net`,
  isOfOrders: true,
});

/** Figures of a property. Money is added as decimals; means and quantiles are floats, of the exact values. */
export const measureSql = ({ measure, property, isMoney }: TrendSeries): MeasureSql => {
  if (measure === 'count' || measure === 'persons' || measure === 'sessions') return counted(measure);
  if (measure === 'orders' || measure === 'net') return ofOrders(measure);
  const { number, decimal } = propertyOf(property);
  const isOfMoney = isMoney ?? moneyProperties.has(property);
  const own = isOfMoney ? decimal : number;
  const isExtreme = measure === 'min' || measure === 'max';
  const level = quantiles[measure];
  const value = (): Sql => {
    if (level !== undefined)
      return sql`quantileExactInclusive(${typed('Float64', level)})(assumeNotNull(toFloat64(${own})))`;
    if (measure === 'average') return sql`avg(assumeNotNull(toFloat64(${own})))`;
    return { sum: sql`sum(${own})`, min: sql`min(${own})`, max: sql`max(${own})` }[measure as 'sum' | 'min' | 'max'];
  };
  return {
    value: value(),
    rows: isExtreme ? sql`events` : eventsOnce,
    // Text such as "nan" and "inf" reads as a number, and would swallow all others.
    isMeasured: isOfMoney ? sql`isNotNull(${own})` : sql`ifNull(isFinite(${own}), 0)`,
    empty: measure === 'sum' ? 0 : null,
    isMoney: isOfMoney,
    isExact: isOfMoney && (measure === 'sum' || isExtreme),
    amount: decimal,
    isOfOrders: false,
  };
};
