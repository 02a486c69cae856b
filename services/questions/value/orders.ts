import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';

/** The events that say what an order is worth. */
const valueEvents: readonly string[] = ['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled'];

/** Orders are told of again within hours, and baskets lie for days: what is of a range is followed back for this long before it. */
export const followedBackMilliseconds = 30 * 86_400_000;

const newest: Sql = sql`(timestamp, message_id)`;
const isCompletion: Sql = sql`event = 'Order Completed'`;
/** What the shop says of the whole order. */
const isOfOrder: Sql = sql`event IN ('Order Completed', 'Order Updated')`;

/** A field of a product in a list: text or number, as it was sent; '' where it is missing. */
const field = (name: string): Sql => sql`trim(BOTH '"' FROM JSONExtractRaw(product, ${name}))`;
/** A shop may order by one id and refund by another. */
const idsOf: Sql = sql`arrayFilter(id -> id NOT IN ('', 'null'), [${field('product_id')}, ${field('sku')}, ${field('item_id')}])`;
const priceOf: Sql = sql`toDecimal128OrNull(${field('price')}, 4)`;

/** By all the names that a list calls its products: a shop's other events may use another than its orders. */
export const productIdsIn = (products: Sql): Sql => sql`
  arrayFlatten(arrayMap(product -> ${idsOf}, JSONExtractArrayRaw(${products})))`;

/** What was ordered costs, by each of its ids. */
const pricesIn = (products: Sql): Sql => sql`
  arrayFlatten(arrayMap(
    product -> arrayMap(id -> (id, ifNull(${priceOf}, toDecimal128(0, 4))), ${idsOf}),
    JSONExtractArrayRaw(${products})))::Map(String, Decimal(38, 4))`;

/** What products taken back are worth: their own price, or the one they were ordered at, times their quantity (1 if missing). */
const worth = (products: Sql, prices: Sql): Sql => sql`
  arraySum(
    product -> ifNull(${priceOf}, ${prices}[arrayFirst(id -> mapContains(${prices}, id), ${idsOf})]) * greatest(1, toInt64OrZero(${field('quantity')})),
    JSONExtractArrayRaw(${products}))`;

export type OrderScope = {
  /** Conditions on rows: the site's, a person's, a range's. */
  rows: Sql;
  /** Of orders that say none. */
  currency: string;
  /** Further events by order id that `more` looks at. */
  events?: readonly string[];
  /** Further columns over the group of an order's rows, each with its name. */
  more?: Sql;
  /** Only orders of which an Order Completed meets this. */
  where?: Sql;
};

/**
 * Rows of a site from which the orders of a range are known: from a month before it until now, since money goes back later; or as they were known at
 * `asOf`.
 */
export const orderRows = (site: string, from: number | null, asOf?: number): Sql => sql`
  site = ${site}
    AND ${from === null ? sql`1` : sql`timestamp >= ${new Date(from - followedBackMilliseconds)}`}
    AND ${asOf === undefined ? sql`1` : sql`timestamp <= ${new Date(asOf)}`}`;

/** Rows about the orders that were placed in some rows, whoever's events they are; found by the index `orders` (migration 0009). */
export const rowsOfOrders = (site: string, placedIn: Sql): Sql => sql`
  site = ${site}
    AND order_id IN (
      SELECT order_id
      FROM events
      WHERE ${placedIn}
        AND event = 'Order Completed'
        AND order_id != ''
    )`;

/**
 * Orders, a row each: `orderId`, `buyer` (resolved person), `at`, `currency`, `revenue`, `refunded`, `isCancelled`, `net`, and what `more` asks for.
 * README.md has the rules. Every question about money starts here.
 */
export const orders = ({ rows, currency, events = [], more, where }: OrderScope): Sql => sql`
  SELECT
    * EXCEPT (said, refunds, prices),
    ifNull(toDecimal128(said, 4), toDecimal128(0, 4)) AS revenue,
    least(revenue, arraySum(
      refund -> ifNull(
        abs(toDecimal128(refund.2, 4)),
        if(empty(JSONExtractArrayRaw(refund.3)), revenue, ${worth(sql`refund.3`, sql`prices`)})),
      -- Money of another currency is no part of this order's.
      arrayFilter(refund -> refund.4 IN ('', currency), refunds))) AS refunded,
    if(isCancelled, toDecimal128(0, 4), greatest(toDecimal128(0, 4), revenue - refunded)) AS net
  FROM (
    SELECT
      order_id AS orderId,
      -- Whoever is known bought it: shop and server may tell of the same order under two ids.
      argMinIf(${resolvedPerson}, (user_id = '', timestamp, message_id), ${isCompletion}) AS buyer,
      minIf(timestamp, ${isCompletion}) AS at,
      if(countIf(${isOfOrder} AND currency != '') = 0, ${currency}, argMaxIf(currency, ${newest}, ${isOfOrder} AND currency != '')) AS currency,
      argMaxIf(revenue, ${newest}, ${isOfOrder} AND revenue IS NOT NULL) AS said,
      -- A set, so that a message that stands twice in the table counts once.
      groupUniqArrayIf((message_id, revenue, products, toString(events.currency)), event = 'Order Refunded') AS refunds,
      countIf(event = 'Order Cancelled') > 0 AS isCancelled,
      ${pricesIn(sql`argMaxIf(products, ${newest}, ${isOfOrder} AND products != '')`)} AS prices
      ${more === undefined ? sql`` : sql`, ${more}`}
    FROM events
    WHERE ${rows}
      AND order_id != ''
      AND event IN (SELECT arrayJoin(${[...valueEvents, ...events]}))
    GROUP BY order_id
    HAVING countIf(${isCompletion} AND ${where ?? sql`1`}) > 0
  )`;

/** Whether a row of a range is the first that tells of its order, of the Order Completed that meet `where`; one that names no order always is. */
export const isFirstTelling = (site: string, { from, to }: { from: number; to: number }, where: Sql): Sql => sql`
  (
    order_id = ''
    OR (order_id, timestamp, message_id) IN (
      SELECT order_id, first.1, first.2
      FROM (
        SELECT order_id, min(${newest}) AS first
        FROM events
        WHERE ${orderRows(site, from, to - 1)}
          AND ${isCompletion}
          AND order_id != ''
          AND ${where}
        GROUP BY order_id
      )
    )
  )`;
