import { expect, test } from 'vitest';
import { Automation, StoredAutomation } from '../../schemas/automation.ts';
import { Segment } from '../../schemas/segment.ts';
import { hour, openShop, site } from '../../test/support/automated-shop.ts';
import { due } from '../questions/due/due.ts';
import { replay } from '../questions/due/replay.ts';
import { askedOf } from './asked.ts';
import { readyMadeAutomations } from './ready-made.ts';
import { sceneOf } from './scene.ts';

const day = 24 * hour;

type Shop = Awaited<ReturnType<typeof openShop>>;

/** Whose step has come, and which; of the others, why not. */
const ask = async ({ platform, clock }: Shop, document: Automation) => {
  const scene = await sceneOf(platform, site);
  const found = await due(platform.warehouse, scene, askedOf('shop', { id: 'tested', document }), { now: clock.now() });
  return {
    due: found.due.map(({ occasion, step }) => `${occasion.userId} ${step.id}`).sort(),
    held: found.heldBack.map(({ occasion, reason }) => `${occasion.userId} ${reason}`).sort(),
  };
};
const readyMade = (id: string): Automation => ({
  ...(readyMadeAutomations.get(id) ?? expect.fail(`there is no ${id}`)),
  holdoutPercent: 0,
});
const identify = (user: string, traits: object = {}) => ({
  type: 'identify',
  traits: { email: `${user}@example.com`, ...traits },
});
const tent = { product_id: 'tent', name: 'Tent', price: 100, currency: 'EUR' };
const order = (id: string, products: object[] = []) => ({
  event: 'Order Completed',
  properties: { order_id: id, revenue: 100, currency: 'EUR', products },
});

test('every ready-made automation is off, valid, and survives being written to a file and read again', () => {
  expect(readyMadeAutomations.size).toBeGreaterThanOrEqual(14);
  for (const [id, automation] of readyMadeAutomations) {
    expect(automation.enabled, id).toBe(false);
    expect(Automation.parse(JSON.parse(JSON.stringify(automation))), id).toEqual(automation);
  }
});

test('news of a product reaches who looked at it, and neither who bought it nor who looked at another', async () => {
  const shop = await openShop();
  await shop.send('looked', [identify('looked'), { event: 'Product Viewed', properties: tent }]);
  await shop.send('bought', [identify('bought'), { event: 'Product Added', properties: tent }, order('o1', [tent])]);
  await shop.send('other', [
    identify('other'),
    { event: 'Product Viewed', properties: { ...tent, product_id: 'lamp' } },
  ]);
  shop.clock.advance(hour);
  await shop.send('catalogue', [{ event: 'Product Price Dropped', properties: { ...tent, price: 80 } }]);
  await shop.send('after', [identify('after'), { event: 'Product Viewed', properties: tent }]);
  expect(await ask(shop, readyMade('price-dropped'))).toEqual({ due: ['looked tell'], held: [] });
  expect(await ask(shop, readyMade('back-in-stock'))).toEqual({ due: [], held: [] });
}, 60_000);

test('who has not bought for ninety days is asked back, and who bought since is not', async () => {
  const shop = await openShop();
  await shop.send('gone', [identify('gone'), order('o1')]);
  await shop.send('back', [identify('back'), order('o2')]);
  shop.clock.advance(60 * day);
  await shop.send('back', [order('o3')]);
  expect((await ask(shop, readyMade('win-back'))).due).toEqual([]);
  shop.clock.advance(31 * day);
  expect((await ask(shop, readyMade('win-back'))).due).toEqual(['gone hello']);
  shop.clock.advance(8 * day);
  expect((await ask(shop, readyMade('win-back'))).due, 'too long ago to begin with it').toEqual([]);
}, 60_000);

const webhook = (id: string) => ({ id, kind: 'webhook', url: 'https://a.example/' });

test('whoever is in a segment comes in, and "only" and branches ask who somebody is', async () => {
  const shop = await openShop();
  const vip = Segment.parse({
    name: 'VIP',
    is: { kind: 'is', where: [{ property: 'traits.plan', op: 'eq', value: 'vip' }] },
  });
  await shop.platform.definitions.put('segment', 'shop', 'vip', vip, { author: 'test' });
  await shop.send('ada', [identify('ada', { plan: 'vip' }), { event: 'Signed Up' }]);
  await shop.send('bob', [identify('bob', { plan: 'basic' }), { event: 'Signed Up' }]);
  const trigger = { kind: 'segment', segment: 'vip' };
  const bySegment = Automation.parse({ name: 'VIPs', trigger, steps: [webhook('tell')] });
  expect(await ask(shop, bySegment)).toEqual({ due: ['ada tell'], held: [] });
  expect(
    Automation.safeParse({ name: 'x', trigger, steps: [{ kind: 'wait', seconds: 5 }, webhook('a')] }).error?.issues,
  ).toMatchObject([{ path: ['steps', 0] }]);
  const signedUp = { kind: 'event', event: 'Signed Up' };
  const inVip = { kind: 'inSegment', segment: 'vip' };
  const onlyVip = Automation.parse({ name: 'VIPs', trigger: signedUp, only: inVip, steps: [webhook('tell')] });
  expect(await ask(shop, onlyVip)).toEqual({ due: ['ada tell'], held: ['bob not-in'] });
  const isVip = { property: 'traits.plan', op: 'eq', value: 'vip' };
  for (const condition of [isVip, { op: 'inSegment', segment: 'vip' }]) {
    const where = [condition];
    const filtered = Automation.parse({ name: 'VIPs', trigger: { ...signedUp, where }, steps: [webhook('tell')] });
    expect(await ask(shop, filtered), JSON.stringify(condition)).toEqual({ due: ['ada tell'], held: [] });
  }
  const branched = Automation.parse({
    name: 'Both',
    trigger: signedUp,
    steps: [{ kind: 'branch', if: inVip, yes: [webhook('gold')], no: [webhook('grey')] }],
  });
  expect((await ask(shop, branched)).due).toEqual(['ada gold', 'bob grey']);
}, 60_000);

test('steps without an id of their own, without anything to do, or too deep are refused where they stand', () => {
  const refused = (steps: unknown) =>
    Automation.safeParse({ name: 'x', trigger: { kind: 'browsed' }, steps }).error?.issues.map(({ path }) =>
      path.join('.'),
    );
  expect(refused([webhook('a'), webhook('a')])).toEqual(['steps']);
  expect(refused([{ kind: 'wait', seconds: 5 }])).toEqual(['steps']);
  expect(refused([{ kind: 'wait', seconds: 0 }, webhook('a')])).toEqual(['steps.0.seconds']);
  expect(refused([{ ...webhook('a'), url: 'javascript:alert(1)' }])).toEqual(['steps.0.url']);
});

test('whoever is in a segment need not wait on any way before something is done; one that was taken before is still read', () => {
  const wait = { kind: 'wait', seconds: 86_400 };
  const fork = (yes: object[], no: object[]) => ({
    kind: 'branch',
    if: { kind: 'inSegment', segment: 'vip' },
    yes,
    no,
  });
  const document = (steps: object[]) => ({ name: 'x', trigger: { kind: 'segment', segment: 'vip' }, steps });
  const isTaken = (...steps: object[]): boolean => Automation.safeParse(document(steps)).success;
  expect(isTaken(fork([wait, webhook('a')], [webhook('b')]))).toBe(false);
  expect(isTaken(fork([webhook('a')], []), wait, webhook('b')), 'who is sent past it begins with the wait').toBe(false);
  expect(isTaken(fork([fork([wait, webhook('a')], [])], [webhook('b')]))).toBe(false);
  expect(isTaken(fork([webhook('a'), wait, webhook('b')], [webhook('c')]), wait, webhook('d'))).toBe(true);
  expect(isTaken(fork([webhook('a')], []))).toBe(true);
  expect(StoredAutomation.safeParse(document([fork([wait, webhook('a')], [])])).success).toBe(true);
});

test('a replay tells what would have been sent: the same as what the looks of those days would have planned', async () => {
  const shop = await openShop();
  const series = readyMade('basket-series');
  for (const user of ['ada', 'bob', 'eve']) await shop.leaveBasket(user);
  const from = shop.clock.now();
  // So long that also a busy machine, which looks less often, looks in between.
  shop.clock.advance(7 * hour);
  await shop.send('bob', [order('o1')]);
  shop.clock.advance(5 * hour);
  await shop.send('eve', [order('o2')]);
  shop.clock.advance(3.5 * day);
  const scene = await sceneOf(shop.platform, site);
  const asked = askedOf('shop', { id: 'tested', document: series });
  const told = await replay(shop.platform.warehouse, scene, asked, { from, now: shop.clock.now() });
  expect(told.persons, 'all three lay idle for an hour').toBe(3);
  expect(Object.fromEntries(told.steps.map(({ step, messages }) => [step, messages]))).toEqual({
    reminder: 3,
    discount: 1,
    'last-call': 1,
  });
  const capped = { ...scene, rules: { ...scene.rules, cap: { mails: 1, seconds: 30 * 86_400 } } };
  expect((await replay(shop.platform.warehouse, capped, asked, { from, now: shop.clock.now() })).messages).toBe(3);
}, 120_000);
