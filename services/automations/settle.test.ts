import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type Action, Settlement } from '../../schemas/action.ts';
import type { ActionAnswer } from '../../schemas/api/automations.ts';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { hour, openShop, settle } from '../../test/support/automated-shop.ts';
import { createMailServer } from '../../test/support/mail-server.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { readAction } from './read-action.ts';
import { mountAutomationRoutes } from './routes.ts';
import { putContactRules } from './scene.ts';

/** Ada's mail was handed over, and the mail server hung up without a word. */
const openUncertain = async () => {
  const post = await createMailServer();
  post.state.isSilent = true;
  const shop = await openShop({ smtpUrl: post.url });
  const { platform } = shop;
  mountAutomationRoutes(platform);
  await shop.leaveBasket('ada');
  shop.clock.advance(hour);
  const performer = await startPerformer(platform);
  onTestFinished(() => performer.close(), 20_000);
  const planner = startPlanner(platform);
  onTestFinished(() => planner.close());
  await settle(platform, ['uncertain']);
  const headers = { authorization: `Bearer ${platform.config.adminToken}` };
  const list = await platform.http.app.inject({ url: '/api/sites/shop/actions', headers });
  const { id } = list.json<{ actions: ActionAnswer[] }>().actions[0] ?? expect.fail('it is listed');
  const decide = async (as: string, of = id) => {
    const request = { method: 'POST', url: `/api/sites/shop/actions/${of}/settle`, headers, payload: { as } } as const;
    const { statusCode, body } = await platform.http.app.inject(request);
    return { statusCode, code: (JSON.parse(body) as { code?: string }).code };
  };
  const rows = async () =>
    (
      await platform.warehouse.query(
        sql`SELECT phase, sequence, action FROM ledger FINAL ORDER BY sequence`,
        z.object({ phase: z.string(), sequence: z.number(), action: z.string() }),
      )
    ).rows;
  const phases = async () => (await rows()).map(({ phase }) => phase);
  const told = async () =>
    (
      await platform.warehouse.query(
        sql`SELECT count() AS count FROM events WHERE event = 'Email Sent' AND user_id = 'ada'`,
        z.object({ count: z.coerce.number() }),
      )
    ).rows[0]?.count;
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 2000));
  return { ...shop, post, decide, rows, phases, told, quiet };
};

const begun = ['requested', 'claimed', 'handing-over', 'uncertain'];

test('a mail of which nobody knows is sent again once, however many decide so at once', async () => {
  const { platform, post, decide, phases, told, quiet } = await openUncertain();
  post.state.isSilent = false;
  const answers = await Promise.all([decide('again'), decide('again'), decide('again')]);
  expect(answers.map(({ statusCode }) => statusCode).sort()[0]).toBe(202);
  await settle(platform, ['sent']);
  await expect.poll(told, { timeout: 9000 }).toBe(1);
  await quiet();
  expect(await phases()).toEqual([...begun, 'requested', 'claimed', 'handing-over', 'sent']);
  expect(post.mails).toHaveLength(2);
  expect(await decide('again')).toEqual({ statusCode: 409, code: 'not_uncertain' });
  expect(await decide('sent', 'nobody')).toEqual({ statusCode: 404, code: 'not_found' });
  expect(await decide('perhaps')).toMatchObject({ statusCode: 400 });
}, 60_000);

test('a mail that is to go again is not kept back by its own first try, where one mail is all that a person may get', async () => {
  const { platform, post, decide } = await openUncertain();
  const rules = { ...noContactRules, cap: { mails: 1, seconds: 86_400 } };
  await putContactRules(platform, 'shop', rules, { author: 'test' });
  // Rules are read again within a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  post.state.isSilent = false;
  await decide('again');
  await settle(platform, ['sent']);
  expect(post.mails).toHaveLength(2);
}, 60_000);

test('a mail that somebody knows to have come is noted and told of as sent, and does not go again', async () => {
  const { platform, post, decide, phases, told, quiet } = await openUncertain();
  expect((await decide('sent')).statusCode).toBe(202);
  await settle(platform, ['sent']);
  await expect.poll(told, { timeout: 9000 }).toBe(1);
  await quiet();
  expect([post.mails.length, await phases()]).toEqual([1, [...begun, 'sent']]);
}, 60_000);

test('all rules are asked again: who has ordered meanwhile gets no second mail', async () => {
  const { platform, post, decide, send } = await openUncertain();
  await send('ada', [{ event: 'Order Completed', properties: { order_id: 'o1', revenue: 10, currency: 'EUR' } }]);
  await decide('again');
  await settle(platform, ['skipped']);
  expect(post.mails).toHaveLength(1);
}, 60_000);

test('a decision that comes twice from the log is about the row that it was made of: what became uncertain again waits for another', async () => {
  const { platform, post, decide, rows, phases, quiet } = await openUncertain();
  const [{ sequence, action: text } = expect.fail('it is uncertain')] = (await rows()).slice(-1);
  const action: Action = readAction(text) ?? expect.fail('it can be read');
  await decide('again');
  const twice = [...begun, 'requested', 'claimed', 'handing-over', 'uncertain'];
  await expect.poll(phases, { timeout: 15_000 }).toEqual(twice);
  const stale = Settlement.parse({ v: 1, kind: 'settlement', as: 'again', sequence, action });
  const value = Buffer.from(JSON.stringify(stale));
  await platform.log.append('actions', [{ key: 'shop/ada', label: 'shop', count: 1, value }]);
  await expect.poll(() => platform.log.lag('actions', 'performer')).toBe(0);
  await quiet();
  expect([await phases(), post.mails.length]).toEqual([twice, 2]);
  await decide('sent');
  await settle(platform, ['sent']);
  expect(post.mails).toHaveLength(2);
}, 60_000);
