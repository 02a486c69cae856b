import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Automation, Step } from '../../schemas/automation.ts';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { aLook, hour, openMailServer, openShop, settle, site } from '../../test/support/automated-shop.ts';
import type { Platform } from '../platform/platform.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { variantOf } from '../questions/due/holdout.ts';
import { automationResults } from '../questions/results/results.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue, readyMadeAutomations } from './ready-made.ts';
import { putContactRules } from './scene.ts';

const day = 24 * hour;

const readyMade = (id: string): Automation => {
  const found = readyMadeAutomations.get(id) ?? expect.fail(`there is no ${id}`);
  return { ...found, enabled: true, holdoutPercent: 0 };
};

const running = async (platform: Platform) => {
  const performer = await startPerformer(platform);
  const planner = startPlanner(platform);
  return async () => {
    await planner.close();
    await performer.close();
  };
};

test('a basket gets a reminder after an hour, a discount a day later, a last call two days later, and no fourth mail', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({
    smtpUrl: post.url,
    automation: readyMade('basket-series'),
  });
  await leaveBasket('ada');
  const stop = await running(platform);
  const subjects = () => post.mails.map(({ subject }) => subject);
  await aLook(platform);
  expect(subjects()).toEqual([]);
  clock.advance(hour);
  await settle(platform, ['sent']);
  clock.advance(22 * hour);
  await aLook(platform);
  expect(subjects()).toEqual(['Your basket is still here']);
  clock.advance(hour);
  await settle(platform, ['sent', 'sent']);
  clock.advance(2 * day);
  await settle(platform, ['sent', 'sent', 'sent']);
  clock.advance(day);
  await aLook(platform);
  await stop();
  expect(subjects()).toEqual(['Your basket is still here', 'Your basket, with 10 % off', 'Last call for your basket']);
  expect(post.mails.map(({ text }) => /SAVE-/.test(text ?? ''))).toEqual([false, true, false]);
}, 60_000);

test('what is too late once the mail server is back is not sent, nor what comes behind it', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({
    smtpUrl: post.url,
    automation: readyMade('basket-series'),
  });
  await post.stop();
  await leaveBasket('ada');
  clock.advance(hour);
  const stop = await running(platform);
  await settle(platform, ['claimed']);
  // The occasion itself is not too old: its last step comes three days after it.
  clock.advance(2.9 * day);
  await post.start();
  await settle(platform, ['skipped']);
  clock.advance(day);
  await aLook(platform);
  await stop();
  expect(post.mails).toEqual([]);
  const { rows } = await platform.warehouse.query(
    sql`SELECT reason FROM ledger WHERE phase = 'skipped'`,
    z.object({ reason: z.string() }),
  );
  expect(rows).toEqual([{ reason: 'too-late' }]);
}, 60_000);

test('who buys after the first mail gets no second one', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket, send } = await openShop({
    smtpUrl: post.url,
    automation: readyMade('basket-series'),
  });
  await leaveBasket('ada');
  const stop = await running(platform);
  clock.advance(hour);
  await settle(platform, ['sent']);
  await send('ada', [{ event: 'Order Completed', properties: { order_id: 'o1', revenue: 239.8, currency: 'EUR' } }]);
  clock.advance(day);
  await aLook(platform);
  await stop();
  expect(post.mails).toHaveLength(1);
}, 60_000);

test('an order that is late is told of at once, at night and to those who want no marketing, and once however often it is said', async () => {
  const post = await openMailServer();
  const { platform, clock, send } = await openShop({ smtpUrl: post.url, automation: readyMade('delay-notice') });
  const hourNow = new Date(clock.now()).getUTCHours();
  const rules = {
    ...noContactRules,
    consentTrait: 'traits.marketing',
    quietHours: { from: hourNow, to: (hourNow + 12) % 24 },
    cap: { mails: 1, seconds: 60 },
  };
  await putContactRules(platform, 'shop', rules, { author: 'test' });
  const late = { event: 'Delivery Delayed', properties: { order_id: 'A-17', expected_at: 'Friday' } };
  await send('ada', [{ type: 'identify', traits: { email: 'ada@example.com' } }, late, late]);
  const stop = await running(platform);
  await settle(platform, ['sent']);
  await send('ada', [late]);
  await aLook(platform);
  await stop();
  expect(post.mails.map(({ subject }) => subject)).toEqual(['Your order A-17 will be late']);
  expect(post.mails[0]?.text).toContain('we expect it on Friday');
}, 60_000);

test('a marketing mail waits for consent, for the morning and for the cap, and for the switch that stops everything', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket, send } = await openShop({
    smtpUrl: post.url,
    automation: { trigger: { kind: 'abandoned-basket', idleSeconds: 3600, maxAgeSeconds: 3 * 86_400 } },
  });
  const set = (rules: object) => putContactRules(platform, 'shop', { ...noContactRules, ...rules }, { author: 'test' });
  await leaveBasket('ada');
  clock.advance(hour);
  await set({ paused: true });
  const stop = await running(platform);
  const held = async (rules: object) => {
    await set(rules);
    await aLook(platform);
    expect(post.mails).toHaveLength(0);
  };
  const hourNow = new Date(clock.now()).getUTCHours();
  await aLook(platform);
  await held({ consentTrait: 'traits.marketing' });
  await send('ada', [{ type: 'identify', traits: { marketing: true } }]);
  await held({ consentTrait: 'traits.marketing', quietHours: { from: hourNow, to: (hourNow + 2) % 24 } });
  clock.advance(2 * hour);
  await settle(platform, ['sent']);
  await stop();
  expect(post.mails).toHaveLength(1);
}, 60_000);

test('of two automations that are due for one person, the more important one writes, and the cap keeps the other back', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url, automation: { priority: 10 } });
  await putContactRules(
    platform,
    'shop',
    { ...noContactRules, cap: { mails: 1, seconds: 86_400 } },
    { author: 'test' },
  );
  const more = { ...readyMade('basket-series'), priority: 60 };
  await platform.definitions.put('automation', 'shop', 'important', more, { author: 'test' });
  await leaveBasket('ada');
  clock.advance(hour);
  const stop = await running(platform);
  await settle(platform, ['sent']);
  await aLook(platform);
  expect(post.mails.map(({ subject }) => subject)).toEqual(['Your basket is still here']);
  clock.advance(day + hour);
  // A day later both have something to say again; again the more important one does.
  await expect.poll(() => post.mails.length, { timeout: 15_000 }).toBe(2);
  await aLook(platform);
  await stop();
  expect(post.mails[1]?.subject).toBe('Your basket, with 10 % off');
}, 60_000);

test('what was taken out gets a mail of its own, unless it was put back', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket, send } = await openShop({
    smtpUrl: post.url,
    automation: readyMade('deleted-discount'),
  });
  await leaveBasket('ada');
  await leaveBasket('bob');
  await send('bob', [{ event: 'Product Added', properties: { product_id: 'lamp', name: 'Lamp', price: 20 } }]);
  clock.advance(2 * hour);
  const stop = await running(platform);
  await settle(platform, ['sent']);
  await aLook(platform);
  await stop();
  expect(post.mails.map(({ to }) => to)).toMatchObject([{ value: [{ address: 'ada@example.com' }] }]);
}, 60_000);

test('a step whose mail is written wrongly fails, and the steps behind it still come', async () => {
  const post = await openMailServer();
  const series = readyMade('basket-series');
  const broken = (step: Step): Step =>
    step.kind === 'email' && step.id === 'reminder' ? { ...step, email: { ...step.email, body: '{% if' } } : step;
  const { platform, clock, leaveBasket } = await openShop({
    smtpUrl: post.url,
    automation: { ...series, steps: series.steps.map(broken) },
  });
  await leaveBasket('ada');
  clock.advance(hour);
  const stop = await running(platform);
  await settle(platform, ['failed']);
  clock.advance(day);
  await settle(platform, ['failed', 'sent']);
  await stop();
  expect(post.mails.map(({ subject }) => subject)).toEqual(['Your basket, with 10 % off']);
}, 60_000);

test('of two mails that are tried each person gets one, and the results tell who bought after which', async () => {
  const post = await openMailServer();
  const [step] = basketRescue.steps;
  if (step?.kind !== 'email') expect.fail('it begins with a mail');
  const other = { ...step.email, subject: 'The other one' };
  const { platform, clock, leaveBasket, send } = await openShop({
    smtpUrl: post.url,
    automation: { steps: [{ ...step, variants: [other] }] },
  });
  const experiment = { site: 'shop', automation: 'basket-rescue', stepId: step.id };
  const users = Array.from({ length: 8 }, (_, index) => `user-${index}`);
  const second = users.filter((user) => variantOf(experiment, 2, user) === 1);
  expect([0, users.length]).not.toContain(second.length);
  for (const user of users) await leaveBasket(user);
  clock.advance(hour);
  const stop = await running(platform);
  await settle(
    platform,
    Array.from(users, () => 'sent' as const),
  );
  await stop();
  const got = (subject: string) =>
    post.mails.filter((mail) => mail.subject === subject).map(({ text }) => text !== undefined).length;
  expect(got('The other one')).toBe(second.length);
  expect(post.mails).toHaveLength(users.length);
  const [buyer = ''] = second;
  await send(buyer, [{ event: 'Order Completed', properties: { order_id: 'o1', revenue: 10, currency: 'EUR' } }]);
  const ask = { automation: 'basket-rescue', attributionSeconds: 3600 };
  const { variants } = await automationResults(platform.warehouse, site, ask, { now: clock.now() + 1000 });
  expect(variants).toMatchObject([
    { step: step.id, variant: 0, persons: users.length - second.length, converted: 0, againstFirst: null },
    { step: step.id, variant: 1, persons: second.length, converted: 1, againstFirst: { isSignificant: false } },
  ]);
}, 60_000);
