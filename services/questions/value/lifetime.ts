import { z } from 'zod';
import type { ValueAnswer, ValueQuery } from '../../../schemas/api/value.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { fromUnits, perOne, toUnits } from '../money.ts';
import { conditions } from '../where.ts';
import { CohortRow, cohortOf, cohortStarts, cohortsOf } from './cohorts.ts';
import { orderRows, orders } from './orders.ts';
import { placedIn } from './rfm.ts';

const Buyers = z.object({ buyers: z.coerce.number(), orders: z.coerce.number(), repeated: z.coerce.number() });
const CurrencyRow = z.object({
  currency: z.string(),
  buyers: z.coerce.number(),
  orders: z.coerce.number(),
  revenue: z.string(),
  refunded: z.string(),
  net: z.string(),
  cancelledOrders: z.coerce.number(),
  cancelledRevenue: z.string(),
});
type CurrencyRow = z.infer<typeof CurrencyRow>;

/** Cohorts in one answer; a table shows no more. */
const mostCohorts = 400;
const dayMilliseconds = 86_400_000;
const intervalDays = { day: 1, week: 7, month: 28 } as const;
const yearMilliseconds = 365.25 * dayMilliseconds;

const exact = (amount: string): string => fromUnits(toUnits(amount));

const byCurrency = (placed: Sql, range: { from: number; to: number }): Sql => sql`
  SELECT
    currency,
    uniqExactIf(buyer, NOT isCancelled) AS buyers,
    countIf(NOT isCancelled) AS orders,
    sumIf(placed.revenue, NOT isCancelled) AS revenue,
    sumIf(placed.refunded, NOT isCancelled) AS refunded,
    sum(placed.net) AS net,
    countIf(isCancelled) AS cancelledOrders,
    sumIf(placed.revenue, isCancelled) AS cancelledRevenue
  FROM (${placed}) AS placed
  WHERE at >= ${new Date(range.from)}
    AND at < ${new Date(range.to)}
  GROUP BY currency
  ORDER BY sum(placed.net) DESC, currency`;

const byBuyer = (placed: Sql, range: { from: number; to: number }): Sql => sql`
  SELECT count() AS buyers, sum(placed) AS orders, countIf(placed >= 2) AS repeated
  FROM (
    SELECT buyer, count() AS placed
    FROM (${placed})
    WHERE ${placedIn(range)}
    GROUP BY buyer
  )`;

/** What a customer is worth if buyers go on as in this range. Exact until the last step, rounded there. */
const lifetimeOf = (
  row: CurrencyRow | undefined,
  { margin, years }: ValueQuery,
  rangeMilliseconds: number,
): ValueAnswer['lifetime'] => {
  const assumptions = [
    'Buyers go on ordering as often, and for as much, as in this range.',
    `A customer stays for ${years} years, and ${Math.round(margin * 10_000) / 100} % of net revenue is left as margin.`,
    'Future money counts like present money: nothing is discounted. Who did not buy in this range is not in it.',
  ];
  const none = { averageOrderValue: null, ordersPerYear: null, margin, years, value: null, assumptions };
  if (row === undefined || row.orders === 0) return none;
  const millionths = (number: number): bigint => BigInt(Math.round(number * 1e6));
  // net / buyers / range × year × margin × years, in one fraction.
  const numerator = toUnits(row.net) * BigInt(yearMilliseconds) * millionths(margin) * millionths(years);
  const denominator = BigInt(row.buyers) * BigInt(rangeMilliseconds) * 10n ** 12n;
  return {
    ...none,
    averageOrderValue: perOne(toUnits(row.net), row.orders),
    ordersPerYear: (row.orders / row.buyers) * (yearMilliseconds / rangeMilliseconds),
    value: fromUnits((2n * numerator + denominator) / (2n * denominator)),
  };
};

const checkRange = ({ cohort }: ValueQuery, from: number, to: number): void => {
  if ((to - from) / dayMilliseconds / intervalDays[cohort] > mostCohorts)
    throw new Failure(
      'bad_request',
      `cohort: by ${cohort} this range has more than ${mostCohorts} cohorts; take a longer interval`,
      { errors: [{ path: 'cohort', message: `expected at most ${mostCohorts} cohorts` }] },
    );
};

/** What the buyers of a range are worth. README.md says what each figure is. */
export const lifetimeValue = async (
  warehouse: Warehouse,
  site: { id: string; currency: string; timeZone: string },
  query: ValueQuery,
  options: { now: number },
): Promise<ValueAnswer> => {
  const range = { from: Date.parse(query.from), to: Date.parse(query.to) };
  checkRange(query, range.from, range.to);
  const currency = query.currency ?? site.currency;
  const starts = cohortStarts(query, range, site.timeZone);
  const where = conditions(query.where);
  const inRange = orders({ rows: orderRows(site.id, range.from), currency: site.currency, where });
  const ever = orders({ rows: orderRows(site.id, null), currency: site.currency, where });
  const [currencies, buyers, cohorts] = await Promise.all([
    warehouse.query(byCurrency(inRange, range), CurrencyRow),
    warehouse.query(byBuyer(inRange, range), Buyers),
    warehouse.query(cohortsOf(ever, { ...range, starts, ages: query.ages, currency }), CohortRow),
  ]);
  const total = buyers.rows[0] ?? { buyers: 0, orders: 0, repeated: 0 };
  const passed = Math.max(1, Math.min(range.to, options.now) - range.from);
  return {
    buyers: total.buyers,
    orders: total.orders,
    ordersPerBuyer: total.buyers === 0 ? null : total.orders / total.buyers,
    repeatRate: total.buyers === 0 ? null : total.repeated / total.buyers,
    currencies: currencies.rows.map((row) => ({
      ...row,
      revenue: exact(row.revenue),
      refunded: exact(row.refunded),
      net: exact(row.net),
      averageOrderValue: perOne(toUnits(row.net), row.orders),
      netPerBuyer: perOne(toUnits(row.net), row.buyers),
      cancelledRevenue: exact(row.cancelledRevenue),
    })),
    currency,
    cohorts: cohorts.rows.map(cohortOf(query.ages, starts, options.now)),
    lifetime: lifetimeOf(
      currencies.rows.find((row) => row.currency === currency),
      query,
      passed,
    ),
    queryMs: Math.max(currencies.elapsedMs, buyers.elapsedMs, cohorts.elapsedMs),
    rowsRead: currencies.rowsRead + buyers.rowsRead + cohorts.rowsRead,
  };
};
