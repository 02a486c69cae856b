import { expect, test } from 'vitest';
import { Automation } from '../../schemas/automation.ts';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { hour, openMailServer, openShop, settle, site } from '../../test/support/automated-shop.ts';
import { mountLinks } from '../collector/links.ts';
import { suppress } from '../platform/suppressions.ts';
import { createTokens } from '../platform/tokens.ts';
import { type Candidate, due } from '../questions/due/due.ts';
import { isHeldOut } from '../questions/due/holdout.ts';
import { replay } from '../questions/due/replay.ts';
import { standStill } from '../questions/due/stands-still.ts';
import { askedOf } from './asked.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue, readyMadeAutomations } from './ready-made.ts';
import { mountAutomationRoutes } from './routes.ts';
import { putContactRules, sceneOf } from './scene.ts';

/** Rules about people as a whole shop keeps them: when something is planned, and again at the moment of sending. */

type Shop = Awaited<ReturnType<typeof openShop>>;

const ask = async ({ platform, clock }: Shop, document: Automation, of: typeof site = site) => {
  const scene = await sceneOf(platform, of);
  const asked = askedOf('shop', { id: 'tested', document });
  const found = await due(platform.warehouse, scene, asked, { now: clock.now() });
  return {
    planned: found.due,
    due: found.due.map(({ occasion }) => occasion.userId).sort(),
    heldOut: found.heldOut.map(({ occasion }) => occasion.userId).sort(),
    held: found.heldBack.map(({ occasion, reason }) => `${occasion.userId} ${reason}`).sort(),
  };
};

/** What was planned before, asked about at the moment of sending. */
const standing = async (
  { platform, clock }: Shop,
  document: Automation,
  planned: readonly Candidate[],
  of: typeof site = site,
): Promise<string[]> => {
  const scene = await sceneOf(platform, of);
  const asked = askedOf('shop', { id: 'tested', document });
  const actions = planned.map(({ occasion, step }) => ({ action: occasion, step }));
  const found = await standStill(platform.warehouse, scene, asked, { planned: actions, now: clock.now() });
  return found
    .map((each, index) => `${planned[index]?.occasion.userId} ${each.kind === 'no' ? each.reason : each.kind}`)
    .sort();
};

const readyMade = (id: string): Automation => ({
  ...(readyMadeAutomations.get(id) ?? expect.fail(`there is no ${id}`)),
  holdoutPercent: 0,
});
const identify = (user: string, traits: object = {}) => ({
  type: 'identify',
  traits: { email: `${user}@example.com`, ...traits },
});

test('a friend whose address a person’s event names is not written to, and who gave no address of their own is not either', async () => {
  const shop = await openShop();
  const invite = { event: 'Friend Invited', properties: { email: 'friend@elsewhere.example' } };
  const basket = { event: 'Product Added', properties: { product_id: 'tent', price: 10, currency: 'EUR' } };
  await shop.send('ada', [identify('ada'), basket, { event: 'Signed Up' }, invite]);
  await shop.send('bob', [basket, { event: 'Signed Up' }, invite]);
  shop.clock.advance(hour + 1000);
  for (const document of [{ ...basketRescue, holdoutPercent: 0 }, readyMade('welcome')]) {
    const found = await ask(shop, document);
    expect(found.planned.map(({ occasion }) => occasion.email)).toEqual(['ada@example.com']);
    expect(found.held).toEqual(['bob no-email']);
  }
}, 60_000);

test('consent that was withdrawn is withdrawn, however it was said, and between two things said at once it is none', async () => {
  const shop = await openShop();
  const rules = { ...noContactRules, consentTrait: 'traits.marketing' };
  await putContactRules(shop.platform, 'shop', rules, { author: 'test' });
  const withdrawals = { null: null, empty: '', false: false };
  const signUp = { event: 'Signed Up' };
  for (const user of [...Object.keys(withdrawals), 'stays'])
    await shop.send(user, [identify(user, { marketing: true }), signUp]);
  const timestamp = new Date(shop.clock.now()).toISOString();
  const yes = { ...identify('tie', { marketing: true }), timestamp, messageId: 'z' };
  const no = { ...identify('tie', { marketing: false }), timestamp, messageId: 'a' };
  await shop.send('tie', [yes, no, signUp]);
  shop.clock.advance(1000);
  const before = await ask(shop, readyMade('welcome'));
  expect(before).toMatchObject({ due: ['empty', 'false', 'null', 'stays'], held: ['tie no-consent'] });
  for (const [user, marketing] of Object.entries(withdrawals)) await shop.send(user, [identify(user, { marketing })]);
  shop.clock.advance(1000);
  const after = await ask(shop, readyMade('welcome'));
  const held = ['empty no-consent', 'false no-consent', 'null no-consent'];
  expect(after).toMatchObject({ due: ['stays'], held: [...held, 'tie no-consent'] });
  expect(await standing(shop, readyMade('welcome'), before.planned)).toEqual([...held, 'stays yes']);
}, 60_000);

const delayed = (user: string) => ({ event: 'Delivery Delayed', properties: { order_id: user } });

test('who unsubscribed is told of a delay and gets no marketing; whose mailbox is gone gets neither', async () => {
  const shop = await openShop();
  mountAutomationRoutes(shop.platform);
  await mountLinks(shop.platform);
  for (const user of ['ada', 'bob', 'eve'])
    await shop.send(user, [identify(user), { event: 'Signed Up' }, delayed(user)]);
  shop.clock.advance(1000);
  const [service, marketing] = [readyMade('delay-notice'), readyMade('welcome')];
  const before = [await ask(shop, service), await ask(shop, marketing)];
  const note = (user: string, reason: string, at: number) =>
    suppress(shop.platform.warehouse, {
      site: 'shop',
      address: `${user}@example.com`,
      reason,
      active: true,
      at: shop.clock.now() + at,
    });
  const { app } = shop.platform.http;
  const ada = { s: 'shop', u: 'ada', a: 'a1', m: 'welcome', e: 'ada@example.com' };
  const way = `/u/${createTokens(shop.platform.config.secretKey, shop.clock).sign('unsubscribe', ada, 1000)}`;
  expect((await app.inject(way)).body).toMatch(/No more marketing mails\?.*only what you must know/);
  expect((await app.inject({ method: 'POST', url: way })).body).toContain('no more marketing mails');
  await note('bob', 'bounce', 0);
  // By a mail of before.
  await note('bob', 'unsubscribed', 1);
  const headers = { authorization: `Bearer ${shop.platform.config.adminToken}` };
  const listed = (await app.inject({ url: '/api/sites/shop/suppressions', headers })).json();
  expect(
    listed.suppressions.map(({ address, reason }: Record<string, string>) => `${address} ${reason}`).sort(),
  ).toEqual(['ada@example.com unsubscribed', 'bob@example.com bounce']);
  expect(await ask(shop, service)).toMatchObject({ due: ['ada', 'eve'], held: ['bob suppressed'] });
  expect(await ask(shop, marketing)).toMatchObject({ due: ['eve'], held: ['ada suppressed', 'bob suppressed'] });
  const planned = before.map((each) => each.planned);
  expect(await standing(shop, service, planned[0] ?? [])).toEqual(['ada yes', 'bob suppressed', 'eve yes']);
  expect(await standing(shop, marketing, planned[1] ?? [])).toEqual(['ada suppressed', 'bob suppressed', 'eve yes']);
}, 60_000);

test('a site that holds people out of marketing tells them of a delay all the same', async () => {
  const shop = await openShop();
  const half = { ...site, holdoutPercent: 50 };
  const people = Array.from({ length: 8 }, (_, index) => `user-${index}`);
  for (const user of people) await shop.send(user, [identify(user), { event: 'Signed Up' }, delayed(user)]);
  shop.clock.advance(1000);
  const told = await ask(shop, readyMade('delay-notice'), half);
  expect(told).toMatchObject({ due: people, heldOut: [] });
  expect(await standing(shop, readyMade('delay-notice'), told.planned, half)).toEqual(
    people.map((user) => `${user} yes`),
  );
  const { heldOut } = await ask(shop, readyMade('welcome'), half);
  const byHash = { id: 'tested', holdoutPercent: 0, purpose: 'marketing' } as const;
  expect(heldOut).toEqual(people.filter((user) => isHeldOut(half, byHash, user)));
  expect(heldOut.length).toBeGreaterThan(0);
}, 60_000);

test('what ends a basket’s series ends it also while the basket is not idle for long enough yet', async () => {
  const shop = await openShop();
  const contact = { event: 'Support Contact Started' };
  await shop.send('bob', [contact]);
  for (const user of ['ada', 'bob', 'eve']) await shop.leaveBasket(user);
  const from = shop.clock.now();
  shop.clock.advance(600_000);
  await shop.send('ada', [contact]);
  shop.clock.advance(hour);
  const series = readyMade('basket-series');
  const found = await ask(shop, series);
  expect(found).toMatchObject({ due: ['bob', 'eve'], held: ['ada ended'] });
  await shop.send('eve', [contact]);
  shop.clock.advance(1000);
  expect(await standing(shop, series, found.planned)).toEqual(['bob yes', 'eve ended']);
  const scene = await sceneOf(shop.platform, site);
  const asked = askedOf('shop', { id: 'tested', document: series });
  const told = await replay(shop.platform.warehouse, scene, asked, { from, now: shop.clock.now() });
  expect(told.persons, 'eve wrote to the support after her hour, when the mail had gone').toBe(2);
}, 120_000);

test('what becomes of our mails, told by our links and by mail servers, brings people in and ends it for them', async () => {
  const shop = await openShop();
  const { clock } = shop;
  const steps = [{ id: 'tell', kind: 'webhook', url: 'https://a.example/' }];
  const ends = Automation.parse({
    name: 'Until they unsubscribe',
    trigger: { kind: 'event', event: 'Signed Up' },
    exitOn: [{ event: 'Unsubscribed' }, { event: 'Email Marked as Spam' }],
    steps,
  });
  for (const user of ['ada', 'bob', 'cleo']) await shop.send(user, [identify(user), { event: 'Signed Up' }]);
  clock.advance(1000);
  const before = await ask(shop, ends);
  expect(before.due).toEqual(['ada', 'bob', 'cleo']);
  const follow = async (user: string, name: string) => shop.send(user, [{ event: name }], 'internal');
  await follow('ada', 'Unsubscribed');
  await follow('bob', 'Email Link Clicked');
  await follow('bob', 'Email Sent');
  await follow('bob', 'Email Bounced');
  await follow('cleo', 'Email Marked as Spam');
  clock.advance(1000);
  expect(await ask(shop, ends)).toMatchObject({ due: ['bob'], held: ['ada ended', 'cleo ended'] });
  expect(await standing(shop, ends, before.planned)).toEqual(['ada ended', 'bob yes', 'cleo ended']);
  const on = async (event: string) =>
    (await ask(shop, Automation.parse({ name: event, trigger: { kind: 'event', event }, steps }))).due;
  expect(await on('Unsubscribed')).toEqual(['ada']);
  expect(await on('Email Link Clicked')).toEqual(['bob']);
  expect(await on('Email Bounced'), 'a webhook may tell who is to be rung up').toEqual(['bob']);
  expect(await on('Email Sent'), 'our own doing brings nobody in').toEqual([]);
}, 60_000);

test('who bought a product gets no news of it, whatever the order calls it', async () => {
  const shop = await openShop();
  const tent = { product_id: '17', name: 'Tent', price: 100, currency: 'EUR' };
  const orders: Record<string, object> = {
    text: { products: [{ product_id: '17' }] },
    number: { products: [{ product_id: 17 }] },
    sku: { products: [{ product_id: 'TENT-RED', sku: '17' }] },
    ga4: { items: [{ item_id: '17' }, { item_id: '18' }] },
    alone: { product_id: '17' },
    other: { products: [{ product_id: '18', sku: '' }, { name: '17' }] },
  };
  for (const [user, what] of Object.entries(orders))
    await shop.send(user, [
      identify(user),
      { event: 'Product Viewed', properties: tent },
      { event: 'Order Completed', properties: { order_id: user, revenue: 100, currency: 'EUR', ...what } },
    ]);
  await shop.send('later', [identify('later'), { event: 'Product Viewed', properties: tent }]);
  shop.clock.advance(hour);
  await shop.send('catalogue', [{ event: 'Product Price Dropped', properties: { ...tent, price: 80 } }]);
  const news = readyMade('price-dropped');
  const before = await ask(shop, news);
  expect(before.due).toEqual(['later', 'other']);
  await shop.send('later', [{ event: 'Order Completed', properties: { order_id: 'l', items: [{ item_id: '17' }] } }]);
  shop.clock.advance(1000);
  expect(await standing(shop, news, before.planned)).toEqual([
    'later what it was about is not so any more, or too long ago',
    'other yes',
  ]);
}, 60_000);

test('the cap counts what was sent as marketing, whatever became of its automation since', async () => {
  const post = await openMailServer();
  const shop = await openShop({ smtpUrl: post.url });
  const { platform, clock } = shop;
  const cap = { mails: 1, seconds: 7 * 86_400 };
  await putContactRules(platform, 'shop', { ...noContactRules, cap }, { author: 'test' });
  await shop.leaveBasket('ada');
  await shop.send('bob', [identify('bob'), delayed('bob')]);
  await shop.send('eve', [identify('eve')]);
  clock.advance(hour);
  const notice = { ...readyMade('delay-notice'), enabled: true };
  await platform.definitions.put('automation', 'shop', 'notice', notice, { author: 'test' });
  const [performer, planner] = [await startPerformer(platform), startPlanner(platform)];
  await settle(platform, ['sent', 'sent']);
  await planner.close();
  await performer.close();
  const offers = (subject: RegExp) =>
    post.mails.filter((mail) => subject.test(mail.subject ?? '')).map(({ headers }) => headers.has('list'));
  expect(offers(/basket/), 'marketing offers a way out by one click').toEqual([true]);
  expect(offers(/late/), 'what people must know goes on').toEqual([false]);
  await platform.definitions.remove('automation', 'shop', 'basket-rescue', 'test');
  const asMarketing = { ...notice, purpose: 'marketing' as const };
  await platform.definitions.put('automation', 'shop', 'notice', asMarketing, { author: 'test' });
  for (const user of ['ada', 'bob', 'eve']) await shop.send(user, [{ event: 'Signed Up' }]);
  clock.advance(2000);
  expect(await ask(shop, readyMade('welcome'))).toMatchObject({ due: ['bob', 'eve'], held: ['ada capped'] });
}, 60_000);
