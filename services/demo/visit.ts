import {
  categories,
  currency,
  findProduct,
  type Off,
  type Product,
  products,
  searchProducts,
  totals,
} from './catalogue.ts';
import type { Basket, Shopper, Source } from './people.ts';
import {
  basketLines,
  createSession,
  euros,
  productProperties,
  type Session,
  type Setting,
  type Step,
} from './session.ts';

/** How far somebody gets who has put something into the basket. */
export type Depth = 'basket' | 'checkout' | 'address' | 'shipping' | 'order';
const depths: readonly Depth[] = ['basket', 'checkout', 'address', 'shipping', 'order'];

/** What a shopper means to do in a visit. */
export type Plan = {
  startAt: number;
  deviceIndex: number;
  source: Source;
  /** bounce: a look at one page. browse: products, no basket. shop: fills a basket. return: goes on with the basket left before. */
  aim: 'bounce' | 'browse' | 'shop' | 'return';
  depth: Depth;
  signsInEarly: boolean;
  /** Takes something out again. */
  removes: boolean;
  /** Discount code and what it is good for, tried in the basket. */
  coupon: (Off & { code: string }) | null;
};

export type Order = {
  orderId: string;
  shopper: Shopper;
  at: number;
  revenueCents: number;
  lines: readonly { product: Product; quantity: number; cents: number }[];
};

const searches = [
  'lantern',
  'wool',
  'knife',
  'tent',
  'candle',
  'mug',
  'boots',
  'oak',
  'rain',
  'linen',
  'gift',
  'stove',
];

/** One visit, from the first page to the last click. Changes the shopper (basket, account, orders). */
export const visit = (setting: Setting, shopper: Shopper, plan: Plan): { steps: Step[]; order: Order | null } => {
  const { deviceIndex, startAt, source } = plan;
  const session = createSession(setting, { shopper, deviceIndex, startAt, source });
  const order = act(setting, session, plan);
  shopper.busyUntil = session.now();
  return { steps: session.steps, order };
};

const act = (setting: Setting, session: Session, plan: Plan): Order | null => {
  const { random } = setting;
  const { shopper } = session;
  if (plan.aim === 'return') {
    viewBasketAgain(setting, session, plan);
  } else {
    land(setting, session);
    if (plan.aim === 'bounce') return null;
    if (plan.signsInEarly) signIn(session);
    const looks = plan.aim === 'browse' ? random.between(1, 5) : random.between(1, 4);
    for (let look = 0; look < looks; look++) {
      const found = look === 0 || random.chance(0.35) ? findProducts(setting, session) : null;
      // A search without results is where half of them give up.
      if (found?.length === 0 && plan.aim === 'browse' && random.chance(0.5)) return null;
      const seen = lookAt(setting, session, chooseProduct(setting, shopper, found));
      if (plan.aim === 'shop' && (look === 0 || random.chance(0.4))) add(setting, session, plan, seen);
    }
  }
  if (shopper.basket === null) return null;
  const removed = plan.removes ? removeSomething(setting, session, shopper.basket) : null;
  // Some think again.
  if (removed !== null && random.chance(0.15)) add(setting, session, plan, removed);
  if (shopper.basket.lines.size === 0) return null;
  return checkout(setting, session, plan, shopper.basket);
};

const land = (setting: Setting, session: Session): void => {
  const { random } = setting;
  const chance = random.next();
  if (chance < 0.5) {
    session.page('/demo', 'Home');
  } else if (chance < 0.8) {
    const category = random.pick(categories);
    session.page(`/demo/category/${category.id}`, category.name);
    trackList(
      setting,
      session,
      category.id,
      products.filter((product) => product.category === category.id),
    );
  } else lookAt(setting, session, chooseProduct(setting, session.shopper));
};

const trackList = (setting: Setting, session: Session, category: string, found: readonly Product[]): void =>
  session.track('Product List Viewed', {
    list_id: category,
    category,
    products: found.slice(0, 4).map((product, index) => ({
      product_id: product.id,
      name: product.name,
      price: euros(setting.priceCents(product, session.now())),
      position: index + 1,
    })),
  });

/** Looks for something by a search, whose results it answers, or in a category. */
const findProducts = (setting: Setting, session: Session): readonly Product[] | null => {
  const { random } = setting;
  session.think(9);
  if (random.chance(0.3)) {
    const query = random.pick(searches);
    session.page('/demo/search', 'Search');
    const found = searchProducts(query);
    session.track('Products Searched', { query, results: found.length });
    return found;
  }
  const id = random.chance(0.6) ? session.shopper.favourite : random.pick(categories).id;
  session.page(`/demo/category/${id}`, categories.find((category) => category.id === id)?.name ?? id);
  trackList(
    setting,
    session,
    id,
    products.filter((product) => product.category === id),
  );
  return null;
};

const chooseProduct = ({ random }: Setting, shopper: Shopper, found: readonly Product[] | null = null): Product => {
  if (found !== null && found.length > 0) return random.pick(found);
  return random.chance(0.55)
    ? random.pick(products.filter(({ category }) => category === shopper.favourite))
    : random.pick(products);
};

const lookAt = (setting: Setting, session: Session, product: Product): Product => {
  session.think(14);
  session.page(`/demo/product/${product.id}`, product.name);
  session.track('Product Viewed', {
    ...productProperties(setting, product, session.now()),
    ...(session.shopper.basket ? { cart_id: session.shopper.basket.cartId } : {}),
  });
  return product;
};

const basketFact = (setting: Setting, basket: Basket, at: number) => {
  const lines = basketLines(setting, basket, findProduct, at);
  return {
    kind: 'basket' as const,
    cartId: basket.cartId,
    pieces: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    cents: lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0),
  };
};

const add = (setting: Setting, session: Session, plan: Plan, product: Product): void => {
  const { shopper } = session;
  session.think(11);
  shopper.basket ??= {
    cartId: `cart-${setting.random.hex(10)}`,
    lines: new Map(),
    deviceIndex: plan.deviceIndex,
  };
  const quantity = setting.random.chance(0.18) ? 2 : 1;
  shopper.basket.lines.set(product.id, (shopper.basket.lines.get(product.id) ?? 0) + quantity);
  session.track(
    'Product Added',
    { cart_id: shopper.basket.cartId, ...productProperties(setting, product, session.now()), quantity },
    basketFact(setting, shopper.basket, session.now()),
  );
};

const removeSomething = (setting: Setting, session: Session, basket: Basket): Product | null => {
  session.think(15);
  viewBasket(setting, session, basket);
  const id = setting.random.pick([...basket.lines.keys()]);
  const product = findProduct(id);
  const quantity = basket.lines.get(id);
  if (product === null || quantity === undefined) return null;
  session.think(8);
  basket.lines.delete(id);
  session.track(
    'Product Removed',
    { cart_id: basket.cartId, ...productProperties(setting, product, session.now()), quantity },
    basketFact(setting, basket, session.now()),
  );
  return product;
};

const productsOf = (setting: Setting, basket: Basket, at: number) =>
  basketLines(setting, basket, findProduct, at).map(({ product, quantity }) => ({
    ...productProperties(setting, product, at),
    quantity,
  }));

const viewBasket = (setting: Setting, session: Session, basket: Basket): void => {
  session.page('/demo/basket', 'Basket');
  const fact = basketFact(setting, basket, session.now());
  session.track(
    'Cart Viewed',
    {
      cart_id: basket.cartId,
      value: euros(fact.cents),
      currency,
      products: productsOf(setting, basket, session.now()),
    },
    fact,
  );
};

const viewBasketAgain = (setting: Setting, session: Session, plan: Plan): void => {
  const { basket } = session.shopper;
  if (basket === null) {
    land(setting, session);
    return;
  }
  session.page('/demo', 'Home');
  session.think(6);
  // On another device the basket is there only for who signs in.
  if (plan.signsInEarly || basket.deviceIndex !== plan.deviceIndex) signIn(session);
  viewBasket(setting, session, basket);
};

const signIn = (session: Session): void => {
  if (session.isSignedIn()) return;
  const isNew = !session.shopper.isRegistered;
  session.think(22);
  session.page('/demo/account', 'Sign in');
  session.signIn();
  session.track(isNew ? 'Signed Up' : 'Signed In', { method: 'email' });
};

// long: one checkout told from the basket to the thank-you page, in the order of its events.
const checkout = (setting: Setting, session: Session, plan: Plan, basket: Basket): Order | null => {
  const depth = depths.indexOf(plan.depth);
  const { cartId } = basket;
  if (depth < 1) return null;
  session.think(18);
  viewBasket(setting, session, basket);
  // One moment decides the prices, so that the order's total is the basket's also while prices change.
  const pricedAt = session.now();
  const lines = basketLines(setting, basket, findProduct, pricedAt);
  const goodsCents = lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0);
  const sum = totals(goodsCents, plan.coupon);
  if (plan.coupon !== null) {
    session.think(12);
    const { code } = plan.coupon;
    session.track('Coupon Applied', {
      cart_id: cartId,
      coupon_id: code,
      coupon: code,
      discount: euros(sum.discountCents),
    });
  }
  session.think(9);
  signIn(session);
  const checkoutId = `checkout-${cartId.slice(5)}`;
  const ids = { cart_id: cartId, checkout_id: checkoutId };
  const goods = productsOf(setting, basket, pricedAt);
  session.page('/demo/checkout', 'Checkout');
  session.track(
    'Checkout Started',
    {
      ...ids,
      value: euros(goodsCents),
      revenue: euros(sum.revenueCents),
      discount: euros(sum.discountCents),
      currency,
      products: goods,
    },
    basketFact(setting, basket, pricedAt),
  );
  if (!takeSteps(setting, session, plan, ids)) return null;

  const orderId = `order-${cartId.slice(5)}`;
  session.think(3);
  session.track(
    'Order Completed',
    {
      ...ids,
      order_id: orderId,
      subtotal: euros(sum.revenueCents),
      revenue: euros(sum.revenueCents),
      shipping: euros(sum.parcelCents),
      tax: euros(sum.taxCents),
      discount: euros(sum.discountCents),
      total: euros(sum.totalCents),
      ...(plan.coupon === null ? {} : { coupon: plan.coupon.code }),
      currency,
      products: goods,
    },
    { kind: 'order', cartId, orderId, revenueCents: sum.revenueCents },
  );
  session.page('/demo/thanks', 'Thank you');
  session.shopper.basket = null;
  session.shopper.orders++;
  return { orderId, shopper: session.shopper, at: session.now(), revenueCents: sum.revenueCents, lines };
};

/** Address, shipping, payment. True when the payment went through. */
const takeSteps = (setting: Setting, session: Session, plan: Plan, ids: Record<string, string>): boolean => {
  const { random } = setting;
  const depth = depths.indexOf(plan.depth);
  const complete = (step: number, more: Record<string, string> = {}): void => {
    session.think(24);
    session.track('Checkout Step Completed', { ...ids, step, ...more });
  };
  if (depth < 2) return false;
  complete(1);
  if (depth < 3) return false;
  complete(2, { shipping_method: random.pick(['parcel', 'parcel', 'pickup point']) });
  if (depth < 4) return false;
  session.think(20);
  const payment = { payment_method: random.pick(['card', 'card', 'paypal', 'invoice']) };
  session.track('Payment Info Entered', { ...ids, step: 3, ...payment });
  if (setting.isPaymentBroken(session.now()) && random.chance(0.85)) {
    session.think(4);
    session.track('Payment Failed', { ...ids, step: 3, ...payment, error_code: 'gateway_timeout' });
    return false;
  }
  complete(3, payment);
  return true;
};
