import type { BasketLine } from '../../../schemas/api/abandonment.ts';
import { type Contents, change, emptyContents, linesOf, type Removal, type RemovedLine, replace } from './lines.ts';
import type { SaidProduct } from './products.ts';

/** An event that says something of a basket. Times are milliseconds UTC, prices decimal text. */
export type BasketEvent = {
  at: number;
  event: string;
  messageId: string;
  cartId: string;
  checkoutId: string;
  orderId: string;
  /** An order that was told under another person's id: it is about a basket only where it names it. */
  isOthers: boolean;
  /** Null where the event is about no single product. */
  product: SaidProduct | null;
  /** Null where the event has no list of products. */
  products: readonly SaidProduct[] | null;
  currency: string;
  /** Of an order: its revenue; of a checkout: its value. */
  total: string | null;
};

/** An amount as said; its currency is '' where the event has none. */
export type Total = { amount: string; currency: string };

/** A basket, or what was looked at while nothing was in one, while it is followed. */
export type Open = {
  contents: Contents;
  cartId: string;
  /** All that it was ever called: a shop gives a basket another id when somebody signs in. */
  names: { carts: Set<string>; checkouts: Set<string> };
  /** Last said. */
  currency: string;
  since: number;
  lastActivity: number;
  /** When it last became another: by all that touches it but being looked at. */
  changedAt: number;
  hasCheckout: boolean;
  checkoutTotal: Total | null;
  /** As it lay when it was last left for the idle time or longer. */
  left: Lain | null;
};
/** A basket as it lies. */
type Lain = { lines: BasketLine[]; checkoutTotal: Total | null; lastActivity: number };

/** What it becomes in the end; money is not summed yet. */
export type Order = { orderId: string; at: number; total: Total; productIds: readonly string[] };
export type FoldedBasket = Lain & {
  /** completed: ordered without having been left. */
  status: 'open' | 'abandoned' | 'recovered' | 'lost' | 'completed';
  cartId: string;
  currency: string;
  removed: RemovedLine[];
  since: number;
  changedAt: number;
  hasCheckout: boolean;
  /** That ended it. */
  order: Order | null;
  recovery: 'organic' | 'mailed' | 'clicked' | null;
};

export const openAt = (at: number): Open => ({
  contents: emptyContents(),
  cartId: '',
  names: { carts: new Set(), checkouts: new Set() },
  currency: '',
  since: at,
  lastActivity: at,
  changedAt: at,
  hasCheckout: false,
  checkoutTotal: null,
  left: null,
});

export const lain = ({ contents, checkoutTotal, lastActivity }: Open): Lain => ({
  lines: linesOf(contents),
  checkoutTotal,
  lastActivity,
});

/** Products that the event is about: its own, or GA4's several. */
const named = ({ product, products }: BasketEvent): readonly SaidProduct[] =>
  product === null ? (products ?? []) : [product];

const changeEach = (basket: Open, event: BasketEvent, quantity: (said: SaidProduct, before: number) => number) =>
  named(event).flatMap((said) => change(basket.contents, said, (before) => quantity(said, before), event.at));

const changeContents = (basket: Open, event: BasketEvent): Removal[] => {
  const list = event.products;
  switch (event.event) {
    case 'Product Added':
    case 'Wishlist Product Added to Cart':
      return changeEach(basket, event, ({ quantity }, before) => before + Math.max(1, quantity ?? 1));
    case 'Product Removed':
      return changeEach(basket, event, ({ quantity }, before) => Math.max(0, before - Math.max(1, quantity ?? before)));
    case 'Product Quantity Changed':
      return changeEach(basket, event, ({ quantity }, before) => quantity ?? before);
    case 'Cart Cleared':
      return replace(basket.contents, [], event.at, true);
    case 'Cart Viewed':
    case 'Cart Updated':
      return list === null ? [] : replace(basket.contents, list, event.at, true);
    case 'Checkout Started':
      return list === null || list.length === 0 ? [] : replace(basket.contents, list, event.at, false);
    default:
      return [];
  }
};

/** Who looks at a basket may be shown that it is another. */
const views: ReadonlySet<string> = new Set(['Cart Viewed', 'Checkout Step Viewed']);

/** How many pieces of what. Pages name variants and prices that events before them did not. */
const piecesIn = (contents: Contents): string => {
  const pieces = new Map<string, number>();
  for (const { productId, quantity } of linesOf(contents))
    pieces.set(productId, (pieces.get(productId) ?? 0) + quantity);
  return JSON.stringify([...pieces].sort(([one], [other]) => (one < other ? -1 : 1)));
};

/** Lets an event act on a basket; answers what was taken out by it. */
export const apply = (basket: Open, event: BasketEvent): Removal[] => {
  const before = views.has(event.event) ? piecesIn(basket.contents) : null;
  const removals = changeContents(basket, event);
  if (before === null || before !== piecesIn(basket.contents)) basket.changedAt = event.at;
  if (event.event === 'Checkout Started') {
    basket.hasCheckout = true;
    if (event.total !== null) basket.checkoutTotal = { amount: event.total, currency: event.currency };
  }
  basket.cartId = event.cartId || basket.cartId;
  basket.names.carts.add(event.cartId);
  basket.names.checkouts.add(event.checkoutId);
  basket.currency = event.currency || basket.currency;
  basket.lastActivity = event.at;
  return removals.map(({ at, line }) => ({ at, line: { ...line, currency: line.currency || basket.currency } }));
};

/** Whether an order names the basket, by an id that some of the basket's events had. */
export const isNamedBy = ({ names }: Open, { cartId, checkoutId }: BasketEvent): boolean =>
  (cartId !== '' && names.carts.has(cartId)) || (checkoutId !== '' && names.checkouts.has(checkoutId));

/** Lets a look at products act on what a person looked at: after a pause it is another visit, of which alone the products count. Only something new makes it another. */
export const look = (browse: Open, event: BasketEvent, idle: number): void => {
  if (named(event).some(({ productId }) => !browse.contents.lines.has(productId))) browse.changedAt = event.at;
  if (event.at - browse.lastActivity >= idle) browse.contents = emptyContents();
  for (const said of named(event)) change(browse.contents, said, () => 1, event.at);
  browse.currency = event.currency || browse.currency;
  browse.lastActivity = event.at;
};

/** Whether an event of nothing can start a basket: something put in, shown in it, or a checkout. */
export const startsBasket = (event: BasketEvent): boolean => {
  switch (event.event) {
    case 'Product Added':
    case 'Wishlist Product Added to Cart':
      return named(event).length > 0;
    case 'Product Quantity Changed':
      return named(event).some(({ quantity }) => quantity !== null && quantity > 0);
    case 'Cart Viewed':
    case 'Cart Updated':
      return (event.products ?? []).some(({ quantity }) => quantity !== 0);
    default:
      return event.event === 'Checkout Started';
  }
};

export const isEmpty = ({ contents, hasCheckout }: Open): boolean => contents.lines.size === 0 && !hasCheckout;

/** Whether an event names a product that could be looked at. */
export const isLook = (event: BasketEvent): boolean => event.event === 'Product Viewed' && named(event).length > 0;
