/**
 * Orders, RFM and value by brute force, written from services/questions/value/README.md alone; no code of the product is used. Money is whole cents.
 */
export type OracleOrderEvent = {
  /** Of the resolved person. */
  person: number;
  at: number;
  event: 'Order Completed' | 'Order Updated' | 'Order Refunded' | 'Order Cancelled';
  messageId: string;
  orderId: string;
  hasUser: boolean;
  cents?: number;
  currency?: string;
  /** `sku`: another id of the same product. */
  products?: { productId?: string; sku?: string; cents?: number; quantity?: number }[];
};

export type OracleOrder = {
  orderId: string;
  buyer: number;
  at: number;
  currency: string;
  revenue: number;
  refunded: number;
  isCancelled: boolean;
  net: number;
};

const inOrder = (a: { at: number; messageId: string }, b: { at: number; messageId: string }): number =>
  a.at - b.at || (a.messageId < b.messageId ? -1 : 1);

const orderOf = (orderId: string, events: readonly OracleOrderEvent[], siteCurrency: string): OracleOrder | null => {
  const completed = events.filter(({ event }) => event === 'Order Completed');
  const [first] = completed;
  if (first === undefined) return null;
  const newestFirst = events.filter(({ event }) => event === 'Order Completed' || event === 'Order Updated').reverse();
  const revenue = newestFirst.find(({ cents }) => cents !== undefined)?.cents ?? 0;
  const products = newestFirst.find((each) => each.products !== undefined)?.products ?? [];
  const currency = newestFirst.find((each) => each.currency)?.currency ?? siteCurrency;
  const refunds = events.filter((each) => each.event === 'Order Refunded' && (each.currency ?? currency) === currency);
  type Product = NonNullable<OracleOrderEvent['products']>[number];
  const isSame = (a: Product, b: Product): boolean =>
    [a.productId, a.sku].some((id) => id !== undefined && (id === b.productId || id === b.sku));
  const backOf = (refund: OracleOrderEvent): number => {
    if (refund.cents !== undefined) return Math.abs(refund.cents);
    if (refund.products === undefined || refund.products.length === 0) return revenue;
    return refund.products.reduce((sum, product) => {
      const ordered = products.find((each) => isSame(each, product))?.cents ?? 0;
      return sum + (product.cents ?? ordered) * Math.max(1, product.quantity ?? 1);
    }, 0);
  };
  const refunded = Math.min(
    revenue,
    refunds.reduce((sum, refund) => sum + backOf(refund), 0),
  );
  const isCancelled = events.some(({ event }) => event === 'Order Cancelled');
  return {
    orderId,
    buyer: (completed.find(({ hasUser }) => hasUser) ?? first).person,
    at: first.at,
    currency,
    revenue,
    refunded,
    isCancelled,
    net: isCancelled ? 0 : Math.max(0, revenue - refunded),
  };
};

export const oracleOrders = (repeated: readonly OracleOrderEvent[], siteCurrency: string): OracleOrder[] => {
  const events = [...new Map(repeated.map((event) => [event.messageId, event])).values()].sort(inOrder);
  return [...Map.groupBy(events, ({ orderId }) => orderId)].flatMap(
    ([orderId, own]) => orderOf(orderId, own, siteCurrency) ?? [],
  );
};

type Range = { from: number; to: number };
const day = 86_400_000;

const table = [
  ['lost', 'lost', 'atRisk', 'atRisk', 'cannotLose'],
  ['hibernating', 'hibernating', 'atRisk', 'atRisk', 'cannotLose'],
  ['aboutToSleep', 'aboutToSleep', 'needAttention', 'loyal', 'loyal'],
  ['promising', 'potentialLoyalists', 'potentialLoyalists', 'loyal', 'loyal'],
  ['newCustomers', 'potentialLoyalists', 'potentialLoyalists', 'champions', 'champions'],
];

const placed = (orders: readonly OracleOrder[], { from, to }: Range): OracleOrder[] =>
  orders.filter(({ at, isCancelled }) => !isCancelled && at >= from && at < to);

const sumOf = (orders: readonly OracleOrder[], amount: (order: OracleOrder) => number): number =>
  orders.reduce((sum, order) => sum + amount(order), 0);

export const oracleRfm = (orders: readonly OracleOrder[], range: Range, currency: string) => {
  const buyers = [...Map.groupBy(placed(orders, range), ({ buyer }) => buyer)].map(([buyer, own]) => ({
    buyer,
    recencyDays: Math.floor((range.to - Math.max(...own.map(({ at }) => at))) / day),
    orders: own.length,
    net: sumOf(own, (order) => (order.currency === currency ? order.net : 0)),
  }));
  return buyers.map((one) => {
    const rank = (isWorse: (other: typeof one) => boolean) =>
      1 + Math.floor((5 * buyers.filter(isWorse).length) / buyers.length);
    const recency = rank((other) => other.recencyDays > one.recencyDays);
    const frequency = rank((other) => other.orders < one.orders);
    const monetary = rank((other) => other.net < one.net);
    return { ...one, ranks: { recency, frequency, monetary }, class: table[recency - 1]?.[frequency - 1] ?? '' };
  });
};

/** `startOf`: the interval's number of a time, counted from any first one. */
export const oracleCohorts = (
  orders: readonly OracleOrder[],
  ask: Range & { now: number; ages: number; currency: string; numberOf: (at: number) => number },
) => {
  const buyers = [...Map.groupBy(placed(orders, { from: -Infinity, to: Infinity }), ({ buyer }) => buyer).values()].map(
    (own) => ({ own, first: Math.min(...own.map(({ at }) => at)) }),
  );
  const inRange = buyers.filter(({ first }) => first >= ask.from && first < ask.to);
  const cohorts = Map.groupBy(inRange, ({ first }) => ask.numberOf(first));
  return [...cohorts]
    .sort(([a], [b]) => a - b)
    .map(([number, members]) => {
      const reached = Math.max(0, ask.numberOf(ask.now) - number);
      return {
        persons: members.length,
        nets: Array.from({ length: Math.min(ask.ages, reached + 1) }, (_, age) =>
          sumOf(
            members.flatMap(({ own }) => own).filter((order) => ask.numberOf(order.at) - number <= age),
            (order) => (order.currency === ask.currency ? order.net : 0),
          ),
        ),
      };
    });
};

export const oracleValue = (orders: readonly OracleOrder[], range: Range) => {
  const inRange = orders.filter(({ at }) => at >= range.from && at < range.to);
  const counted = placed(orders, range);
  const perBuyer = [...Map.groupBy(counted, ({ buyer }) => buyer).values()].map(({ length }) => length);
  return {
    buyers: perBuyer.length,
    orders: counted.length,
    repeated: perBuyer.filter((count) => count >= 2).length,
    currencies: [...Map.groupBy(inRange, ({ currency }) => currency)].map(([currency, all]) => {
      const kept = all.filter(({ isCancelled }) => !isCancelled);
      const cancelled = all.filter(({ isCancelled }) => isCancelled);
      return {
        currency,
        buyers: new Set(kept.map(({ buyer }) => buyer)).size,
        orders: kept.length,
        revenue: sumOf(kept, ({ revenue }) => revenue),
        refunded: sumOf(kept, ({ refunded }) => refunded),
        net: sumOf(kept, ({ net }) => net),
        cancelledOrders: cancelled.length,
        cancelledRevenue: sumOf(cancelled, ({ revenue }) => revenue),
      };
    }),
  };
};
