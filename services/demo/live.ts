import { z } from 'zod';
import { getDiscount, redeemDiscount } from '../../schemas/api/discounts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Outbox } from '../platform/mail/outbox.ts';
import { ratings } from './aftercare.ts';
import type { Client } from './client.ts';
import { TrackingAnswer } from './client.ts';
import { linksIn, possibleCodes } from './letter.ts';
import { newShopper, rescueMail, type Shopper, sources } from './people.ts';
import { createRandom } from './random.ts';
import type { Setting, Step } from './session.ts';
import { ordinaryPlan } from './shoppers.ts';
import { type Plan, visit } from './visit.ts';

const tickMilliseconds = 500;
/** Between two visitors on average: with eight events each, nearly two events a second. */
const visitorMilliseconds = 4500;
/** The street fills and empties in this time, so that one sees a rhythm within minutes. */
const waveMilliseconds = 90_000;
/** Between two visitors who fill a basket, sign in and leave: what the automation is for. */
const leaverMilliseconds = 75_000;
const mailMilliseconds = 8000;
/** People in a film think faster. */
const pace = 0.28;
/** Bounds: visitors at once, people remembered, letters remembered. */
const mostWaitingEvents = 2000;
const mostPeople = 300;
const mostLetters = 1000;

type Task = { at: number; act(): void | Promise<void> };

export type Live = { run(): Promise<void> };

/**
 * Visitors in real time, through the public routes only. Some leave a basket behind; when a mail about it lies in the outbox,
 * some of them read it, follow its link and order with its code.
 */
export const createLive = (deps: {
  client: Client;
  clock: Clock;
  outbox: Outbox | null;
  writeKey: string;
  secretKey: string;
  site: string;
  seed: number;
  baseUrl: string;
  signal: AbortSignal;
  warn: (error: unknown) => void;
}): Live => {
  const { client, clock, outbox, writeKey, secretKey, site, baseUrl, signal } = deps;
  const startedAt = clock.now();
  const random = createRandom(deps.seed ^ startedAt);
  const prefix = Math.floor(startedAt / 1000).toString(36);
  const people: Shopper[] = [];
  const letters = new Set<string>();
  let waiting: Task[] = [];
  let count = 0;
  let visitors = 0;
  let nextVisitorAt = startedAt;
  let nextLeaverAt = startedAt + 3000;
  let nextMailAt = startedAt + mailMilliseconds;

  const setting: Setting = {
    random,
    baseUrl,
    pace,
    messageId: () => `live-${prefix}-${(count++).toString(36)}`,
    priceCents: (product) => product.priceCents,
    isPaymentBroken: () => false,
  };

  const send = async (steps: readonly Step[]): Promise<void> => {
    const sentAt = new Date(clock.now()).toISOString();
    const devices = Map.groupBy(steps, ({ message }) => message.anonymousId ?? message.userId);
    for (const own of devices.values()) {
      const batch = own.map(({ message }) => message);
      const userAgent = String(batch[0]?.context['userAgent'] ?? 'shop-server');
      await client.call('POST', '/v1/batch', TrackingAnswer, { body: { batch, sentAt }, key: writeKey, userAgent });
    }
  };

  const play = (steps: readonly Step[]): void => {
    if (waiting.length > mostWaitingEvents) return;
    for (const step of steps) waiting.push({ at: step.at, act: () => send([step]) });
  };

  const go = (shopper: Shopper, plan: Plan): ReturnType<typeof visit> => {
    const done = visit(setting, shopper, plan);
    play(done.steps);
    const { order } = done;
    if (order !== null && random.chance(0.5)) {
      const at = order.at + random.between(15, 60) * 1000;
      waiting.push({ at, act: () => play(ratings(setting, order, at).act()) });
    }
    return done;
  };

  const stranger = (): Shopper => {
    const shopper = newShopper(random, ++visitors, `guest-${prefix}`);
    people.push(shopper);
    if (people.length > mostPeople) people.shift();
    return shopper;
  };

  const someone = (now: number): Shopper => {
    const back = people.length > 20 && random.chance(0.25) ? random.pick(people) : null;
    return back !== null && back.busyUntil + 30_000 < now && back.basket === null ? back : stranger();
  };

  const leaver = (now: number): void => {
    const plan: Plan = {
      ...ordinaryPlan(random, stranger(), now),
      aim: 'shop',
      depth: random.chance(0.4) ? 'checkout' : 'basket',
      signsInEarly: true,
      removes: random.chance(0.6),
      source: random.weighted(sources),
      coupon: null,
    };
    const shopper = people.at(-1);
    if (shopper !== undefined) go(shopper, { ...plan, deviceIndex: 0 });
  };

  /** The first good code of a letter. */
  const codeOf = async (text: string): Promise<Plan['coupon']> => {
    for (const code of possibleCodes(text)) {
      const path = `/api/sites/${site}/discounts/${encodeURIComponent(code)}`;
      const found = await client.call('GET', path, getDiscount.answer, { key: secretKey }).catch(() => null);
      if (found?.redeemable) return found;
    }
    return null;
  };

  /** Reads the letter, follows its link, orders with its code. */
  const answerLetter = async (shopper: Shopper, id: string): Promise<void> => {
    const letter = await outbox?.read(site, id);
    const now = clock.now();
    if (!letter || shopper.basket === null || shopper.busyUntil > now) return;
    for (const path of linksIn(letter.mail.html).slice(0, 1))
      await client.call('GET', path, z.unknown()).catch(() => undefined);
    const coupon = await codeOf(letter.mail.text);
    const deviceIndex = shopper.devices.length - 1;
    const { order } = go(shopper, {
      startAt: now + 1500,
      deviceIndex,
      source: rescueMail,
      aim: 'return',
      depth: 'order',
      signsInEarly: true,
      removes: false,
      coupon,
    });
    if (order === null || coupon === null) return;
    const path = `/api/sites/${site}/discounts/${encodeURIComponent(coupon.code)}/redeem`;
    const body = { orderId: order.orderId };
    const redeem = async () => void (await client.call('POST', path, redeemDiscount.answer, { body, key: secretKey }));
    waiting.push({ at: order.at, act: redeem });
  };

  const lookForLetters = async (now: number): Promise<void> => {
    if (outbox === null) return;
    for (const { id, to } of await outbox.list(site, 50)) {
      if (letters.has(id)) continue;
      letters.add(id);
      const [oldest] = letters;
      if (letters.size > mostLetters && oldest !== undefined) letters.delete(oldest);
      const shopper = people.find(({ email }) => to.includes(email));
      if (shopper === undefined || !random.chance(0.45)) continue;
      waiting.push({ at: now + random.between(12, 50) * 1000, act: () => answerLetter(shopper, id) });
    }
  };

  const tick = async (): Promise<void> => {
    const now = clock.now();
    if (now >= nextVisitorAt) {
      const wave = 1 + 0.75 * Math.sin((2 * Math.PI * (now - startedAt)) / waveMilliseconds);
      nextVisitorAt = now + (visitorMilliseconds / wave) * (0.5 + random.next());
      const shopper = someone(now);
      go(shopper, ordinaryPlan(random, shopper, now));
    }
    if (now >= nextLeaverAt) {
      nextLeaverAt = now + leaverMilliseconds * (0.6 + 0.8 * random.next());
      leaver(now);
    }
    if (now >= nextMailAt) {
      nextMailAt = now + mailMilliseconds;
      await lookForLetters(now);
    }
    const due = waiting.filter((task) => task.at <= now);
    waiting = waiting.filter((task) => task.at > now);
    for (const task of due.toSorted((a, b) => a.at - b.at)) await task.act();
  };

  return {
    run: async () => {
      while (!signal.aborted) {
        try {
          await tick();
        } catch (error) {
          // A visitor whom the shop turns away is gone; the others stay.
          if (!signal.aborted) deps.warn(error);
        }
        await clock.sleep(tickMilliseconds, signal);
      }
    },
  };
};
