import { expect, test } from 'vitest';
import type { Automation } from '../../schemas/automation.ts';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { aLook, hour, openMailServer, openShop, settle } from '../../test/support/automated-shop.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue } from './ready-made.ts';
import { putContactRules } from './scene.ts';

test('a mail server that is away for an hour loses no mail; afterwards the night and the cap hold, and who has bought meanwhile gets none', async () => {
  const post = await openMailServer();
  const { platform, clock, send, leaveBasket } = await openShop({ smtpUrl: post.url });
  const second: Automation = {
    ...basketRescue,
    name: 'Second',
    priority: 10,
    enabled: true,
    holdoutPercent: 0,
    trigger: { kind: 'event', event: 'Signed Up', where: [], maxAgeSeconds: 86_400 },
    exitOn: [{ event: 'Order Completed', where: [] }],
  };
  await platform.definitions.put('automation', 'shop', 'second', second, { author: 'test' });
  await post.stop();
  for (const user of ['ada', 'bob', 'cleo']) {
    await leaveBasket(user);
    await send(user, [{ event: 'Signed Up' }]);
  }
  clock.advance(hour);
  // Night falls before the hour is over.
  const nightFrom = new Date(clock.now() + hour).getUTCHours();
  const rules = { quietHours: { from: nightFrom, to: (nightFrom + 2) % 24 }, cap: { mails: 1, seconds: 30 * 86_400 } };
  await putContactRules(platform, 'shop', { ...noContactRules, ...rules }, { author: 'test' });
  const performer = await startPerformer(platform);
  const planner = startPlanner(platform);
  // Of both automations, tried and tried again.
  await settle(
    platform,
    Array.from({ length: 6 }, () => 'claimed' as const),
  );
  for (let minutes = 0; minutes < 60; minutes += 15) {
    clock.advance(hour / 4);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await send('bob', [{ event: 'Order Completed', properties: { order_id: 'o1', revenue: 239.8, currency: 'EUR' } }]);
  await post.start();
  clock.advance(hour / 4);
  await aLook(platform);
  expect(post.mails).toEqual([]);
  clock.advance(2 * hour);
  await settle(platform, ['claimed', 'claimed', 'sent', 'sent', 'skipped', 'skipped']);
  clock.advance(hour);
  await aLook(platform);
  await planner.close();
  await performer.close();
  const addressees = post.mails.flatMap(({ to }) => (Array.isArray(to) ? to : [to])).map((to) => to?.text);
  expect(addressees.map((text) => /\w+@/.exec(text ?? '')?.[0]).sort()).toEqual(['ada@', 'cleo@']);
}, 60_000);
