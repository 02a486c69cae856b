import { z } from 'zod';
import type { RatedThing, RatingSummary, SearchToRatingAnswer, Stars } from '../../../schemas/api/reports.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inScope, resolvedPerson } from '../events.ts';
import { orderRows } from '../value/orders.ts';
import { type Asked, cancelledOrders, orderKey, productIds, sellers } from './searches.ts';

/** Persons who rated; more make the question too large. */
const mostPersons = 200_000;

const PersonRow = z.object({
  ratings: z.array(
    z.tuple([
      z.coerce.number(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string().nullable(),
      z.string(),
    ]),
  ),
  orders: z.array(z.tuple([z.coerce.number(), z.string(), z.string(), z.array(z.string()), z.array(z.string())])),
});

/** Something was rated. `stars` are 0 to 5. */
export type Rating = {
  at: number;
  messageId: string;
  kind: 'product' | 'seller';
  /** Of the product, or the seller. */
  id: string;
  name: string;
  orderId: string;
  stars: number;
};
export type RatedOrder = { at: number; messageId: string; key: string; productIds: string[]; sellers: string[] };
type Person = { ratings: Rating[]; orders: RatedOrder[] };

const highest = 5;

/** Null outside the scale. */
export const starsOf = (value: string | null, scaleMax: string): number | null => {
  const scale = scaleMax === '' || scaleMax === 'null' ? highest : Number(scaleMax);
  const given = value === null ? Number.NaN : Number(value);
  return scale > 0 && given >= 0 && given <= scale ? (given * highest) / scale : null;
};

const ratingOf = (row: z.infer<typeof PersonRow>['ratings'][number]): Rating[] => {
  const [at, messageId, event, orderId, productId, name, seller, value, scaleMax] = row;
  const stars = starsOf(value, scaleMax);
  const rated = { at, messageId, orderId };
  if (stars === null) return [];
  return event === 'Product Reviewed'
    ? [{ ...rated, kind: 'product', id: productId, name, stars }]
    : [{ ...rated, kind: 'seller', id: seller, name: seller, stars }];
};

const json = (key: string) => sql`JSONExtractRaw(properties, ${key})`;
/** Ratings from the range's start on, and the orders of those who rated without naming one; by person. */
export const ratingsOf = async (
  warehouse: Warehouse,
  asked: Asked,
): Promise<{ persons: Person[]; queryMs: number; rowsRead: number }> => {
  const { site, from, to, window, rating, asOf } = asked;
  const last = Math.min(asOf, to + window + rating);
  const scope = inScope({ site, from, to: last + 1 });
  const isRating = sql`event IN ('Product Reviewed', 'Seller Rated')`;
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`
      SELECT
        groupArrayIf(tuple(
          toUnixTimestamp64Milli(timestamp), message_id, toString(event), order_id, product_id, product_name, toString(seller),
          toString(coalesce(rating, score)), trim(BOTH '"' FROM ${json('scale_max')})), ${isRating}) AS ratings,
        groupArrayIf(tuple(
          toUnixTimestamp64Milli(timestamp), message_id, ${orderKey}, ${productIds}, ${sellers}), NOT ${isRating}) AS orders
      FROM events
      WHERE ${orderRows(site, from, last)}
        AND (
          ${isRating}
          AND timestamp >= ${new Date(from)}
          OR event = 'Order Completed'
          AND order_id NOT IN (${cancelledOrders(asked)})
          AND ${resolvedPerson} IN (
            SELECT ${resolvedPerson} FROM events WHERE ${scope} AND ${isRating} AND order_id = ''
          )
        )
      GROUP BY ${resolvedPerson}`,
    PersonRow,
    { resultRows: mostPersons },
  );
  const persons = rows.map((row) => ({
    ratings: row.ratings.flatMap(ratingOf),
    orders: row.orders.map(([at, messageId, key, ids, names]) => ({
      at,
      messageId,
      key,
      productIds: ids,
      sellers: names,
    })),
  }));
  return { persons, queryMs: elapsedMs, rowsRead };
};

const byTime = (a: { at: number; messageId: string }, b: { at: number; messageId: string }): number =>
  a.at - b.at || (a.messageId < b.messageId ? -1 : 1);

/** Orders once each: the time of the first message, the products and sellers of the first that has some. */
const onceEach = (orders: readonly RatedOrder[]): RatedOrder[] => {
  const found = new Map<string, RatedOrder>();
  for (const order of orders.toSorted(byTime)) {
    const known = found.get(order.key);
    if (known === undefined) found.set(order.key, { ...order });
    else if (known.productIds.length === 0) {
      known.productIds = order.productIds;
      known.sellers = order.sellers;
    }
  }
  return [...found.values()].sort(byTime);
};

const isRated = ({ productIds: ids, sellers: names }: RatedOrder, { kind, id }: Rating): boolean =>
  kind === 'product' ? ids.includes(id) : names.includes(id);

/** A rating with the order that it is of. */
type Matched = Rating & { key: string; seconds: number };

/** Which of the orders each rating is of; of several of the same thing in an order the last. Pure. README.md, rules 7 and 8. */
export const matchRatings = (
  persons: readonly Person[],
  orders: ReadonlyMap<string, number>,
  ratingMilliseconds: number,
): Matched[] => {
  const last = new Map<string, Matched>();
  for (const person of persons) {
    const own = onceEach(person.orders);
    for (const rating of person.ratings) {
      const meant = own.findLast((order) => order.at <= rating.at && isRated(order, rating));
      const key = rating.orderId || (meant?.key ?? '');
      const orderedAt = orders.get(key);
      if (orderedAt === undefined || rating.at < orderedAt || rating.at - orderedAt > ratingMilliseconds) continue;
      const thing = JSON.stringify([key, rating.kind, rating.id]);
      const known = last.get(thing);
      if (known === undefined || byTime(known, rating) < 0)
        last.set(thing, { ...rating, key, seconds: (rating.at - orderedAt) / 1000 });
    }
  }
  return [...last.values()];
};

const summary = (ratings: readonly Rating[]): Stars => {
  const distribution = [0, 0, 0, 0, 0];
  let sum = 0;
  for (const { stars } of ratings) {
    sum += stars;
    const place = Math.max(1, Math.round(stars)) - 1;
    distribution[place] = (distribution[place] ?? 0) + 1;
  }
  return { ratings: ratings.length, average: ratings.length === 0 ? null : sum / ratings.length, distribution };
};

const compareIds = (a: RatedThing, b: RatedThing): number => (a.id < b.id ? -1 : 1);

export const summariesOf = (
  ratings: readonly Rating[],
  { limit, minimumRatings }: { limit: number; minimumRatings: number },
): RatingSummary => {
  const things = [...Map.groupBy(ratings, ({ id }) => id)].map(([id, own]): RatedThing => {
    const named = own.toSorted(byTime).findLast(({ name }) => name !== '');
    return { id, name: named?.name ?? '', ...summary(own) };
  });
  const averageOf = ({ average }: RatedThing): number => average ?? 0;
  return {
    ...summary(ratings),
    most: things
      .toSorted((a, b) => b.ratings - a.ratings || averageOf(b) - averageOf(a) || compareIds(a, b))
      .slice(0, limit),
    lowest: things
      .filter((thing) => thing.ratings >= minimumRatings)
      .sort((a, b) => averageOf(a) - averageOf(b) || b.ratings - a.ratings || compareIds(a, b))
      .slice(0, limit),
  };
};

/** How many of the orders were rated, and how soon. */
export const ratedOrders = (
  matched: readonly Matched[],
  orders: ReadonlyMap<string, number>,
  { asOf, rating }: Pick<Asked, 'asOf' | 'rating'>,
): SearchToRatingAnswer['orders'] => {
  const first = new Map<string, number>();
  for (const { key, seconds } of matched) first.set(key, Math.min(seconds, first.get(key) ?? Number.POSITIVE_INFINITY));
  const times = [...first.values()].sort((a, b) => a - b);
  const middle = (times.length - 1) / 2;
  const median = ((times[Math.floor(middle)] ?? 0) + (times[Math.ceil(middle)] ?? 0)) / 2;
  return {
    orders: orders.size,
    rated: times.length,
    pending: [...orders].filter(([key, at]) => !first.has(key) && at + rating > asOf).length,
    ratedShare: orders.size === 0 ? null : times.length / orders.size,
    medianSeconds: times.length === 0 ? null : median,
    averageSeconds: times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length,
  };
};
