import { expect, test } from 'vitest';
import { z } from 'zod';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { hour, openMailServer, openShop, settle, site } from '../../test/support/automated-shop.ts';
import { mountLinks } from '../collector/links.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { automationResults } from '../questions/results/results.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { putContactRules } from './scene.ts';

const sendOne = async (openPixel: boolean | null) => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  await mountLinks(platform);
  if (openPixel !== null) await putContactRules(platform, 'shop', { ...noContactRules, openPixel }, { author: 'test' });
  await leaveBasket('ada');
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  await settle(platform, ['sent']);
  await planner.close();
  await performer.close();
  const pixel = /<img src="[^"]*(\/o\/[^"]+)"/.exec(String(post.mails[0]?.html))?.[1] ?? null;
  return { platform, clock, pixel };
};

test('a mail tells that it was opened, once, where the site has said so', async () => {
  const { platform, clock, pixel } = await sendOne(true);
  const { app } = platform.http;
  const shown = await app.inject(pixel ?? '');
  expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, 'image/gif']);
  expect(shown.rawPayload.subarray(0, 6).toString()).toBe('GIF89a');
  await app.inject(pixel ?? '');
  await app.inject((pixel ?? '').replace('.gif', ''));
  const opened = async () =>
    (
      await platform.warehouse.query(
        sql`SELECT user_id AS user, message_id AS id FROM events WHERE event = 'Email Opened'`,
        z.object({ user: z.string(), id: z.string() }),
      )
    ).rows;
  await expect.poll(opened, { timeout: 10_000 }).toHaveLength(1);
  expect(await opened()).toEqual([{ user: 'ada', id: expect.stringMatching(/^email-opened-[a-z0-9]{26}$/) }]);
  const query = { automation: 'basket-rescue', attributionSeconds: 7200 };
  const { mails } = await automationResults(platform.warehouse, site, query, { now: clock.now() + 1000 });
  expect(mails).toMatchObject({ sent: 1, opened: 1, clicked: 0 });
  expect((await app.inject(`${(pixel ?? '').slice(0, -8)}AAAA.gif`)).statusCode, 'not signed by us').toBe(404);
  expect((await app.inject((pixel ?? '').replace('/o/', '/u/'))).statusCode, 'good for nothing else').toBe(404);
});

test('without that, mails hold no such picture', async () => {
  expect((await sendOne(null)).pixel).toBeNull();
});
