import { z } from 'zod';
import type { SearchStep, SearchTerm, SearchToRatingQuery } from '../../../schemas/api/reports.ts';
import { Failure } from '../../platform/failure.ts';
import { identifier, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inScope, resolvedPerson } from '../events.ts';
import { saidOfProducts } from '../products.ts';

import { orderRows } from '../value/orders.ts';

/** Times are milliseconds UTC. */
export type Asked = { site: string; from: number; to: number; window: number; rating: number; asOf: number };

/** Orders that searches led to; more make the question too large. */
const mostOrders = 200_000;

const searched = sql`'Products Searched'`;
const addedEvents = sql`'Product Added', 'Wishlist Product Added to Cart'`;
const foundEvents = sql`'Product Viewed', 'Product Clicked', ${addedEvents}`;

/** Ids of the products that a row is about, and who sells them. */
export const productIds: Sql = saidOfProducts('product_id');
export const sellers: Sql = saidOfProducts('seller');

/** Names an order: its id, or where it has none, its message. */
export const orderKey: Sql = sql`if(order_id = '', message_id, order_id)`;

const milliseconds = (time: Sql): Sql => sql`toUnixTimestamp64Milli(${time})`;
const until = ({ to, window, asOf }: Asked): number => Math.min(asOf, to + window) + 1;

export const cancelledOrders = ({ site, from, asOf }: Asked): Sql => sql`
  SELECT order_id
  FROM events
  WHERE ${inScope({ site, from, to: asOf + 1 })}
    AND event = 'Order Cancelled'
    AND order_id != ''`;

const inSearches = ({ site, from, to, asOf }: Asked): Sql => sql`
  ${inScope({ site, from, to: Math.min(to, asOf + 1) })}
    AND event = ${searched}`;

/** What persons who searched did: searches, looks and adds, and orders once each. */
const rowsOf = (asked: Asked): Sql => {
  const { site, from } = asked;
  const scope = inScope({ site, from, to: until(asked) });
  const searchers = sql`SELECT ${resolvedPerson} FROM events WHERE ${inSearches(asked)}`;
  return sql`
    SELECT
      ${resolvedPerson} AS owner,
      ${milliseconds(sql`timestamp`)} AS at,
      toString(event) AS kind,
      message_id AS id,
      ${productIds} AS ids
    FROM events
    WHERE ${scope}
      AND event IN (${searched}, ${foundEvents})
      AND ${resolvedPerson} IN (${searchers})
    UNION ALL
    SELECT owner, at, 'Order Completed' AS kind, id, ids
    FROM (
      SELECT
        ${orderKey} AS id,
        argMin(${resolvedPerson}, (timestamp, message_id)) AS owner,
        ${milliseconds(sql`min(timestamp)`)} AS at,
        argMinIf(${productIds}, (timestamp, message_id), notEmpty(${productIds})) AS ids
      FROM events
      -- Told of before the range, it is no order of a search in it, though it be told again.
      WHERE ${orderRows(site, from, until(asked) - 1)}
        AND event = 'Order Completed'
        AND order_id NOT IN (${cancelledOrders(asked)})
      GROUP BY id
    )
    WHERE owner IN (${searchers})`;
};

/**
 * By search: whether what it found was put in, and the orders that hold it (key and time). Each row knows the last search before it by a window
 * function; then everything about a product of a person is looked at together.
 */
const successesOf = (asked: Asked): Sql => {
  const { to, window } = asked;
  const withSearch = sql`
    SELECT
      owner,
      at,
      kind,
      id,
      ids,
      max(if(kind = ${searched}, (at, id), (toInt64(0), ''))) OVER (
        PARTITION BY owner ORDER BY at, kind != ${searched} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS search,
      groupArrayIf((at, id), kind = 'Order Completed' AND empty(ids)) OVER (PARTITION BY owner) AS unlisted
    FROM (${rowsOf(asked)})`;
  const byProduct = sql`
    SELECT
      owner,
      groupArrayIf(
        (search.1, search.2, at),
        kind IN (${foundEvents}) AND search.1 > 0 AND search.1 < ${to} AND at - search.1 <= ${window}) AS finds,
      groupArrayIf(at, kind IN (${addedEvents})) AS adds,
      groupArrayIf((at, id), kind = 'Order Completed') AS listed,
      any(unlisted) AS unlisted
    FROM (${withSearch})
    ARRAY JOIN ids AS product
    GROUP BY owner, product
    HAVING notEmpty(finds)`;
  const byFind = sql`
    SELECT
      owner,
      find.2 AS searchId,
      arrayExists(time -> time >= find.3 AND time - find.1 <= ${window}, adds) AS isPutIn,
      arrayConcat(
        arrayFilter(order -> order.1 >= find.3 AND order.1 - find.1 <= ${window}, listed),
        arrayFilter(
          order -> order.1 - find.1 <= ${window} AND arrayExists(time -> time >= find.3 AND time <= order.1, adds),
          unlisted)) AS bought
    FROM (${byProduct})
    ARRAY JOIN finds AS find`;
  return sql`
    SELECT owner, searchId, 1 AS isViewed, max(isPutIn OR notEmpty(bought)) AS isAdded, groupUniqArrayArray(bought) AS orders
    FROM (${byFind})
    GROUP BY owner, searchId`;
};

/** `results`, else `results_count`: a number or a list; else the list of products. Null where nothing says it. */
const resultCount: Sql = (() => {
  const counted = (key: 'results' | 'results_count') => {
    const raw = sql`JSONExtractRaw(properties, ${key})`;
    return sql`if(startsWith(${raw}, '['), toFloat64(JSONLength(properties, ${key})), toFloat64OrNull(trim(BOTH '"' FROM ${raw})))`;
  };
  return sql`coalesce(${counted('results')}, ${counted('results_count')}, if(products = '', NULL, toFloat64(JSONLength(products))))`;
})();

const searchesOf = (asked: Asked): Sql => sql`
  SELECT
    ${resolvedPerson} AS owner,
    message_id AS searchId,
    any(${milliseconds(sql`timestamp`)}) AS at,
    any(trim(lowerUTF8(replaceRegexpAll(events.query, ${'\\s+'}, ' ')))) AS term,
    any(session) AS visit,
    max(${resultCount}) AS found
  FROM events
  WHERE ${inSearches(asked)}
  GROUP BY owner, searchId`;

const Count = z.coerce.number();
const Row = z.object({
  isTotal: Count,
  query: z.string(),
  searches: Count,
  resultsKnown: Count,
  withoutResults: Count,
  terms: Count,
  pending: Count,
  /** By step: viewed, added, purchased. */
  reached: z.array(Count),
  persons: z.array(Count),
  sessions: z.array(Count),
  orders: z.array(z.tuple([Count, z.string()])),
});

const orderOf = (by: SearchToRatingQuery['queriesBy']): Sql =>
  by === 'searches' ? sql`searches` : by === 'withoutResults' ? sql`withoutResults` : sql`reached[4]`;

const each = (aggregate: (flag: Sql) => Sql): Sql => {
  const [searchedBy, viewed, added, purchased] = ['1', 'isViewed', 'isAdded', 'isPurchased'].map((flag) =>
    flag === '1' ? sql`1` : identifier(flag),
  ) as [Sql, Sql, Sql, Sql];
  return sql`[${aggregate(searchedBy)}, ${aggregate(viewed)}, ${aggregate(added)}, ${aggregate(purchased)}]`;
};

export type Searches = {
  total: Omit<SearchTerm, 'query' | 'conversion' | 'viewed' | 'added' | 'purchased'> & {
    steps: SearchStep[];
    pending: number;
    queryCount: number;
  };
  queries: SearchTerm[];
  /** Order -> its time. */
  orders: ReadonlyMap<string, number>;
  queryMs: number;
  rowsRead: number;
};

const stepsOf = ({ reached, persons, sessions }: z.infer<typeof Row>): SearchStep[] =>
  (['searched', 'viewed', 'added', 'purchased'] as const).map((step, index) => ({
    step,
    searches: reached[index] ?? 0,
    persons: persons[index] ?? 0,
    sessions: sessions[index] ?? 0,
    share: reached[0] ? (reached[index] ?? 0) / reached[0] : null,
  }));

const termOf = ({
  query,
  searches,
  resultsKnown,
  withoutResults,
  persons,
  reached,
}: z.infer<typeof Row>): SearchTerm => {
  const [, viewed = 0, added = 0, purchased = 0] = reached;
  const counts = { searches, persons: persons[0] ?? 0, resultsKnown, withoutResults, viewed, added, purchased };
  return { query, ...counts, conversion: purchased / searches };
};

const nothing: z.infer<typeof Row> = {
  isTotal: 1,
  query: '',
  searches: 0,
  resultsKnown: 0,
  withoutResults: 0,
  terms: 0,
  pending: 0,
  reached: [],
  persons: [],
  sessions: [],
  orders: [],
};

/** Searches and what they led to, in all and by term, and the orders that they led to. README.md, rules 1 to 6. */
export const searchesTo = async (
  warehouse: Warehouse,
  asked: Asked,
  { queriesBy, limit }: Pick<SearchToRatingQuery, 'queriesBy' | 'limit'>,
): Promise<Searches> => {
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`
      SELECT
        grouping(term) AS isTotal,
        term AS query,
        count() AS searches,
        countIf(found IS NOT NULL) AS resultsKnown,
        countIf(ifNull(found = 0, 0)) AS withoutResults,
        uniqExact(term) AS terms,
        countIf(NOT isPurchased AND at + ${asked.window} > ${asked.asOf}) AS pending,
        ${each((flag) => sql`countIf(${flag})`)} AS reached,
        ${each((flag) => sql`uniqExactIf(owner, ${flag})`)} AS persons,
        ${each((flag) => sql`uniqExactIf(visit, visit != '' AND ${flag})`)} AS sessions,
        groupUniqArrayArray(${mostOrders + 1})(orders) AS orders
      FROM (
        SELECT owner, at, term, visit, found, isViewed, isAdded, notEmpty(orders) AS isPurchased, orders
        FROM (${searchesOf(asked)}) AS searches
        LEFT JOIN (${successesOf(asked)}) AS successes USING (owner, searchId)
      )
      GROUP BY GROUPING SETS ((), (term))
      ORDER BY isTotal DESC, ${orderOf(queriesBy)} DESC, searches DESC, query
      LIMIT ${limit + 1}`,
    Row,
  );
  const total = rows.find(({ isTotal }) => isTotal === 1) ?? nothing;
  if (total.orders.length > mostOrders)
    throw new Failure('query_limit', `more than ${mostOrders} orders followed the searches: ask about a shorter time`);
  const { searches, resultsKnown, withoutResults, pending, terms } = total;
  return {
    total: {
      searches,
      persons: total.persons[0] ?? 0,
      resultsKnown,
      withoutResults,
      steps: stepsOf(total),
      pending,
      queryCount: terms,
    },
    queries: rows.filter(({ isTotal }) => isTotal === 0).map(termOf),
    orders: new Map(total.orders.map(([at, key]) => [key, at])),
    queryMs: elapsedMs,
    rowsRead,
  };
};
