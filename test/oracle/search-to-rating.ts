/** The report by brute force, written from services/questions/search-to-rating/README.md alone: no code of the product is used. */
export type ReportEvent = {
  at: number;
  event: string;
  messageId: string;
  /** Resolved. */
  person: string;
  session?: string;
  query?: string;
  results?: number | undefined;
  productIds?: string[];
  /** Of the products, in an order; of a rating, the rated one. */
  sellers?: string[];
  orderId?: string;
  rating?: number;
  scaleMax?: number | undefined;
};
export type ReportRules = { from: number; to: number; windowMs: number; ratingMs: number; asOf: number };

const byTime = (a: ReportEvent, b: ReportEvent): number => a.at - b.at || (a.messageId < b.messageId ? -1 : 1);
const isFind = ({ event }: ReportEvent) => ['Product Viewed', 'Product Clicked', 'Product Added'].includes(event);

type Order = { key: string; at: number; person: string; productIds: string[]; sellers: string[] };

/** Rule 5. `events` are those of whose orders are meant; anybody may tell of a cancellation. */
const ordersOf = (
  events: readonly ReportEvent[],
  all: readonly ReportEvent[],
  from: number,
  until: number,
): Order[] => {
  const isCancelled = (id: string) =>
    id !== '' && all.some(({ event, orderId, at }) => event === 'Order Cancelled' && orderId === id && at >= from);
  const completed = events
    .filter(({ event, at }) => event === 'Order Completed' && at >= from - 30 * 86_400_000 && at <= until)
    .filter(({ orderId }) => !isCancelled(orderId ?? ''))
    .sort(byTime);
  const keyOf = ({ orderId, messageId }: ReportEvent) => orderId || messageId;
  return [...new Set(completed.map(keyOf))].map((key) => {
    const own = completed.filter((event) => keyOf(event) === key);
    const listing = own.find(({ productIds = [] }) => productIds.length > 0) ?? own[0];
    const { productIds = [], sellers = [] } = listing ?? {};
    return { key, at: own[0]?.at ?? 0, person: own[0]?.person ?? '', productIds, sellers };
  });
};

/** Rules 3 to 5: what one search led to. */
const outcomeOf = (
  search: ReportEvent,
  events: readonly ReportEvent[],
  orders: readonly Order[],
  rules: ReportRules,
) => {
  const end = search.at + rules.windowMs;
  const own = events.filter(({ person }) => person === search.person);
  const next = own
    .filter(({ messageId }) => messageId !== search.messageId)
    .filter((event) => event.event === 'Products Searched' && byTime(event, search) > 0)
    .sort(byTime)[0];
  const finds = own.filter(
    (event) => isFind(event) && event.at >= search.at && event.at <= end && (next === undefined || event.at < next.at),
  );
  const found = new Map<string, number>();
  for (const { at, productIds = [] } of finds)
    for (const id of productIds) found.set(id, Math.min(at, found.get(id) ?? Number.POSITIVE_INFINITY));
  const isPutIn = (id: string, since: number, until: number) =>
    own.some(
      ({ event, at, productIds = [] }) =>
        event === 'Product Added' && productIds.includes(id) && at >= since && at <= until,
    );
  const bought = orders.filter(
    (order) =>
      order.person === search.person &&
      order.at <= end &&
      [...found].some(([id, since]) =>
        order.productIds.length > 0 ? order.productIds.includes(id) && order.at >= since : isPutIn(id, since, order.at),
      ),
  );
  return {
    isViewed: found.size > 0,
    isAdded: bought.length > 0 || [...found].some(([id, since]) => isPutIn(id, since, end)),
    bought,
  };
};

/** Rules 7 to 9. */
const ratingsOf = (events: readonly ReportEvent[], credited: ReadonlyMap<string, number>, rules: ReportRules) => {
  const { from, to, windowMs, ratingMs } = rules;
  const known = events.filter(({ at }) => at <= to + windowMs + ratingMs);
  const orderOf = (rating: ReportEvent): string => {
    if (rating.orderId) return rating.orderId;
    const own = known.filter(({ person }) => person === rating.person);
    const holds = ({ productIds, sellers }: Order) =>
      rating.event === 'Product Reviewed'
        ? productIds.includes(rating.productIds?.[0] ?? '')
        : sellers.includes(rating.sellers?.[0] ?? '');
    return ordersOf(own, events, from, rating.at).filter(holds).at(-1)?.key ?? '';
  };
  const counted = new Map<
    string,
    { kind: string; id: string; stars: number; seconds: number; key: string; at: number }
  >();
  for (const rating of known
    .filter(({ event, at }) => at >= from && (event === 'Product Reviewed' || event === 'Seller Rated'))
    .sort(byTime)) {
    const scale = rating.scaleMax ?? 5;
    const value = rating.rating ?? -1;
    if (value < 0 || value > scale) continue;
    const key = orderOf(rating);
    const orderedAt = credited.get(key);
    if (orderedAt === undefined || rating.at < orderedAt || rating.at > orderedAt + ratingMs) continue;
    const kind = rating.event === 'Product Reviewed' ? 'product' : 'seller';
    const id = (kind === 'product' ? rating.productIds?.[0] : rating.sellers?.[0]) ?? '';
    const stars = (value * 5) / scale;
    counted.set(`${key} ${kind} ${id}`, {
      kind,
      id,
      stars,
      key,
      at: rating.at,
      seconds: (rating.at - orderedAt) / 1000,
    });
  }
  return [...counted.values()];
};

const summary = (ratings: readonly { stars: number }[]) => ({
  ratings: ratings.length,
  average: ratings.length === 0 ? null : ratings.reduce((sum, { stars }) => sum + stars, 0) / ratings.length,
  distribution: [1, 2, 3, 4, 5].map(
    (star) => ratings.filter(({ stars }) => Math.max(1, Math.round(stars)) === star).length,
  ),
});

export const oracleReport = (all: readonly ReportEvent[], rules: ReportRules) => {
  const events = [...new Map(all.map((event) => [event.messageId, event])).values()].filter(
    ({ at }) => at <= rules.asOf,
  );
  const orders = ordersOf(events, events, rules.from, rules.to + rules.windowMs);
  const searches = events
    .filter(({ event, at }) => event === 'Products Searched' && at >= rules.from && at < rules.to)
    .map((search) => ({ ...search, ...outcomeOf(search, events, orders, rules) }));
  type Search = (typeof searches)[number];
  const counts = (some: readonly Search[]) => ({
    searches: some.length,
    persons: new Set(some.map(({ person }) => person)).size,
    resultsKnown: some.filter(({ results }) => results !== undefined).length,
    withoutResults: some.filter(({ results }) => results === 0).length,
  });
  const step = (name: string, some: readonly Search[]) => ({
    step: name,
    searches: some.length,
    persons: new Set(some.map(({ person }) => person)).size,
    sessions: new Set(some.flatMap(({ session = '' }) => (session === '' ? [] : [session]))).size,
    share: searches.length === 0 ? null : some.length / searches.length,
  });
  const viewed = (search: Search) => search.isViewed;
  const added = (search: Search) => search.isAdded;
  const purchased = (search: Search) => search.bought.length > 0;
  const term = ({ query = '' }: Search) => query.trim().toLowerCase().replace(/ +/g, ' ');
  const queries = [...new Set(searches.map(term))].map((query) => {
    const own = searches.filter((search) => term(search) === query);
    return {
      query,
      ...counts(own),
      viewed: own.filter(viewed).length,
      added: own.filter(added).length,
      purchased: own.filter(purchased).length,
      conversion: own.filter(purchased).length / own.length,
    };
  });
  const credited = new Map(searches.flatMap(({ bought }) => bought.map(({ key, at }) => [key, at] as const)));
  const ratings = ratingsOf(events, credited, rules);
  const times = [...new Set(ratings.map(({ key }) => key))]
    .map((key) => Math.min(...ratings.filter((rating) => rating.key === key).map(({ seconds }) => seconds)))
    .sort((a, b) => a - b);
  const middle = (times.length - 1) / 2;
  const things = (kind: string) => {
    const own = ratings.filter((rating) => rating.kind === kind);
    return {
      ...summary(own),
      things: Object.fromEntries(
        [...new Set(own.map(({ id }) => id))].map((id) => [id, summary(own.filter((rating) => rating.id === id))]),
      ),
    };
  };
  return {
    ...counts(searches),
    steps: [
      step('searched', searches),
      step('viewed', searches.filter(viewed)),
      step('added', searches.filter(added)),
      step('purchased', searches.filter(purchased)),
    ],
    pending: searches.filter((search) => !purchased(search) && search.at + rules.windowMs > rules.asOf).length,
    queries,
    orders: {
      orders: credited.size,
      rated: times.length,
      pending: [...credited].filter(
        ([key, at]) => !ratings.some((rating) => rating.key === key) && at + rules.ratingMs > rules.asOf,
      ).length,
      ratedShare: credited.size === 0 ? null : times.length / credited.size,
      medianSeconds:
        times.length === 0 ? null : ((times[Math.floor(middle)] ?? 0) + (times[Math.ceil(middle)] ?? 0)) / 2,
      averageSeconds: times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length,
    },
    productRatings: things('product'),
    sellerRatings: things('seller'),
  };
};
