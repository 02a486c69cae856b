import type { SearchToRatingAnswer, SearchToRatingQuery } from '../../../schemas/api/reports.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { matchRatings, ratedOrders, ratingsOf, summariesOf } from './ratings.ts';
import { type Asked, searchesTo } from './searches.ts';

/** From a search to the stars that its purchase got. README.md has the rules. */
export const searchToRating = async (
  warehouse: Warehouse,
  site: { id: string },
  query: SearchToRatingQuery,
  options: { now: number },
): Promise<SearchToRatingAnswer> => {
  const asked: Asked = {
    site: site.id,
    from: Date.parse(query.from),
    to: Date.parse(query.to),
    window: query.windowSeconds * 1000,
    rating: query.ratingSeconds * 1000,
    asOf: query.asOf === undefined ? options.now : Date.parse(query.asOf),
  };
  const [searches, rated] = await Promise.all([searchesTo(warehouse, asked, query), ratingsOf(warehouse, asked)]);
  const matched = matchRatings(rated.persons, searches.orders, asked.rating);
  return {
    ...searches.total,
    queries: searches.queries,
    orders: ratedOrders(matched, searches.orders, asked),
    productRatings: summariesOf(
      matched.filter(({ kind }) => kind === 'product'),
      query,
    ),
    sellerRatings: summariesOf(
      matched.filter(({ kind }) => kind === 'seller'),
      query,
    ),
    queryMs: searches.queryMs + rated.queryMs,
    rowsRead: searches.rowsRead + rated.rowsRead,
  };
};
