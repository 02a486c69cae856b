import { aftercare, type Task } from './aftercare.ts';
import { formerPrice, type Product, tenPercent } from './catalogue.ts';
import { newShopper, rescueMail, type Shopper, type Source, sources } from './people.ts';
import { createRandom, type Random } from './random.ts';
import type { Message, Setting, Step } from './session.ts';
import { type Depth, type Plan, visit } from './visit.ts';

export type SimulationOptions = {
  seed: number;
  /** Milliseconds UTC, half-open: `from <= at < to`. */
  from: number;
  to: number;
  /** Where the shop is, without a trailing slash. */
  baseUrl?: string;
  /** On an average day. The default gives about 200,000 events in 60 days. */
  sessionsPerDay?: number;
};

/** What the simulation knows that a right analysis must find. */
export type Expected = {
  events: number;
  sessions: number;
  orders: number;
  /** Goods after discount, without shipping; refunds are apart. */
  revenueCents: number;
  refundedCents: number;
  /** Baskets that ever held something. */
  baskets: number;
  /** Not ordered, something left in them, and without activity for an hour at `to`. */
  abandonedBaskets: number;
  abandonedCents: number;
  /** Persons with an account who signed in. */
  signedInPersons: number;
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const idleMilliseconds = hour;

/** What happened on known days, so that a chart's bend has a reason. */
export const landmarks = ({ from, to }: { from: number; to: number }) => {
  const dayStart = (daysBefore: number): number => Math.floor((to - daysBefore * day) / day) * day;
  return {
    /** The storm lantern costs 58.80 € from here on, 49 € before. */
    priceChangeAt: Math.max(from, dayStart(30)),
    /** The payment service answers most payments with an error between these. */
    paymentBrokenFrom: Math.max(from, dayStart(12) + 6 * hour),
    paymentBrokenTo: Math.max(from, dayStart(12) + 30 * hour),
  };
};

/** Share of a day's visits by hour of the day, UTC; evenings are busiest. */
const hours = [
  1.2, 0.7, 0.4, 0.3, 0.4, 0.9, 2, 3.2, 4, 4.4, 4.8, 5.2, 5.4, 5, 4.8, 4.9, 5.3, 6.2, 7.4, 8.4, 8.6, 7.2, 4.8, 2.5,
];
const weekdays = [0.84, 1.02, 1.06, 1.04, 1, 0.98, 0.78];

/** How busy the shop is at this time: 1 on average. */
export const rhythm = (at: number): number => {
  const date = new Date(at);
  return (((hours[date.getUTCHours()] ?? 1) * 24) / 97.6) * (weekdays[date.getUTCDay()] ?? 1);
};

const createSetting = (options: SimulationOptions, random: Random): Setting => {
  const { priceChangeAt, paymentBrokenFrom, paymentBrokenTo } = landmarks(options);
  const prefix = `sim-${options.seed.toString(36)}-${Math.floor(options.from / 1000).toString(36)}`;
  let count = 0;
  return {
    random,
    baseUrl: options.baseUrl ?? 'http://localhost:8080',
    pace: 1,
    messageId: () => `${prefix}-${(count++).toString(36)}`,
    priceCents: (product: Product, at: number) =>
      product.id === formerPrice.productId && at < priceChangeAt ? formerPrice.priceCents : product.priceCents,
    isPaymentBroken: (at) => at >= paymentBrokenFrom && at < paymentBrokenTo,
  };
};

/** Where somebody stops who has filled a basket; about three in ten order. */
export const basketDepth = (random: Random): Depth =>
  random.weighted([
    ['basket', 46],
    ['checkout', 12],
    ['address', 7],
    ['shipping', 5],
    ['order', 30],
  ]);

/** What a shopper of no particular story does. */
export const ordinaryPlan = (random: Random, shopper: Shopper, startAt: number): Plan => {
  const isBack = shopper.orders > 0 || shopper.isRegistered;
  const aim = random.weighted<Plan['aim']>([
    ['bounce', isBack ? 20 : 36],
    ['browse', 53],
    ['shop', isBack ? 12 : 8],
  ]);
  const depth = basketDepth(random);
  const wantsWelcome = shopper.orders === 0 && depth === 'order' && random.chance(0.2);
  return {
    startAt,
    deviceIndex: random.between(0, shopper.devices.length - 1),
    source: random.weighted(sources),
    aim,
    depth,
    signsInEarly: random.chance(aim === 'shop' ? 0.22 : isBack ? 0.3 : 0.03),
    removes: random.chance(0.24),
    coupon: wantsWelcome ? { ...tenPercent, code: 'WELCOME10' } : null,
  };
};

type World = {
  options: SimulationOptions;
  setting: Setting;
  random: Random;
  known: Shopper[];
  tasks: Task[];
};

/** Somebody new, or one of those who were here lately. */
const someone = (world: World, startAt: number): Shopper => {
  const { random, known } = world;
  if (known.length > 50 && random.chance(0.4)) {
    const back = Math.min(known.length - 1, Math.floor(random.skewed(350, 1)));
    const shopper = known[known.length - 1 - back];
    if (shopper !== undefined && shopper.busyUntil + hour < startAt && shopper.basket === null) return shopper;
  }
  const shopper = newShopper(random, known.length + 1, 'shopper');
  known.push(shopper);
  return shopper;
};

/** What a visit leads to: an order's parcel, or a second thought about a basket that was left. */
const follow = (world: World, shopper: Shopper, done: ReturnType<typeof visit>): void => {
  const { random, setting } = world;
  if (done.order !== null) world.tasks.push(...aftercare(setting, done.order));
  if (shopper.basket?.lines.size === 0) shopper.basket = null;
  if (shopper.basket === null) return;
  const isKnown = shopper.isRegistered;
  if (!random.chance(isKnown ? 0.3 : 0.12)) {
    // Never comes back for it: the next visit starts with an empty basket of its own.
    const { basket } = shopper;
    world.tasks.push({ at: shopper.busyUntil + 8 * day, act: () => forget(shopper, basket) });
    return;
  }
  const at = shopper.busyUntil + random.between(90, 4 * 24 * 60) * minute;
  world.tasks.push({ at, act: () => comeBack(world, shopper, at) });
};

const forget = (shopper: Shopper, basket: Shopper['basket']): Step[] => {
  if (shopper.basket === basket) shopper.basket = null;
  return [];
};

const comeBack = (world: World, shopper: Shopper, at: number): Step[] => {
  const { random, setting } = world;
  const byMail: Source | null = shopper.isRegistered && random.chance(0.45) ? rescueMail : null;
  const plan: Plan = {
    startAt: Math.max(at, shopper.busyUntil + hour),
    deviceIndex: shopper.isRegistered
      ? random.between(0, shopper.devices.length - 1)
      : (shopper.basket?.deviceIndex ?? 0),
    source: byMail ?? random.weighted(sources),
    aim: 'return',
    depth: random.chance(0.42) ? 'order' : 'basket',
    signsInEarly: shopper.isRegistered,
    removes: random.chance(0.15),
    coupon: byMail !== null ? { ...tenPercent, code: `COME-BACK-${random.hex(6).toUpperCase()}` } : null,
  };
  const done = visit(setting, shopper, plan);
  if (done.order !== null) world.tasks.push(...aftercare(setting, done.order));
  return done.steps;
};

/**
 * Visits and tasks that start within an hour, in order of their start, so that nobody is in two places. Nothing that they
 * lead to starts within the same hour.
 */
const liveHour = (world: World, from: number): Step[] => {
  const { random, options } = world;
  const to = from + hour;
  const average = ((options.sessionsPerDay ?? 415) / 24) * rhythm(from) * random.skewed(1, 0.18);
  const count = Math.floor(average) + (random.chance(average % 1) ? 1 : 0);
  const visits = Array.from({ length: count }, (): Task => {
    const startAt = from + random.between(0, hour - 1);
    return { at: startAt, act: () => drop(world, startAt) };
  });
  const due = world.tasks.filter((task) => task.at < to);
  world.tasks = world.tasks.filter((task) => task.at >= to);
  return [...visits, ...due].toSorted((a, b) => a.at - b.at).flatMap((task) => task.act());
};

/** Somebody drops in. */
const drop = (world: World, startAt: number): Step[] => {
  const shopper = someone(world, startAt);
  const done = visit(world.setting, shopper, ordinaryPlan(world.random, shopper, startAt));
  follow(world, shopper, done);
  return done.steps;
};

/** The events of each day, in order of time. A day is made when it is asked for, so memory holds one day. */
export function* simulateDays(options: SimulationOptions): Generator<Step[]> {
  const random = createRandom(options.seed);
  const world: World = { options, setting: createSetting(options, random), random, known: [], tasks: [] };
  let later: Step[] = [];
  for (let from = options.from; from < options.to; from += day) {
    const to = Math.min(from + day, options.to);
    const steps = [...later];
    for (let at = from; at < to; at += hour) steps.push(...liveHour(world, at));
    later = steps.filter((step) => step.at >= to);
    yield steps.filter((step) => step.at < to).toSorted((a, b) => a.at - b.at);
  }
}

/** Every event of the range, in order of time; the same options give the same events, to the byte. */
export function* simulate(options: SimulationOptions): Generator<{ at: number; message: Message }> {
  for (const steps of simulateDays(options)) for (const { at, message } of steps) yield { at, message };
}

/** Counts what the shoppers themselves know they did, apart from the messages. */
export const expected = (options: SimulationOptions): Expected => {
  const counts = { events: 0, sessions: 0, orders: 0, revenueCents: 0, refundedCents: 0 };
  const signedIn = new Set<string>();
  const baskets = new Map<string, { at: number; pieces: number; cents: number; isOrdered: boolean }>();
  for (const steps of simulateDays(options))
    for (const { at, facts } of steps) {
      counts.events++;
      for (const fact of facts) {
        if (fact.kind === 'session') counts.sessions++;
        else if (fact.kind === 'signIn') signedIn.add(fact.userId);
        else if (fact.kind === 'refund') counts.refundedCents += fact.cents;
        else if (fact.kind === 'basket')
          baskets.set(fact.cartId, { at, pieces: fact.pieces, cents: fact.cents, isOrdered: false });
        else {
          counts.orders++;
          counts.revenueCents += fact.revenueCents;
          baskets.set(fact.cartId, { at, pieces: 0, cents: 0, isOrdered: true });
        }
      }
    }
  const left = [...baskets.values()].filter(
    ({ at, pieces, isOrdered }) => !isOrdered && pieces > 0 && at + idleMilliseconds <= options.to,
  );
  return {
    ...counts,
    baskets: baskets.size,
    abandonedBaskets: left.length,
    abandonedCents: left.reduce((sum, { cents }) => sum + cents, 0),
    signedInPersons: signedIn.size,
  };
};
