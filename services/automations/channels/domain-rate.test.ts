import { expect, test } from 'vitest';
import { noContactRules } from '../../../schemas/contact-rules.ts';
import { hour, openMailServer, openShop, settle } from '../../../test/support/automated-shop.ts';
import { startPerformer } from '../performer.ts';
import { startPlanner } from '../planner.ts';
import { putContactRules } from '../scene.ts';
import { createDomainRate } from './domain-rate.ts';

test('within any minute a domain gets so many mails, whoever they are for; each site and domain by itself', () => {
  const time = { now: 0 };
  const rate = createDomainRate(() => time.now);
  const at = (now: number, address: string, site = 'shop'): boolean => {
    time.now = now;
    return rate.take(site, address, 2);
  };
  expect([at(0, 'ada@big.example'), at(30_000, 'bob@BIG.example'), at(59_000, 'eve@big.example')]).toEqual([
    true,
    true,
    false,
  ]);
  expect([at(59_000, 'ada@small.example'), at(59_000, 'ada@big.example', 'other')]).toEqual([true, true]);
  expect([at(60_000, 'eve@big.example'), at(61_000, 'ann@big.example'), at(90_000, 'ann@big.example')]).toEqual([
    true,
    false,
    true,
  ]);
  expect(rate.take('shop', 'ann@big.example', null), 'no rule').toBe(true);
});

test('mails beyond the minute of their domain wait for the next one, and hold up no other domain', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  await putContactRules(platform, 'shop', { ...noContactRules, mailsPerDomainMinute: 2 }, { author: 'test' });
  for (const user of ['ada', 'bob', 'eve']) await leaveBasket(user, `${user}@big.example`);
  await leaveBasket('ann', 'ann@small.example');
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  const domains = () => post.mails.map(({ to }) => JSON.stringify(to).replace(/.*@(\w+)\.example.*/, '$1')).sort();
  await settle(platform, ['requested', 'sent', 'sent', 'sent']);
  expect(domains()).toEqual(['big', 'big', 'small']);
  clock.advance(61_000);
  await settle(platform, ['sent', 'sent', 'sent', 'sent']);
  await planner.close();
  await performer.close();
  expect(domains()).toEqual(['big', 'big', 'big', 'small']);
});
