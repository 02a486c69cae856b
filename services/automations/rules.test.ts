import { expect, test } from 'vitest';
import type { Automation } from '../../schemas/automation.ts';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { hour, openShop, site } from '../../test/support/automated-shop.ts';
import { type Candidate, due } from '../questions/due/due.ts';
import { standStill } from '../questions/due/stands-still.ts';
import { askedOf } from './planner.ts';
import { basketRescue, readyMadeAutomations } from './ready-made.ts';
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
