import { currency, type Product, shopName } from './catalogue.ts';
import type { Basket, Shopper, Source } from './people.ts';
import type { Random } from './random.ts';

/** An event in the form of Segment's tracking API. */
export type Message = {
  type: 'track' | 'page' | 'identify';
  messageId: string;
  timestamp: string;
  event?: string;
  name?: string;
  anonymousId?: string;
  userId?: string;
  properties?: Readonly<Record<string, unknown>>;
  traits?: Readonly<Record<string, unknown>>;
  context: Readonly<Record<string, unknown>>;
};

/** What the simulation itself knows about an event: the answers that tests compare with. */
export type Fact =
  | { kind: 'session' }
  | { kind: 'basket'; cartId: string; pieces: number; cents: number }
  | { kind: 'order'; cartId: string; orderId: string; revenueCents: number }
  | { kind: 'refund'; orderId: string; cents: number }
  | { kind: 'signIn'; userId: string };

/** One event at its time, in ms UTC. */
export type Step = { at: number; message: Message; facts: readonly Fact[] };

/** The world in which shoppers shop. */
export type Setting = {
  random: Random;
  /** Where the shop is, without a trailing slash. */
  baseUrl: string;
  /** 1: people's own speed. Less: they think faster. */
  pace: number;
  messageId(): string;
  priceCents(product: Product, at: number): number;
  isPaymentBroken(at: number): boolean;
};

export type Session = {
  readonly shopper: Shopper;
  readonly steps: Step[];
  now(): number;
  /** Time passes; half of the times less than `medianSeconds`. */
  think(medianSeconds: number): void;
  page(path: string, title: string): void;
  track(event: string, properties: Record<string, unknown>, ...facts: Fact[]): void;
  signIn(): void;
  isSignedIn(): boolean;
};

const campaignOf = (source: Source) =>
  source.source === ''
    ? {}
    : { campaign: { source: source.source, medium: source.medium, ...(source.name ? { name: source.name } : {}) } };

export const euros = (cents: number): number => cents / 100;

/** A session on one device, from `startAt` on: every event gets the device, the page and the campaign it belongs to. */
export const createSession = (
  setting: Setting,
  visit: { shopper: Shopper; deviceIndex: number; startAt: number; source: Source },
): Session => {
  const { random, baseUrl } = setting;
  const { shopper, deviceIndex, source } = visit;
  const device = shopper.devices[deviceIndex] ?? shopper.devices[0];
  if (device === undefined) throw new RangeError('a shopper has at least one device');
  const steps: Step[] = [];
  const sessionId = random.hex(12);
  const campaign = campaignOf(source);
  let at = visit.startAt;
  let page = { path: '/demo', url: `${baseUrl}/demo`, title: shopName, referrer: source.referrer };

  const send = (part: Partial<Message> & Pick<Message, 'type'>, facts: readonly Fact[]): void => {
    const message: Message = {
      ...part,
      messageId: setting.messageId(),
      timestamp: new Date(at).toISOString(),
      anonymousId: device.anonymousId,
      ...(shopper.signedInOn.has(deviceIndex) ? { userId: shopper.userId } : {}),
      context: {
        page,
        ...campaign,
        userAgent: device.userAgent,
        locale: shopper.locale,
        location: { country: shopper.country },
        device: { type: device.kind === 'phone' ? 'mobile' : 'desktop' },
        sessionId,
      },
    };
    steps.push({ at, message, facts: steps.length === 0 ? [...facts, { kind: 'session' }] : facts });
  };

  return {
    shopper,
    steps,
    now: () => at,
    think: (medianSeconds) => {
      at += Math.max(400, Math.round(Math.min(random.skewed(medianSeconds), 900) * 1000 * setting.pace));
    },
    page: (path, title) => {
      const referrer = steps.length === 0 ? page.referrer : page.url;
      page = { path, url: `${baseUrl}${path}`, title: `${title} · ${shopName}`, referrer };
      send({ type: 'page', name: title, properties: { ...page, name: title } }, []);
    },
    track: (event, properties, ...facts) => send({ type: 'track', event, properties }, facts),
    signIn: () => {
      shopper.isRegistered = true;
      shopper.signedInOn.add(deviceIndex);
      const { email, firstName, lastName, userId } = shopper;
      const traits = { email, firstName, lastName, name: `${firstName} ${lastName}` };
      send({ type: 'identify', traits }, [{ kind: 'signIn', userId }]);
    },
    isSignedIn: () => shopper.signedInOn.has(deviceIndex),
  };
};

/** A product as the events carry it. */
export const productProperties = (setting: Setting, product: Product, at: number) => ({
  product_id: product.id,
  name: product.name,
  category: product.category,
  brand: product.brand,
  seller: product.seller,
  price: euros(setting.priceCents(product, at)),
  currency,
  url: `${setting.baseUrl}/demo/product/${product.id}`,
  image_url: `${setting.baseUrl}/demo/images/${product.id}.svg`,
});

/** What is in a basket, with prices of now. */
export const basketLines = (
  setting: Setting,
  basket: Basket,
  findProduct: (id: string) => Product | null,
  at: number,
): { product: Product; quantity: number; cents: number }[] =>
  [...basket.lines].flatMap(([id, quantity]) => {
    const product = findProduct(id);
    return product === null ? [] : [{ product, quantity, cents: setting.priceCents(product, at) }];
  });
