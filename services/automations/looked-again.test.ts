import { expect, test } from 'vitest';
import type { Action } from '../../schemas/action.ts';
import { type Automation, actingSteps } from '../../schemas/automation.ts';
import type { Site } from '../../schemas/site.ts';
import { hour, openShop, site } from '../../test/support/automated-shop.ts';
import { insertRows } from '../../test/support/rows.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { due } from '../questions/due/due.ts';
import { standStill } from '../questions/due/stands-still.ts';
import { askedOf } from './asked.ts';
import { readyMadeAutomations } from './ready-made.ts';
import { sceneOf } from './scene.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
const minute = 60_000;
const series: Automation = {
  ...(readyMadeAutomations.get('basket-series') ?? expect.fail('it is ready-made')),
  holdoutPercent: 0,
};
const asked = askedOf('shop', { id: 'series', document: series });

const dueIn = async ({ platform, clock }: Shop) =>
  (await due(platform.warehouse, await sceneOf(platform, site as Site), asked, { now: clock.now() })).due;

const noteSent = async ({ platform, clock }: Shop, occasion: string, stepId: string): Promise<void> => {
  const columns = ['site', 'action_id', 'automation', 'user_id', 'occasion', 'phase', 'sequence', 'action', 'at'];
  const id = asked.actionIdOf({ userId: 'ada', occasion }, stepId);
  const row = ['shop', id, 'series', 'ada', occasion, 'sent', 4, '{"kind":"email"}', columnTime(clock.now())];
  await insertRows(platform.warehouse, 'ledger', columns, [row]);
};

/** What is due is done; answers its steps. */
const done = async (shop: Shop): Promise<string[]> => {
  const found = await dueIn(shop);
  for (const { occasion, step } of found) await noteSent(shop, occasion.occasion, step.id);
  return found.map(({ step }) => step.id);
};

const view = { event: 'Cart Viewed', properties: { cart_id: 'c1' } };
/** As a page shows it. */
const viewWithList = {
  event: 'Cart Viewed',
  properties: { cart_id: 'c1', products: [{ product_id: 'tent', variant: 'red', price: 119.9, quantity: 2 }] },
};

test('who looks at a basket after each mail gets the next one and none twice; who puts something in gets them anew', async () => {
  const shop = await openShop();
  await shop.leaveBasket('ada');
  shop.clock.advance(hour);
  const sent: string[] = [];
  for (let day = 0; day < 5; day += 1) {
    sent.push(...(await done(shop)));
    shop.clock.advance(10 * minute);
    await shop.send('ada', [
      day % 2 === 0 ? view : viewWithList,
      { event: 'Product Viewed', properties: { product_id: 'x' } },
    ]);
    shop.clock.advance(24 * hour);
  }
  expect(sent).toEqual(actingSteps(series.steps).map(({ id }) => id));

  shop.clock.advance(24 * hour);
  await shop.send('ada', [{ event: 'Product Added', properties: { product_id: 'lamp', cart_id: 'c1', price: 20 } }]);
  shop.clock.advance(2 * hour);
  expect(await done(shop)).toEqual(sent.slice(0, 1));
}, 120_000);

test('a mail that was sent when each look at the basket was an occasion of its own is not sent again', async () => {
  const shop = await openShop();
  await shop.leaveBasket('ada');
  shop.clock.advance(minute);
  await shop.send('ada', [view]);
  shop.clock.advance(hour);
  const [found] = await dueIn(shop);
  const name = `c1@${found?.occasion.basket?.lastActivity}`;
  expect([found?.occasion.wasNamed?.(name), found?.occasion.occasion === name]).toEqual([true, false]);
  await noteSent(shop, name, found?.step.id ?? '');
  expect(await dueIn(shop)).toEqual([]);
  shop.clock.advance(24 * hour);
  const [, second] = actingSteps(series.steps);
  expect((await dueIn(shop)).map(({ step }) => step.id)).toEqual([second?.id]);
}, 120_000);

test('a mail about a basket that is being looked at waits, and is not given up', async () => {
  const shop = await openShop();
  const { platform, clock } = shop;
  await shop.leaveBasket('ada');
  clock.advance(hour);
  const [planned] = await dueIn(shop);
  const { occasion, step } = planned ?? expect.fail('it was left');
  const standing = async () => {
    const action = { ...occasion, basket: null } as Pick<Action, 'person' | 'userId' | 'occasion' | 'email'>;
    const scene = await sceneOf(platform, site as Site);
    return (await standStill(platform.warehouse, scene, asked, { planned: [{ action, step }], now: clock.now() }))[0];
  };
  await shop.send('ada', [view]);
  clock.advance(minute);
  expect(await standing()).toEqual({ kind: 'wait' });
  clock.advance(hour);
  expect(await standing()).toEqual({ kind: 'yes' });
  await shop.send('ada', [{ event: 'Product Added', properties: { product_id: 'lamp', cart_id: 'c1', price: 20 } }]);
  clock.advance(minute);
  expect(await standing()).toMatchObject({ kind: 'no' });
}, 120_000);
