import type { AbandonmentKind } from '../../../schemas/api/abandonment.ts';
import {
  apply,
  type BasketEvent,
  type FoldedBasket,
  isEmpty,
  isLook,
  isNamedBy,
  lain,
  look,
  type Open,
  type Order,
  openAt,
  startsBasket,
} from './basket.ts';
import { linesOf, type Removal } from './lines.ts';

export type BasketRules = {
  kind: AbandonmentKind;
  idleSeconds: number;
  recoverySeconds: number;
  assistSeconds: number;
  asOf: number;
};

/** What a person did about baskets: each of their baskets, what they only looked at, what they took out, what they bought. Oldest first. */
export type Journey = { baskets: FoldedBasket[]; browses: FoldedBasket[]; removals: Removal[]; orders: Order[] };

export const orderEvent = 'Order Completed';
/** The events that a basket is made of; the others of a person do not touch it. */
export const basketEvents: readonly string[] = [
  'Product Added',
  'Wishlist Product Added to Cart',
  'Product Removed',
  'Product Quantity Changed',
  'Cart Viewed',
  'Cart Updated',
  'Cart Cleared',
  'Checkout Started',
  'Checkout Step Viewed',
  'Checkout Step Completed',
  'Shipping Info Entered',
  'Payment Info Entered',
  'Payment Failed',
  'Coupon Entered',
  'Coupon Applied',
  'Coupon Denied',
  'Coupon Removed',
  orderEvent,
];
export const lookEvents: readonly string[] = ['Product Viewed'];
/** Mails of the shop that may have brought a person back. */
export const mailEvents: readonly string[] = ['Email Sent', 'Email Link Clicked'];

/** Events of the same millisecond are taken in the order in which a shopper could have caused them. */
const ranks: Readonly<Record<string, number>> = {
  'Product Viewed': 0,
  'Product Added': 1,
  'Wishlist Product Added to Cart': 1,
  'Cart Viewed': 2,
  'Cart Updated': 2,
  'Product Quantity Changed': 3,
  'Product Removed': 4,
  'Checkout Started': 5,
  [orderEvent]: 9,
};
const otherRank = 6;

const inOrder = (events: readonly BasketEvent[]): BasketEvent[] => {
  const seen = new Set<string>();
  return events
    .toSorted(
      (a, b) =>
        a.at - b.at ||
        (ranks[a.event] ?? otherRank) - (ranks[b.event] ?? otherRank) ||
        (a.messageId < b.messageId ? -1 : 1),
    )
    .filter(({ messageId }) => !seen.has(messageId) && seen.add(messageId));
};

type Mail = Pick<BasketEvent, 'at' | 'event'>;
type State = Journey & {
  rules: BasketRules;
  idle: number;
  /** From the last activity to the last time at which an order still recovers. */
  patience: number;
  mails: readonly Mail[];
  basket: Open | null;
  /** What was looked at while there was no basket. */
  browse: Open | null;
  /** A browse that was recovered by a basket, which may still be ordered. */
  won: FoldedBasket | null;
  orderIds: Set<string>;
  /** Of orders that others told, of no basket of this person. */
  othersOrderIds: Set<string>;
};

/** Mails count from when it was left, and not for longer than the rules say. */
const recoveryOf = (state: State, leftAt: number, at: number): FoldedBasket['recovery'] => {
  const since = Math.max(leftAt, at - state.rules.assistSeconds * 1000);
  const names = new Set(state.mails.filter((mail) => mail.at >= since && mail.at <= at).map(({ event }) => event));
  if (names.has('Email Link Clicked')) return 'clicked';
  return names.size > 0 ? 'mailed' : 'organic';
};

const closed = (open: Open, status: FoldedBasket['status']): FoldedBasket => ({
  ...lain(open),
  status,
  cartId: open.cartId,
  currency: open.currency,
  removed: [...open.contents.removed.values()],
  since: open.since,
  changedAt: open.changedAt,
  hasCheckout: open.hasCheckout,
  order: null,
  recovery: null,
});

/** What it was all for happened at `at`: recovered, shown as it lay when it was left, if that was not too long ago. */
const reached = (state: State, open: Open, at: number): FoldedBasket => {
  const { left } = open;
  if (left === null || at - left.lastActivity > state.patience) return closed(open, 'completed');
  return { ...closed(open, 'recovered'), ...left, recovery: recoveryOf(state, left.lastActivity, at) };
};

/** What lay idle for too long by now is lost; what lay idle for a while was left. */
const wait = (state: State, open: Open | null, at: number, into: FoldedBasket[]): Open | null => {
  if (open === null) return null;
  const waited = at - open.lastActivity;
  if (waited > state.patience) {
    into.push(closed(open, 'lost'));
    return null;
  }
  const isLeft = waited >= state.idle && (state.rules.kind !== 'checkout' || open.hasCheckout);
  return isLeft ? { ...open, left: lain(open) } : open;
};

const endBrowse = (state: State, browse: Open, at: number): void => {
  const ended = reached(state, browse, at);
  state.browses.push(ended);
  state.browse = null;
  if (ended.status === 'recovered') state.won = ended;
};

/**
 * Whether an order counts for the person, and was not told before: their own, or others' if it names the basket that they have. What others told of an order
 * before they had it takes nothing from what is told under their own id.
 */
const isTheirOrder = (state: State, event: BasketEvent): boolean => {
  const { basket, orderIds, othersOrderIds } = state;
  const wasTold = orderIds.has(event.orderId) || (event.isOthers && othersOrderIds.has(event.orderId));
  if (event.orderId !== '' && wasTold) return false;
  const isTheirs = !event.isOthers || (basket !== null && isNamedBy(basket, event));
  (isTheirs ? orderIds : othersOrderIds).add(event.orderId);
  return isTheirs;
};

const completeOrder = (state: State, event: BasketEvent): void => {
  if (!isTheirOrder(state, event)) return;
  const { basket, browse } = state;
  const listed = event.products ?? [];
  const bought = listed.length > 0 || basket === null ? listed : linesOf(basket.contents);
  const order: Order = {
    orderId: event.orderId,
    at: event.at,
    total: { amount: event.total ?? '0', currency: event.currency },
    productIds: [...new Set(bought.map(({ productId }) => productId))],
  };
  state.orders.push(order);
  if (basket !== null) state.baskets.push({ ...reached(state, basket, event.at), order });
  if (browse !== null) endBrowse(state, browse, event.at);
  if (state.won !== null && event.at - state.won.lastActivity <= state.patience) state.won.order = order;
  state.basket = null;
  state.won = null;
};

const browseProducts = (state: State, event: BasketEvent): void => {
  if (state.basket !== null || !isLook(event)) return;
  state.browse ??= openAt(event.at);
  look(state.browse, event, state.idle);
};

const touchBasket = (state: State, event: BasketEvent): void => {
  if (state.basket === null) {
    if (!startsBasket(event)) return;
    state.basket = openAt(event.at);
    if (state.browse !== null) endBrowse(state, state.browse, event.at);
  }
  state.removals.push(...apply(state.basket, event));
  if (isEmpty(state.basket)) state.basket = null;
};

const lastStatus = (state: State, { lastActivity }: Open): FoldedBasket['status'] => {
  const waited = state.rules.asOf - lastActivity;
  return waited < state.idle ? 'open' : waited <= state.patience ? 'abandoned' : 'lost';
};

/**
 * What one person did, as README.md of this folder defines it. Pure; `events` in any order, repeated ones count once, those after `asOf` not at
 * all.
 */
export const foldJourney = (events: readonly BasketEvent[], rules: BasketRules): Journey => {
  const known = inOrder(events.filter(({ at }) => at <= rules.asOf));
  const state: State = {
    rules,
    idle: rules.idleSeconds * 1000,
    patience: (rules.idleSeconds + rules.recoverySeconds) * 1000,
    mails: known.filter(({ event }) => mailEvents.includes(event)),
    basket: null,
    browse: null,
    won: null,
    orderIds: new Set(),
    othersOrderIds: new Set(),
    baskets: [],
    browses: [],
    removals: [],
    orders: [],
  };
  for (const event of known) {
    if (mailEvents.includes(event.event)) continue;
    state.basket = wait(state, state.basket, event.at, state.baskets);
    state.browse = wait(state, state.browse, event.at, state.browses);
    if (event.event === orderEvent) completeOrder(state, event);
    else if (lookEvents.includes(event.event)) browseProducts(state, event);
    else touchBasket(state, event);
  }
  const { basket, browse } = state;
  if (basket !== null) state.baskets.push(closed(basket, lastStatus(state, basket)));
  if (browse !== null) state.browses.push(closed(browse, lastStatus(state, browse)));
  const { baskets, browses, removals, orders } = state;
  return { baskets, browses, removals, orders };
};
