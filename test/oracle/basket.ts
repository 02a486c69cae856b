/**
 * Baskets by brute force, written from services/questions/abandonment/README.md alone: no code of the product is used. It looks again
 * at the whole history for every prefix, which is slow and plain. Money is in ten-thousandths.
 */
import { oracleOrders } from './orders.ts';

export type OracleProduct = { productId: string; variant: string; quantity?: number; price?: number };
export type OracleEvent = {
  at: number;
  event: string;
  messageId: string;
  product?: OracleProduct;
  products?: OracleProduct[];
  /** '' where the event says none. */
  currency: string;
  /** Of an order, a refund; of a checkout its value. */
  total?: number;
  orderId?: string;
  cartId?: string;
  checkoutId?: string;
  session?: string;
  source?: string;
};

type Line = { productId: string; variant: string; quantity: number; price: number | null; currency: string };
type Status = 'open' | 'abandoned' | 'recovered' | 'lost' | 'completed';
type Removal = { at: number; productId: string; quantity: number; value: number; currency: string };
export type OracleRules = {
  kind: 'cart' | 'checkout' | 'browse';
  idleSeconds: number;
  recoverySeconds: number;
  assistSeconds: number;
  asOf: number;
};
export type OracleBasket = {
  status: Status;
  lines: Line[];
  /** Product ids. */
  removed: string[];
  values: Record<string, number>;
  recovered: { currency: string; amount: number } | null;
  recovery: 'organic' | 'mailed' | 'clicked' | null;
  isCancelled: boolean;
  bought: string[];
  lastActivity: number;
  since: number;
  hasCheckout: boolean;
};

const order = [
  'Product Viewed',
  'Product Added',
  'Cart Viewed|Cart Updated',
  'Product Quantity Changed',
  'Product Removed',
  'Checkout Started',
  'everything else',
  'Order Completed',
];
const rank = (event: string): number => {
  const place = order.findIndex((names) => names.split('|').includes(event));
  return place === -1 ? order.indexOf('everything else') : place;
};

const compare = (a: OracleEvent, b: OracleEvent): number =>
  a.at - b.at || rank(a.event) - rank(b.event) || (a.messageId < b.messageId ? -1 : 1);

/** Rule 3: which line an event means. */
const meant = (lines: readonly Line[], product: { productId: string; variant: string }): Line | undefined => {
  const ofProduct = lines.filter(({ productId }) => productId === product.productId);
  const exact = ofProduct.find(({ variant }) => variant === product.variant);
  if (exact !== undefined) return exact;
  return product.variant === '' ? ofProduct[0] : ofProduct.find(({ variant }) => variant === '');
};

const subjects = ({ product, products }: OracleEvent): OracleProduct[] =>
  product === undefined ? (products ?? []) : [product];

/** What lies in the basket after these activities, all of one basket; what is remembered as taken out; everything that ever was. */
const contentOf = (activities: readonly OracleEvent[]) => {
  let lines: Line[] = [];
  let removed: string[] = [];
  const removals: Removal[] = [];
  const take = (line: Line, quantity: number, at: number): void => {
    removed = [...removed.filter((id) => id !== line.productId), line.productId];
    const value = (line.price ?? 0) * quantity;
    removals.push({ at, productId: line.productId, quantity, value, currency: line.currency });
  };
  const setTo = (event: OracleEvent, product: OracleProduct, quantityOf: (before: number) => number): void => {
    const known = meant(lines, product);
    const before = known?.quantity ?? 0;
    const quantity = quantityOf(before);
    if (known !== undefined && quantity < before) take({ ...known }, before - quantity, event.at);
    if (quantity > before) removed = removed.filter((id) => id !== product.productId);
    const line = known ?? {
      productId: product.productId,
      variant: product.variant,
      quantity: 0,
      price: null,
      currency: event.currency,
    };
    if (known === undefined) lines.push(line);
    line.quantity = quantity;
    if (product.price !== undefined) {
      line.price = product.price;
      line.currency = event.currency;
    }
    lines = lines.filter((each) => each.quantity > 0);
  };
  const setAll = (event: OracleEvent, isTakenOut: boolean): void => {
    const next: Line[] = [];
    for (const product of event.products ?? []) {
      const twin = next.find(
        ({ productId, variant }) => productId === product.productId && variant === product.variant,
      );
      const known = twin ?? meant(lines, product);
      const line = twin ?? {
        productId: product.productId,
        variant: product.variant,
        quantity: 0,
        price: null,
        currency: '',
      };
      line.price = product.price ?? known?.price ?? null;
      line.currency = product.price === undefined && known !== undefined ? known.currency : event.currency;
      line.quantity += product.quantity ?? 1;
      if (twin === undefined) next.push(line);
    }
    const kept = next.filter(({ quantity }) => quantity > 0);
    for (const line of kept)
      if (line.quantity > (meant(lines, line)?.quantity ?? 0)) removed = removed.filter((id) => id !== line.productId);
    if (isTakenOut)
      for (const line of lines) {
        const less = line.quantity - (meant(kept, line)?.quantity ?? 0);
        if (less > 0) take(line, less, event.at);
      }
    lines = kept;
  };
  for (const event of activities) {
    const { products } = event;
    if (event.event === 'Product Added')
      for (const each of subjects(event)) setTo(event, each, (before) => before + Math.max(1, each.quantity ?? 1));
    if (event.event === 'Product Removed')
      for (const each of subjects(event))
        setTo(event, each, (before) =>
          each.quantity === undefined ? 0 : Math.max(0, before - Math.max(1, each.quantity)),
        );
    if (event.event === 'Product Quantity Changed')
      for (const each of subjects(event)) setTo(event, each, (before) => each.quantity ?? before);
    if (event.event === 'Cart Cleared') setAll({ ...event, products: [] }, true);
    if (products !== undefined && (event.event === 'Cart Viewed' || event.event === 'Cart Updated'))
      setAll(event, true);
    if (products !== undefined && event.event === 'Checkout Started' && products.length > 0) setAll(event, false);
  }
  return { lines, removed, removals };
};

/** Rule 1, those that tests send. */
const touching = [
  'Product Viewed',
  'Product Added',
  'Product Removed',
  'Product Quantity Changed',
  'Cart Viewed',
  'Cart Updated',
  'Cart Cleared',
  'Checkout Started',
  'Payment Info Entered',
  'Order Completed',
];
const isMail = ({ event }: OracleEvent): boolean => event === 'Email Sent' || event === 'Email Link Clicked';
const isLook = (event: OracleEvent): boolean => event.event === 'Product Viewed' && subjects(event).length > 0;
const canStart = (event: OracleEvent): boolean =>
  (event.event === 'Product Added' && subjects(event).length > 0) ||
  (event.event === 'Product Quantity Changed' && subjects(event).some(({ quantity }) => (quantity ?? 0) > 0)) ||
  event.event === 'Checkout Started' ||
  ((event.event === 'Cart Viewed' || event.event === 'Cart Updated') &&
    (event.products ?? []).some(({ quantity }) => quantity !== 0));

/** Rule 7: whether some event of the basket had the order's cart id or checkout id. */
const isNamed = (basket: readonly OracleEvent[], order: OracleEvent): boolean => {
  const isSame = (id = '', other = '') => id !== '' && id !== 'undefined' && id === other;
  return basket.some((event) => isSame(event.cartId, order.cartId) || isSame(event.checkoutId, order.checkoutId));
};

/** An event of somebody's history; in it are also orders of others that name a basket of theirs (rule 7). */
type Told = OracleEvent & { isOthers: boolean };

/** Each message once, in order, until `asOf`. */
const historyOf = (events: readonly OracleEvent[], everybody: readonly OracleEvent[], asOf: number): Told[] => {
  const own = new Map(events.map((event): [string, Told] => [event.messageId, { ...event, isOthers: false }]));
  const touched = events.filter(({ event, at }) => event !== 'Order Completed' && at <= asOf);
  const others = everybody
    .filter(({ event, messageId }) => event === 'Order Completed' && !own.has(messageId))
    .filter((order) => isNamed(touched, order))
    .map((event): [string, Told] => [event.messageId, { ...event, isOthers: true }]);
  return [...own, ...new Map(others)]
    .map(([, event]) => event)
    .filter(({ at }) => at <= asOf)
    .sort(compare);
};

/** A basket or a browse with what ended it: its activities, and the event at its end. */
type Stretch = {
  activities: OracleEvent[];
  end: OracleEvent | null;
  endedAt: number;
  bought: string[];
  isOrder: boolean;
};

/** Cuts the history into baskets and browses. */
const stretchesOf = (history: readonly Told[], rules: OracleRules) => {
  const patience = (rules.idleSeconds + rules.recoverySeconds) * 1000;
  const baskets: Stretch[] = [];
  const browses: Stretch[] = [];
  const removals: Removal[] = [];
  const orders: { event: Told; bought: string[] }[] = [];
  const told: Told[] = [];
  const counted: Told[] = [];
  let basket: OracleEvent[] = [];
  let browse: OracleEvent[] = [];
  const lose = (activities: OracleEvent[], at: number, into: Stretch[]): OracleEvent[] => {
    if (activities.length === 0 || at - (activities.at(-1)?.at ?? 0) <= patience) return activities;
    into.push({ activities, end: null, endedAt: at, bought: [], isOrder: false });
    return [];
  };
  const hasCheckout = () => basket.some(({ event }) => event === 'Checkout Started');
  const currencyNow = () => basket.findLast(({ currency }) => currency !== '')?.currency ?? '';
  for (const event of history) {
    if (!touching.includes(event.event)) continue;
    basket = lose(basket, event.at, baskets);
    browse = lose(browse, event.at, browses);
    if (event.event === 'Order Completed') {
      const isSame = ({ orderId = '' }: Told) => orderId !== '' && orderId === event.orderId;
      const isRepeated = counted.some(isSame) || (event.isOthers && told.some(isSame));
      told.push(event);
      if (isRepeated || (event.isOthers && !isNamed(basket, event))) continue;
      counted.push(event);
      const listed = event.products ?? [];
      const source = listed.length > 0 ? listed : contentOf(basket).lines;
      const bought = [...new Set(source.map(({ productId }) => productId))];
      orders.push({ event, bought });
      const end = { end: event, endedAt: event.at, bought, isOrder: true };
      if (basket.length > 0) baskets.push({ activities: basket, ...end });
      if (browse.length > 0) browses.push({ activities: browse, ...end });
      basket = [];
      browse = [];
    } else if (event.event === 'Product Viewed') {
      if (basket.length === 0 && isLook(event)) browse.push(event);
    } else {
      if (basket.length === 0) {
        if (!canStart(event)) continue;
        if (browse.length > 0)
          browses.push({ activities: browse, end: event, endedAt: event.at, bought: [], isOrder: false });
        browse = [];
      }
      const before = contentOf(basket).removals.length;
      basket = [...basket, event];
      const content = contentOf(basket);
      removals.push(
        ...content.removals
          .slice(before)
          .map((removal) => ({ ...removal, currency: removal.currency || currencyNow() || 'site' })),
      );
      if (content.lines.length === 0 && !hasCheckout()) basket = [];
    }
  }
  const rest = { end: null, endedAt: Number.POSITIVE_INFINITY, bought: [], isOrder: false };
  if (basket.length > 0) baskets.push({ activities: basket, ...rest });
  if (browse.length > 0) browses.push({ activities: browse, ...rest });
  return { baskets, browses, removals, orders };
};

const isCancelled = (all: readonly OracleEvent[], orderId: string | undefined, asOf: number): boolean =>
  (orderId ?? '') !== '' &&
  all.some((event) => event.event === 'Order Cancelled' && event.orderId === orderId && event.at <= asOf);

/** Rule 11: an order is worth what it is in every other question. */
const worthOf = (all: readonly OracleEvent[], completed: OracleEvent, asOf: number) => {
  const ofOrder = all.filter(
    ({ event, orderId = '', at }) =>
      ['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled'].includes(event) &&
      orderId !== '' &&
      orderId === completed.orderId &&
      at <= asOf,
  );
  const told = ofOrder.map(({ event, currency, total, products, ...own }) => ({
    ...own,
    event: event as 'Order Completed',
    orderId: completed.orderId ?? '',
    person: 0,
    hasUser: true,
    ...(currency === '' ? {} : { currency }),
    ...(total === undefined ? {} : { cents: total }),
    ...(products === undefined
      ? {}
      : {
          products: products.map(({ price, ...product }) =>
            price === undefined ? product : { ...product, cents: price },
          ),
        }),
  }));
  const [order] = oracleOrders(told, 'site');
  if (order === undefined) return { currency: completed.currency || 'site', amount: completed.total ?? 0 };
  return { currency: order.currency, amount: order.net };
};

/** Baskets, or of kind browse what was looked at, of one person. `everybody`: all events of the site, for what became of the orders. */
export const oracleBaskets = (
  events: readonly OracleEvent[],
  everybody: readonly OracleEvent[],
  rules: OracleRules,
): OracleBasket[] => {
  const idle = rules.idleSeconds * 1000;
  const patience = idle + rules.recoverySeconds * 1000;
  const history = historyOf(events, everybody, rules.asOf);
  const cut = stretchesOf(history, rules);
  const isBrowse = rules.kind === 'browse';
  const judged = (isBrowse ? cut.browses : cut.baskets).map((stretch): OracleBasket & { endedAt: number } => {
    const { activities, end, endedAt } = stretch;
    const checkoutAt = activities.findIndex(({ event }) => event === 'Checkout Started');
    // The last pause of at least the idle time, the one before the end included.
    const times = [...activities.map(({ at }) => at), ...(end === null ? [] : [end.at])];
    const pause = times.findLastIndex(
      (at, index) =>
        index > 0 &&
        at - (times[index - 1] ?? 0) >= idle &&
        (rules.kind !== 'checkout' || (checkoutAt !== -1 && index > checkoutAt)),
    );
    const leftAt = pause > 0 ? (times[pause - 1] ?? 0) : Number.NEGATIVE_INFINITY;
    const isRecovered = end !== null && end.at - leftAt <= patience;
    const upTo = isRecovered ? activities.slice(0, pause) : activities;
    const last = upTo.at(-1)?.at ?? 0;
    const waited = rules.asOf - last;
    const waiting: Status = waited < idle ? 'open' : waited <= patience ? 'abandoned' : 'lost';
    const status: Status =
      end !== null ? (isRecovered ? 'recovered' : 'completed') : endedAt < Number.POSITIVE_INFINITY ? 'lost' : waiting;
    const currency = activities.findLast((event) => event.currency !== '')?.currency ?? 'site';
    // Products of the last visit, one piece each.
    const isNewVisit = (event: OracleEvent, index: number) =>
      index > 0 && event.at - (upTo[index - 1]?.at ?? 0) >= idle;
    const visit = upTo.slice(Math.max(0, upTo.findLastIndex(isNewVisit)));
    const content = contentOf(isBrowse ? visit.map((event) => ({ ...event, event: 'Product Added' })) : upTo);
    const lines = content.lines.map((line) => ({
      ...line,
      quantity: isBrowse ? 1 : line.quantity,
      currency: line.currency || currency,
    }));
    const values: Record<string, number> = {};
    for (const line of lines) values[line.currency] = (values[line.currency] ?? 0) + (line.price ?? 0) * line.quantity;
    const checkout = upTo.findLast(({ event, total }) => event === 'Checkout Started' && total !== undefined);
    if (lines.length === 0) values[checkout?.currency || currency] = checkout?.total ?? 0;
    const mails = history.filter(
      (event) =>
        isMail(event) && event.at >= leftAt && event.at <= endedAt && event.at >= endedAt - rules.assistSeconds * 1000,
    );
    const recovery = mails.some(({ event }) => event === 'Email Link Clicked')
      ? 'clicked'
      : mails.length > 0
        ? 'mailed'
        : 'organic';
    const completed = isBrowse ? null : end;
    const undone =
      status === 'recovered' && completed !== null && isCancelled(everybody, completed.orderId, rules.asOf);
    return {
      status: undone ? 'lost' : status,
      lines,
      removed: contentOf(activities).removed,
      values,
      recovered:
        status !== 'recovered' || undone
          ? null
          : completed === null
            ? { currency, amount: 0 }
            : worthOf(everybody, completed, rules.asOf),
      recovery: status === 'recovered' && !undone ? recovery : null,
      isCancelled: undone,
      bought: stretch.bought,
      lastActivity: last,
      since: activities[0]?.at ?? 0,
      hasCheckout: checkoutAt !== -1,
      endedAt,
    };
  });
  if (isBrowse)
    for (const { event, bought } of cut.orders) {
      // The browse recovered last before the order, unless an order came in between.
      const since = Math.max(
        Number.NEGATIVE_INFINITY,
        ...cut.orders.map((other) => history.indexOf(other.event)).filter((place) => place < history.indexOf(event)),
      );
      const browse = judged.findLast((each, index) => {
        const ended = history.indexOf(cut.browses[index]?.end as Told);
        return each.status === 'recovered' && ended > since && ended <= history.indexOf(event);
      });
      if (browse === undefined || event.at - browse.lastActivity > patience || browse.recovered === null) continue;
      const cancelled = isCancelled(everybody, event.orderId, rules.asOf);
      browse.bought = bought;
      browse.isCancelled = cancelled;
      browse.recovered = worthOf(everybody, event, rules.asOf);
    }
  return judged.map(({ endedAt: _, ...basket }) => basket);
};

/** Rule 16. */
export const oracleSource = (events: readonly OracleEvent[], since: number): string => {
  const said = events
    .filter(({ source = '' }) => source !== '')
    .map(({ at, messageId, session = '', source = '' }) => ({ at, source, visit: session || messageId }))
    .sort((a, b) => a.at - b.at || (a.source < b.source ? -1 : 1));
  // What a visit says again is no other touch.
  const touches = said.filter(
    ({ visit, source }, index) => said.slice(0, index).findLast((other) => other.visit === visit)?.source !== source,
  );
  return touches.findLast(({ at }) => at <= since && since - at <= 30 * 86_400_000)?.source ?? '(none)';
};

/** Rule 15: what a breakdown by product gets of a basket's money, by product. */
export const oracleShares = (
  basket: OracleBasket,
): Map<string, { values: Record<string, number>; recovered: number }> => {
  const shares = new Map<string, { values: Record<string, number>; recovered: number }>();
  const isBought = ({ productId }: Line) => basket.bought.includes(productId);
  const named = basket.lines.some(isBought) ? basket.lines.filter(isBought) : basket.lines;
  const worth = ({ price, quantity }: Line) => (price ?? 0) * quantity;
  const isPriced = named.some((line) => worth(line) > 0);
  const weight = (line: Line) => (isPriced ? Math.max(0, worth(line)) : 1);
  const whole = BigInt(named.reduce((sum, line) => sum + weight(line), 0));
  let before = 0n;
  const byName = (a: Line, b: Line) => (`${a.productId}/${a.variant}` < `${b.productId}/${b.variant}` ? -1 : 1);
  for (const line of basket.lines.toSorted(byName)) {
    const share = shares.get(line.productId) ?? { values: {}, recovered: 0 };
    share.values[line.currency] = (share.values[line.currency] ?? 0) + worth(line);
    if (basket.recovered !== null && named.includes(line)) {
      const amount = BigInt(basket.recovered.amount);
      const after = before + BigInt(weight(line));
      share.recovered += Number((amount * after) / whole - (amount * before) / whole);
      before = after;
    }
    shares.set(line.productId, share);
  }
  if (basket.lines.length === 0)
    shares.set('(none)', { values: basket.values, recovered: basket.recovered?.amount ?? 0 });
  return shares;
};

/** Rule 17, of one person. */
export const oracleRemovals = (
  events: readonly OracleEvent[],
  everybody: readonly OracleEvent[],
  rules: OracleRules,
): (Removal & { outcome: 'bought' | 'pending' | 'gone' })[] => {
  const { removals, orders } = stretchesOf(historyOf(events, everybody, rules.asOf), rules);
  const until = ({ at }: Removal) => at + rules.recoverySeconds * 1000;
  return removals.map((removal) => {
    const isBought = orders.some(
      ({ event, bought }) =>
        bought.includes(removal.productId) &&
        event.at >= removal.at &&
        event.at <= until(removal) &&
        !isCancelled(everybody, event.orderId, rules.asOf),
    );
    return { ...removal, outcome: isBought ? 'bought' : until(removal) > rules.asOf ? 'pending' : 'gone' };
  });
};
