import { expect, test } from 'vitest';
import type { Phase } from '../../schemas/action.ts';
import { aLook, hour, openMailServer, openShop, settle, site } from '../../test/support/automated-shop.ts';
import type { Mailer } from '../platform/mail/mailer.ts';
import type { Platform } from '../platform/platform.ts';
import { suppress } from '../platform/suppressions.ts';
import { isHeldOut } from '../questions/due/holdout.ts';
import { automationResults } from '../questions/results/results.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue } from './ready-made.ts';

test('one mail arrives, with what was left and what was taken out, a code, and one click to unsubscribe', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  await leaveBasket('ada');
  clock.advance(hour);
  const performer = await startPerformer(platform);
  const planners = [startPlanner(platform), startPlanner(platform)];
  await settle(platform, ['sent']);
  await aLook(platform);
  for (const planner of planners) await planner.close();
  await performer.close();
  expect(post.mails, 'two planners, one mail').toHaveLength(1);
  const [mail] = post.mails;
  expect(mail?.to).toMatchObject({ value: [{ address: 'ada@example.com', name: 'Ada <b>' }] });
  expect(mail?.html).toContain('Tent &lt;script&gt;');
  expect(mail?.html).not.toContain('<script');
  expect(mail?.html).not.toContain('javascript:');
  expect(mail?.html).toContain('€239.80');
  expect(mail?.html).toMatch(/Still thinking about it\?.*Lamp/s);
  expect(mail?.text).toMatch(/10 % off, only for you: SAVE-[0-9A-Z]{5}-[0-9A-Z]{5}/);
  const header = (name: string) => mail?.headerLines.find(({ key }) => key === name)?.line ?? '';
  expect(header('list-unsubscribe').replace(/\r\n\s/g, '')).toMatch(/<http:\/\/localhost:\d+\/u\/[\w.-]+>/);
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
});

test('what changed since it was planned is looked at before it is sent', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket, send } = await openShop({ smtpUrl: post.url });
  for (const user of ['ada', 'bob', 'eve']) await leaveBasket(user);
  clock.advance(hour);
  const planner = startPlanner(platform);
  await expect.poll(() => platform.log.lag('actions', 'nobody'), { timeout: 10_000 }).toBe(3);
  await planner.close();
  await send('ada', [{ event: 'Order Completed', properties: { order_id: 'o1', revenue: 100, currency: 'EUR' } }]);
  await suppress(platform.warehouse, {
    site: 'shop',
    address: 'BOB@example.com',
    reason: 'unsubscribed',
    active: true,
    at: clock.now(),
  });
  const performer = await startPerformer(platform);
  await settle(platform, ['held', 'sent', 'skipped']);
  await performer.close();
  expect(post.mails.map(({ to }) => JSON.stringify(to)).join()).toContain('eve@example.com');
  expect(post.mails).toHaveLength(1);
});

test('who bought gets no mail, also where the order came under an id that nobody joined to theirs: neither planned then, nor sent', async () => {
  const post = await openMailServer();
  const { platform, clock, send } = await openShop({ smtpUrl: post.url });
  const leave = (user: string) =>
    send(user, [
      { type: 'identify', traits: { email: `${user}@example.com` } },
      { event: 'Product Added', properties: { product_id: 'tent', price: 100, cart_id: `cart-of-${user}` } },
      { event: 'Checkout Started', properties: { checkout_id: `checkout-of-${user}` } },
    ]);
  for (const user of ['ada', 'bob', 'eve']) await leave(user);
  const order = (id: string, more: object) => ({
    event: 'Order Completed',
    properties: { order_id: id, revenue: 100, currency: 'EUR', ...more },
  });
  // The shop's server knows them by numbers.
  await send('customer-1', [order('o1', { cart_id: 'cart-of-ada' })]);
  clock.advance(hour);
  const planner = startPlanner(platform);
  await expect.poll(() => platform.log.lag('actions', 'nobody'), { timeout: 10_000 }).toBe(2);
  await planner.close();
  await send('customer-2', [order('o2', { checkout_id: 'checkout-of-bob' })]);
  const performer = await startPerformer(platform);
  await settle(platform, ['sent', 'skipped']);
  await performer.close();
  expect(post.mails.map(({ to }) => JSON.stringify(to)).join()).toContain('eve@example.com');
  expect(post.mails).toHaveLength(1);
});

test('who is held out gets no mail, stands in the ledger as such, and what the mails added is measured against them', async () => {
  const post = await openMailServer();
  const holdoutPercent = 50;
  const { platform, clock, leaveBasket, send } = await openShop({ smtpUrl: post.url, automation: { holdoutPercent } });
  const people = Array.from({ length: 8 }, (_, index) => `user-${index}`);
  const heldOut = people.filter((user) =>
    isHeldOut(site, { id: 'basket-rescue', holdoutPercent, purpose: 'marketing' }, user),
  );
  expect(heldOut.length, 'some of either').toBeGreaterThan(1);
  expect(heldOut.length).toBeLessThan(people.length - 1);
  for (const user of people) await leaveBasket(user);
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  const written = people.filter((user) => !heldOut.includes(user));
  await settle(platform, [...heldOut.map((): Phase => 'held'), ...written.map((): Phase => 'sent')]);
  await planner.close();
  await performer.close();
  const addresses = post.mails.flatMap(({ to }) => (Array.isArray(to) ? to : [to])).flatMap((to) => to?.value ?? []);
  expect(addresses.map(({ address }) => address).sort()).toEqual(written.map((user) => `${user}@example.com`).sort());

  clock.advance(hour);
  for (const user of written)
    await send(user, [
      { event: 'Order Completed', properties: { order_id: `o-${user}`, revenue: '80.50', currency: 'EUR' } },
    ]);
  const query = { automation: 'basket-rescue', attributionSeconds: 7200 };
  const results = await automationResults(platform.warehouse, site, query, { now: clock.now() });
  expect(results.mails).toMatchObject({ sent: written.length, failed: 0 });
  expect(results.treated).toMatchObject({
    persons: written.length,
    converted: written.length,
    rate: 1,
    revenuePerPerson: 80.5,
  });
  expect(results.holdout).toMatchObject({ persons: heldOut.length, converted: 0, orders: 0, revenue: [] });
  expect(results.lift?.conversion.difference).toBe(1);
  expect(results.maturing, 'an hour of two is over').toBe(people.length);
});

test('a mail server that says "not now" is asked again, and the mail goes once', async () => {
  const post = await openMailServer();
  post.state.reply = 451;
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  await leaveBasket('ada');
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  await settle(platform, ['claimed']);
  post.state.reply = null;
  clock.advance(60_000);
  await settle(platform, ['sent']);
  await planner.close();
  await performer.close();
  expect(post.mails).toHaveLength(1);
});

test('a template that breaks sends nothing and says where', async () => {
  const { platform, clock, leaveBasket } = await openShop({
    automation: {
      steps: basketRescue.steps.map((step) =>
        step.kind === 'email'
          ? { ...step, email: { ...step.email, body: 'Hello\n{% for x in (1..1000000000) %}x{% endfor %}' } }
          : step,
      ),
    },
  });
  await leaveBasket('ada');
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  await settle(platform, ['failed']);
  await planner.close();
  await performer.close();
  expect(await platform.outbox?.list('shop', 10)).toEqual([]);
});

/** A mailer or a ledger that stops the performer dead before or after a step, as a kill would. */
const stops: [string, (platform: Platform, reached: () => void) => Platform][] = [
  [
    'before the message is handed over',
    (platform, reached) => ({ ...platform, mailer: stoppingMailer(platform.mailer, 'before', reached) }),
  ],
  [
    'after it was handed over, before that is noted',
    (platform, reached) => ({ ...platform, mailer: stoppingMailer(platform.mailer, 'after', reached) }),
  ],
];
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const stoppingMailer = (mailer: Mailer, place: 'before' | 'after', reached: () => void): Mailer => ({
  ...mailer,
  send: async (mail, beforeHandOver) => {
    if (place === 'before') {
      await beforeHandOver();
      reached();
      return never();
    }
    await mailer.send(mail, beforeHandOver);
    reached();
    return never();
  },
});

test.each(stops)(
  'stopped %s: with the outbox the mail is there once, by SMTP it is never sent twice',
  async (place, stopping) => {
    for (const kind of ['outbox', 'smtp'] as const) {
      const post = await openMailServer();
      const { platform, clock, leaveBasket } = await openShop(kind === 'smtp' ? { smtpUrl: post.url } : {});
      await leaveBasket('ada');
      clock.advance(hour);
      const planner = startPlanner(platform);
      const state = { isReached: false };
      void startPerformer(stopping(platformWithoutConsumer(platform), () => (state.isReached = true)));
      await expect.poll(() => state.isReached, { timeout: 15_000 }).toBe(true);
      const second = await startPerformer(platform);
      await settle(platform, kind === 'outbox' ? ['sent'] : ['uncertain']);
      await planner.close();
      await second.close();
      const kept = (await platform.outbox?.list('shop', 10))?.length ?? 0;
      if (kind === 'outbox') expect(kept).toBe(1);
      else expect(post.mails).toHaveLength(place.startsWith('before') ? 0 : 1);
    }
  },
);

/** The first performer's consumer is another group, since it never ends in this test. */
const platformWithoutConsumer = (platform: Platform): Platform => ({
  ...platform,
  log: { ...platform.log, consume: (topic, _group, handlers) => platform.log.consume(topic, 'stopped', handlers) },
});
