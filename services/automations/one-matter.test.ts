import { expect, test } from 'vitest';
import { z } from 'zod';
import { Action } from '../../schemas/action.ts';
import type { Automation } from '../../schemas/automation.ts';
import { hour, openMailServer, openShop, site } from '../../test/support/automated-shop.ts';
import type { Platform } from '../platform/platform.ts';
import { createTokens } from '../platform/tokens.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { due } from '../questions/due/due.ts';
import { isActionAboutShopping, shoppingEvents } from '../questions/due/shopping.ts';
import { askedOf } from './asked.ts';
import { createDiscounts } from './discounts.ts';
import { createLedger } from './ledger.ts';
import { startPerformer } from './performer.ts';
import { createLook } from './planner.ts';
import { readyMadeAutomations } from './ready-made.ts';
import { sceneOf } from './scene.ts';

/** Several automations are about one basket: its owner hears of it as from one. */

const on = (id: string, changes: Partial<Automation> = {}): Automation => ({
  ...(readyMadeAutomations.get(id) ?? expect.fail(`there is no ${id}`)),
  enabled: true,
  holdoutPercent: 0,
  ...changes,
});

type Mails = Awaited<ReturnType<typeof openMailServer>>['mails'];
const subjects = (mails: Mails) => mails.map(({ subject }) => subject);
const codesIn = (mails: Mails) => mails.flatMap(({ text }) => /SAVE-\w{5}-\w{5}/.exec(text ?? '')?.[0] ?? []);

/** Looks of the planner, each so many hours after the last, and all that it planned done. */
const pass = async (
  { platform, clock }: Pick<Awaited<ReturnType<typeof openShop>>, 'platform' | 'clock'>,
  gaps: readonly number[],
): Promise<void> => {
  const look = createLook(platform);
  for (const gap of gaps) {
    clock.advance(gap * hour);
    await look(new AbortController().signal);
    await expect.poll(() => waiting(platform), { timeout: 15_000, interval: 50 }).toBe(0);
  }
};
const waiting = async ({ warehouse, log }: Platform): Promise<number> => {
  const lag = await log.lag('actions', 'performer');
  const { rows } = await warehouse.query(
    sql`
      SELECT count() AS count
      FROM (SELECT action_id FROM ledger GROUP BY action_id HAVING argMax(phase, sequence) IN ('requested', 'claimed', 'handing-over'))`,
    z.object({ count: z.coerce.number() }),
  );
  return lag + (rows[0]?.count ?? 0);
};

const tent = { product_id: 'tent', name: 'Tent', price: 120, currency: 'EUR' };
const lamp = { product_id: 'lamp', name: 'Lamp', price: 20, currency: 'EUR' };
const visit = [
  { type: 'identify', traits: { email: 'ada@example.com' } },
  { event: 'Product Viewed', properties: { ...tent, product_id: 'stove' } },
  { event: 'Product Added', properties: tent },
  { event: 'Product Added', properties: lamp },
  { event: 'Product Removed', properties: lamp },
];

test('with all the ready-made rescues on, one visit brings one mail an hour later, at most one a day after it, and one code', async () => {
  const post = await openMailServer();
  const shop = await openShop({ smtpUrl: post.url, automation: on('basket-rescue') });
  for (const id of ['checkout-rescue', 'deleted-discount', 'browse-reminder', 'basket-series'])
    await shop.platform.definitions.put('automation', 'shop', id, on(id), { author: 'test' });
  await shop.send('ada', [...visit, { event: 'Checkout Started', properties: { products: [tent] } }]);
  await shop.send('bob', [{ type: 'identify', traits: { email: 'bob@example.com' } }, ...visit.slice(1)]);
  const performer = await startPerformer(shop.platform);
  const of = (user: string) => post.mails.filter(({ to }) => JSON.stringify(to).includes(`${user}@`));
  await pass(shop, [1]);
  // Of the checkout, which knows better where she stopped; and of the basket, with the removed lamp, to him who took it out.
  expect(subjects(of('ada'))).toEqual(['Your order is not finished yet']);
  expect(subjects(of('bob'))).toHaveLength(1);
  await pass(shop, [1, 1, 2, 19]);
  expect(post.mails, 'a day').toHaveLength(2);
  await pass(shop, [1, 1, 12, 12, 22, 1, 1, 22]);
  await performer.close();
  for (const user of ['ada', 'bob']) {
    const times = of(user).map(({ date }) => date?.getTime() ?? 0);
    expect(times.length).toBeLessThanOrEqual(4);
    expect(new Set(codesIn(of(user))).size, `${subjects(of(user)).join(', ')}`).toBe(1);
    expect(new Set(subjects(of(user))).size).toBe(times.length);
  }
}, 120_000);

test('messages about one basket carry one code, good for the most that was promised; after the order the next basket has another', async () => {
  const post = await openMailServer();
  const shop = await openShop({
    smtpUrl: post.url,
    automation: on('basket-rescue', { reentrySeconds: 0 }),
  });
  const { platform, clock } = shop;
  const [steps] = [on('deleted-discount').steps];
  const better = steps.map((step) =>
    step.kind === 'email'
      ? { ...step, discount: { kind: 'percent' as const, percent: 20, validSeconds: 30 * 86_400 } }
      : step,
  );
  const second = on('deleted-discount', { reentrySeconds: 0, steps: better });
  await platform.definitions.put('automation', 'shop', 'deleted-discount', second, { author: 'test' });
  await shop.send('ada', visit);
  const performer = await startPerformer(platform);
  await pass(shop, [1, 1]);
  expect(post.mails).toHaveLength(2);
  const [code = '', ...others] = codesIn(post.mails);
  expect(others, 'without the re-entry time both write, of one code').toEqual([code]);
  expect(post.mails.map(({ text }) => /\d+ % off/.exec(text ?? '')?.[0])).toEqual(['10 % off', '20 % off']);
  const tokens = createTokens(platform.config.secretKey, clock);
  const discounts = createDiscounts({ warehouse: platform.warehouse, tokens, now: clock.now });
  expect(await discounts.look('shop', code)).toMatchObject({ percent: 20, redeemable: true });

  await shop.send('ada', [
    { event: 'Order Completed', properties: { order_id: 'o1', revenue: 96, currency: 'EUR', coupon: code } },
  ]);
  clock.advance(48 * hour);
  await shop.send('ada', [{ event: 'Product Added', properties: lamp }]);
  await pass(shop, [1]);
  await performer.close();
  const [, , next] = codesIn(post.mails);
  expect(post.mails).toHaveLength(3);
  expect(next).not.toBe(code);
  expect(await discounts.look('shop', next ?? '')).toMatchObject({ percent: 10, redeemable: true });
}, 120_000);

test('who is held out by one automation hears of the basket from another as late as those who got its mail', async () => {
  const shop = await openShop({ automation: on('basket-rescue', { holdoutPercent: 90 }) });
  const { platform, clock } = shop;
  const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
  for (const user of users)
    await shop.send(user, [{ type: 'identify', traits: { email: `${user}@example.com` } }, ...visit.slice(1)]);
  const performer = await startPerformer(platform);
  await pass(shop, [1]);
  await performer.close();
  const ask = async () => {
    const asked = askedOf('shop', { id: 'deleted-discount', document: on('deleted-discount') });
    return due(platform.warehouse, await sceneOf(platform, site), asked, { now: clock.now() });
  };
  clock.advance(hour);
  const { rows } = await platform.warehouse.query(
    sql`SELECT argMax(phase, sequence) AS phase FROM ledger GROUP BY action_id`,
    z.object({ phase: z.string() }),
  );
  const phases = rows.map(({ phase }) => phase);
  expect(phases, 'some of each').toEqual(expect.arrayContaining(['held']));
  const now = await ask();
  expect(now.due).toEqual([]);
  expect(now.heldBack.map(({ reason }) => reason)).toEqual(users.map(() => 'told-by-another'));
  clock.advance(23 * hour);
  expect((await ask()).due.map(({ occasion }) => occasion.userId).sort()).toEqual([...users].sort());
}, 120_000);

test('the ledger says of each action what it is about', async () => {
  const { platform, clock } = await openShop();
  const { warehouse, telemetry } = platform;
  const ledger = createLedger({ warehouse, logger: telemetry.logger, now: clock.now });
  const at = new Date(clock.now()).toISOString();
  const basket = {
    of: 'browse',
    cartId: 'c',
    items: [],
    removed: [],
    value: '0.00',
    currency: 'EUR',
    lastActivity: at,
  };
  const about = (more: object): Action =>
    Action.parse({
      v: 1,
      id: JSON.stringify(more),
      site: 'shop',
      automation: 'any',
      automationVersion: 1,
      step: 1,
      person: '1',
      userId: 'ada',
      email: 'ada@example.com',
      occasion: 'o',
      requestedAt: at,
      ...more,
    });
  const events = [...shoppingEvents, 'Order Completed', 'Signed Up'].map((name) => ({
    event: { name, at, properties: {} },
  }));
  const actions = [
    ...events,
    { basket },
    {},
    { purpose: 'service', basket },
    { kind: 'webhook', event: { name: 'Signed Up', at, properties: {} } },
  ].map(about);
  for (const action of actions) await ledger.request(action, 0);
  const { rows } = await platform.warehouse.query(
    sql`SELECT action_id AS id, topic FROM ledger`,
    z.object({ id: z.string(), topic: z.string() }),
  );
  const expected = (action: Action): string => {
    if (action.kind === 'webhook') return 'webhook';
    if (action.purpose === 'service') return 'service';
    return isActionAboutShopping(action) ? 'shopping' : 'marketing';
  };
  expect(Object.fromEntries(rows.map(({ id, topic }) => [id, topic]))).toEqual(
    Object.fromEntries(actions.map((action) => [action.id, expected(action)])),
  );
  expect(actions.filter(isActionAboutShopping)).toHaveLength(shoppingEvents.length + 1);
}, 60_000);
