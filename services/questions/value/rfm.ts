import type { RfmClass } from '../../../schemas/rfm.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { orderRows, orders } from './orders.ts';

/** By recency rank (rows, 1 first), then frequency rank (columns, 1 first). */
const classesByRank: readonly (readonly RfmClass[])[] = [
  ['lost', 'lost', 'atRisk', 'atRisk', 'cannotLose'],
  ['hibernating', 'hibernating', 'atRisk', 'atRisk', 'cannotLose'],
  ['aboutToSleep', 'aboutToSleep', 'needAttention', 'loyal', 'loyal'],
  ['promising', 'potentialLoyalists', 'potentialLoyalists', 'loyal', 'loyal'],
  ['newCustomers', 'potentialLoyalists', 'potentialLoyalists', 'champions', 'champions'],
];

/** Times in milliseconds UTC; `from` null for all of history. `net` is in `currency`; orders that say none are in the site's. */
export type RfmScope = {
  site: { id: string; currency: string };
  from: number | null;
  to: number;
  currency: string;
  where?: Sql;
};

export const placedIn = ({ from, to }: { from: number | null; to: number }): Sql => sql`
  ${from === null ? sql`1` : sql`at >= ${new Date(from)}`}
    AND at < ${new Date(to)}
    AND NOT isCancelled`;

/** A fifth for every fifth of the buyers who are worse; who is as good has the same rank. */
const rank = (worstFirst: Sql): Sql =>
  sql`toUInt8(1 + intDiv(5 * (rank() OVER (ORDER BY ${worstFirst}) - 1), count() OVER ()))`;

/** Buyers of a range, a row each: `buyer`, `recencyDays`, `orders`, `net` (of one currency), `r`, `f`, `m`, `class`. */
export const rfm = ({ site, from, to, currency, where }: RfmScope): Sql => sql`
  SELECT *, ${classesByRank.flat()}[(r - 1) * 5 + f] AS class
  FROM (
    SELECT
      *,
      ${rank(sql`recencyDays DESC`)} AS r,
      ${rank(sql`orders`)} AS f,
      ${rank(sql`net`)} AS m
    FROM (
      SELECT
        buyer,
        intDiv(${to} - toUnixTimestamp64Milli(max(at)), 86400000) AS recencyDays,
        count() AS orders,
        sumIf(placed.net, placed.currency = ${currency}) AS net
      FROM (${orders({ rows: orderRows(site.id, from), currency: site.currency, ...(where === undefined ? {} : { where }) })}) AS placed
      WHERE ${placedIn({ from, to })}
      GROUP BY buyer
    )
  )`;
