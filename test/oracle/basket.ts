/**
 * Baskets by brute force, written from services/questions/abandonment/README.md alone: no code of the product is used. It looks again
 * at the whole history for every prefix, which is slow and plain.
 */
export type OracleEvent = {
  at: number;
  event: string;
  messageId: string;
  productId?: string;
  quantity?: number;
  /** Whole cents. */
  price?: number;
  /** Whole cents, of an order. */
  revenue?: number;
  products?: { productId: string; quantity: number; price: number }[];
};

type Line = { productId: string; quantity: number; price: number };
export type OracleBasket = {
  status: 'open' | 'abandoned' | 'recovered' | 'lost' | 'completed';
  lines: Line[];
  removed: string[];
  cents: number;
  revenue: number | null;
  lastActivity: number;
  hasCheckout: boolean;
};

const rank = (event: string): number => {
  if (event === 'Product Added') return 0;
  if (event === 'Cart Viewed') return 1;
  if (event === 'Product Removed') return 2;
  if (event === 'Checkout Started') return 3;
  return event === 'Order Completed' ? 9 : 4;
};

/** What lies in the basket after these activities, all of one basket. */
const contentOf = (activities: readonly OracleEvent[]): { lines: Line[]; removed: string[] } => {
  let lines: Line[] = [];
  let removed: string[] = [];
  for (const { event, productId = '', quantity, price, products } of activities) {
    const known = lines.find((line) => line.productId === productId);
    if (event === 'Product Added') {
      removed = removed.filter((id) => id !== productId);
      if (known === undefined) lines.push({ productId, quantity: Math.max(1, quantity ?? 1), price: price ?? 0 });
      else {
        known.quantity += Math.max(1, quantity ?? 1);
        known.price = price ?? known.price;
      }
    }
    if (event === 'Product Removed' && known !== undefined) {
      known.quantity -= Math.max(1, quantity ?? known.quantity);
      removed = [...removed.filter((id) => id !== productId), productId];
      lines = lines.filter((line) => line.quantity > 0);
    }
    if (event === 'Cart Cleared') lines = [];
    if (products !== undefined && (event === 'Cart Viewed' || (event === 'Checkout Started' && products.length > 0)))
      lines = products.map((product) => ({ ...product }));
  }
  return { lines, removed };
};

const centsOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);

export const oracleBaskets = (
  events: readonly OracleEvent[],
  rules: { idleSeconds: number; recoverySeconds: number; asOf: number },
): OracleBasket[] => {
  const idle = rules.idleSeconds * 1000;
  const recovery = rules.recoverySeconds * 1000;
  const history = [...new Map(events.map((event) => [event.messageId, event])).values()]
    .filter(({ at }) => at <= rules.asOf)
    .sort((a, b) => a.at - b.at || rank(a.event) - rank(b.event) || (a.messageId < b.messageId ? -1 : 1));
  const found: OracleBasket[] = [];
  /** Activities of the basket that is being followed. */
  let activities: OracleEvent[] = [];
  const hasCheckout = () => activities.some(({ event }) => event === 'Checkout Started');
  const push = (status: OracleBasket['status'], upTo: readonly OracleEvent[], revenue: number | null) => {
    const { lines } = contentOf(upTo);
    const { removed } = contentOf(activities);
    found.push({
      status,
      lines,
      removed,
      cents: centsOf(lines),
      revenue,
      lastActivity: upTo.at(-1)?.at ?? 0,
      hasCheckout: hasCheckout(),
    });
  };
  for (const event of history) {
    const last = activities.at(-1);
    if (last !== undefined && event.at - last.at > idle + recovery) {
      push('lost', activities, null);
      activities = [];
    }
    if (event.event === 'Order Completed') {
      if (activities.length > 0) {
        // The last pause of at least the idle time, the one before the order included.
        const times = [...activities.map(({ at }) => at), event.at];
        const pause = times.findLastIndex((at, index) => index > 0 && at - (times[index - 1] ?? 0) >= idle);
        const before = pause > 0 ? activities.slice(0, pause) : [];
        const leftAt = before.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
        if (event.at - leftAt <= idle + recovery) push('recovered', before, event.revenue ?? 0);
        else push('completed', activities, null);
      }
      activities = [];
      continue;
    }
    const canStart =
      event.event === 'Product Added' ||
      event.event === 'Checkout Started' ||
      (event.event === 'Cart Viewed' && (event.products?.length ?? 0) > 0);
    if (activities.length === 0 && !canStart) continue;
    activities.push(event);
    if (contentOf(activities).lines.length === 0 && !hasCheckout()) activities = [];
  }
  const last = activities.at(-1);
  if (last !== undefined) {
    const waited = rules.asOf - last.at;
    push(waited < idle ? 'open' : waited <= idle + recovery ? 'abandoned' : 'lost', activities, null);
  }
  return found;
};
