import type { Basket, BasketItem } from '../../../schemas/api/abandonment.ts';
import { fromUnits, toUnits } from '../money.ts';

/** An event that says something of a basket. Times are milliseconds UTC, prices decimal text. */
export type BasketEvent = {
  at: number;
  event: string;
  messageId: string;
  cartId: string;
  orderId: string;
  productId: string;
  name: string;
  quantity: number | null;
  price: string | null;
  imageUrl: string;
  url: string;
  currency: string;
  /** Of an order: its revenue; of a checkout: its value. */
  total: string | null;
  /** Null where the event has no list of products. */
  products: readonly BasketItem[] | null;
};

export type FoldedBasket = Omit<Basket, 'status' | 'person' | 'userId' | 'email' | 'lastActivity' | 'since'> & {
  /** completed: ordered without having been left. */
  status: Basket['status'] | 'completed';
  lastActivity: number;
  since: number;
  hasCheckout: boolean;
};
type Removed = BasketItem & { removedAt: string };
export type BasketRules = { idleSeconds: number; recoverySeconds: number; asOf: number };

/** Events of the same millisecond are taken in the order in which a shopper could have caused them. */
const ranks: Readonly<Record<string, number>> = {
  'Product Added': 0,
  'Wishlist Product Added to Cart': 0,
  'Cart Viewed': 1,
  'Product Removed': 2,
  'Checkout Started': 3,
  'Order Completed': 9,
};
const otherRank = 4;
/** The events that a basket is made of; the others of a person do not touch it. */
export const basketEventNames: readonly string[] = [
  'Product Added',
  'Wishlist Product Added to Cart',
  'Product Removed',
  'Cart Viewed',
  'Cart Cleared',
  'Checkout Started',
  'Checkout Step Viewed',
  'Checkout Step Completed',
  'Payment Info Entered',
  'Coupon Applied',
  'Order Completed',
];

/** A basket while it is followed. */
type Open = {
  items: Map<string, BasketItem>;
  removed: Removed[];
  cartId: string;
  currency: string;
  since: number;
  lastActivity: number;
  hasCheckout: boolean;
  checkoutValue: string | null;
  /** As it lay when it was last left for longer than the idle time. */
  left: { at: number; items: BasketItem[]; value: string } | null;
};

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

const itemsOf = ({ items }: Open): BasketItem[] => [...items.values()];

const worthOf = (basket: Open): string => {
  if (basket.items.size === 0) return fromUnits(toUnits(basket.checkoutValue ?? '0'));
  return fromUnits(
    itemsOf(basket).reduce((sum, { price, quantity }) => sum + toUnits(price ?? '0') * BigInt(quantity), 0n),
  );
};

const openAt = (at: number): Open => ({
  items: new Map(),
  removed: [],
  cartId: '',
  currency: '',
  since: at,
  lastActivity: at,
  hasCheckout: false,
  checkoutValue: null,
  left: null,
});

const add = (basket: Open, event: BasketEvent): void => {
  const before = basket.items.get(event.productId);
  basket.items.set(event.productId, {
    productId: event.productId,
    name: event.name || (before?.name ?? ''),
    quantity: (before?.quantity ?? 0) + Math.max(1, event.quantity ?? 1),
    price: event.price ?? before?.price ?? null,
    imageUrl: event.imageUrl || (before?.imageUrl ?? ''),
    url: event.url || (before?.url ?? ''),
  });
  basket.removed = basket.removed.filter(({ productId }) => productId !== event.productId);
};

const remove = (basket: Open, event: BasketEvent): void => {
  const before = basket.items.get(event.productId);
  if (before === undefined) return;
  const quantity = Math.min(before.quantity, Math.max(1, event.quantity ?? before.quantity));
  if (quantity === before.quantity) basket.items.delete(event.productId);
  else basket.items.set(event.productId, { ...before, quantity: before.quantity - quantity });
  const others = basket.removed.filter(({ productId }) => productId !== event.productId);
  const earlier = basket.removed.find(({ productId }) => productId === event.productId)?.quantity ?? 0;
  basket.removed = [
    ...others,
    { ...before, quantity: quantity + earlier, removedAt: new Date(event.at).toISOString() },
  ];
};

/** The shop says what is in the basket: that wins over what was counted. */
const replace = (basket: Open, event: BasketEvent): void => {
  if (event.products === null) return;
  const known = basket.items;
  basket.items = new Map(
    event.products.map((product) => {
      const before = known.get(product.productId);
      return [
        product.productId,
        {
          ...product,
          name: product.name || (before?.name ?? ''),
          price: product.price ?? before?.price ?? null,
          imageUrl: product.imageUrl || (before?.imageUrl ?? ''),
          url: product.url || (before?.url ?? ''),
        },
      ];
    }),
  );
};

const apply = (basket: Open, event: BasketEvent): void => {
  switch (event.event) {
    case 'Product Added':
    case 'Wishlist Product Added to Cart':
      add(basket, event);
      break;
    case 'Product Removed':
      remove(basket, event);
      break;
    case 'Cart Cleared':
      basket.items.clear();
      break;
    case 'Cart Viewed':
      replace(basket, event);
      break;
    case 'Checkout Started':
      if ((event.products?.length ?? 0) > 0) replace(basket, event);
      basket.hasCheckout = true;
      basket.checkoutValue = event.total ?? basket.checkoutValue;
      break;
    default:
      break;
  }
  basket.cartId = event.cartId || basket.cartId;
  basket.currency = event.currency || basket.currency;
  basket.lastActivity = event.at;
};

/** Whether an event of nothing can start a basket: something put in, shown in it, or a checkout. */
const starts = ({ event, products }: BasketEvent): boolean =>
  event === 'Product Added' ||
  event === 'Wishlist Product Added to Cart' ||
  event === 'Checkout Started' ||
  (event === 'Cart Viewed' && (products?.length ?? 0) > 0);

const isEmpty = (basket: Open): boolean => basket.items.size === 0 && !basket.hasCheckout;

const closed = (basket: Open, status: FoldedBasket['status'], order: BasketEvent | null): FoldedBasket => {
  const left = status === 'recovered' ? basket.left : null;
  return {
    status,
    cartId: basket.cartId,
    items: left?.items ?? itemsOf(basket),
    removed: basket.removed,
    value: left?.value ?? worthOf(basket),
    currency: basket.currency,
    recoveredValue: status === 'recovered' ? fromUnits(toUnits(order?.total ?? '0')) : null,
    orderId: order?.orderId ?? '',
    lastActivity: left?.at ?? basket.lastActivity,
    since: basket.since,
    hasCheckout: basket.hasCheckout,
  };
};

const idleOf = (basket: Open, now: number): number => now - basket.lastActivity;

/**
 * The baskets of one person, oldest first, as README.md of this folder defines them. Pure; `events` in any order, repeated ones count
 * once, those after `asOf` not at all.
 */
export const foldBaskets = (events: readonly BasketEvent[], rules: BasketRules): FoldedBasket[] => {
  const idle = rules.idleSeconds * 1000;
  const recovery = rules.recoverySeconds * 1000;
  const done: FoldedBasket[] = [];
  let basket: Open | null = null;

  for (const event of inOrder(events)) {
    if (event.at > rules.asOf) break;
    if (basket !== null && idleOf(basket, event.at) > idle + recovery) {
      done.push(closed(basket, 'lost', null));
      basket = null;
    }
    if (basket !== null && idleOf(basket, event.at) >= idle)
      basket.left = { at: basket.lastActivity, items: itemsOf(basket), value: worthOf(basket) };
    if (event.event === 'Order Completed') {
      if (basket !== null) {
        const isInTime = basket.left !== null && event.at - basket.left.at <= idle + recovery;
        done.push(closed(basket, isInTime ? 'recovered' : 'completed', event));
      }
      basket = null;
      continue;
    }
    if (basket === null && !starts(event)) continue;
    basket ??= openAt(event.at);
    apply(basket, event);
    if (isEmpty(basket)) basket = null;
  }
  if (basket !== null) {
    const waited = idleOf(basket, rules.asOf);
    done.push(closed(basket, waited < idle ? 'open' : waited <= idle + recovery ? 'abandoned' : 'lost', null));
  }
  return done;
};
