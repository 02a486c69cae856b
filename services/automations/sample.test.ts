import { expect, test } from 'vitest';
import { z } from 'zod';
import { openMailServer, openShop } from '../../test/support/automated-shop.ts';
import { mountLinks } from '../collector/links.ts';
import type { Platform } from '../platform/platform.ts';
import { suppress } from '../platform/suppressions.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { readyMadeAutomations } from './ready-made.ts';
import { mountAutomationRoutes } from './routes.ts';

const post = async ({ http, config }: Platform, path: string, body: object) => {
  const headers = { authorization: `Bearer ${config.adminToken}` };
  const answer = await http.app.inject({ method: 'POST', url: `/api/sites/shop/${path}`, headers, payload: body });
  return { status: answer.statusCode, body: answer.json() };
};

const Count = z.object({ count: z.coerce.number() });
const countOf = async ({ warehouse }: Platform, table: 'ledger' | 'discounts'): Promise<number | undefined> => {
  const rows =
    table === 'ledger' ? sql`SELECT count() AS count FROM ledger` : sql`SELECT count() AS count FROM discounts`;
  return (await warehouse.query(rows, Count)).rows[0]?.count;
};

test('a test mail arrives marked as one, with a sample basket, and nothing is left behind by it', async () => {
  const server = await openMailServer();
  const { platform } = await openShop({ smtpUrl: server.url });
  mountAutomationRoutes(platform);
  await mountLinks(platform);
  const sent = await post(platform, 'automations/basket-rescue/test', { address: 'me@shop.example' });
  expect(sent).toMatchObject({ status: 200, body: { step: '1', outcome: 'accepted' } });
  const [mail] = server.mails;
  expect(mail?.to).toMatchObject({ value: [{ address: 'me@shop.example' }] });
  expect(mail?.subject).toBe('[Test] Alex, your basket is still here');
  expect(mail?.text).toMatch(/2 × Sample product {2}€49\.90.*In your basket: €119\.80/s);
  const code = /only for you: (\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
  const headers = { authorization: `Bearer ${platform.config.adminToken}` };
  const look = await platform.http.app.inject({ url: `/api/sites/shop/discounts/${code}`, headers });
  expect([code, look.statusCode]).toEqual(['SAVE-SAMPL-ECODE', 404]);
  expect(mail?.html, 'links are not ours: a click is no event').not.toContain('/c/');
  const out = await platform.http.app.inject({ method: 'POST', url: '/u/sample' });
  expect(out.body).toContain('This was a test');
  expect([await countOf(platform, 'ledger'), await countOf(platform, 'discounts')]).toEqual([0, 0]);
  expect([await platform.log.lag('actions', 'nobody'), await platform.log.lag('events', 'nobody')]).toEqual([0, 0]);
});

test('a test mail does not go to an address that must not be written to, nor of a step that is none', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const note = { site: 'shop', address: 'gone@shop.example', reason: 'bounce', active: true, at: platform.clock.now() };
  await suppress(platform.warehouse, note);
  const refused = await post(platform, 'automations/basket-rescue/test', { address: 'Gone@shop.example' });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'address' }] } });
  const none = await post(platform, 'automations/basket-rescue/render', { step: 'nine' });
  expect(none).toMatchObject({ status: 400, body: { errors: [{ path: 'step' }] } });
  expect(none.body.detail).toContain('there are: 1');
  expect((await post(platform, 'automations/none/render', {})).status).toBe(404);
  expect(await platform.outbox?.list('shop', 10)).toEqual([]);
});

test('each of the mails that are tried against each other can be drawn and sent as a test', async () => {
  const server = await openMailServer();
  const { platform } = await openShop({ smtpUrl: server.url });
  mountAutomationRoutes(platform);
  const ready = readyMadeAutomations.get('basket-rescue');
  const [step] = ready?.steps ?? [];
  if (step?.kind !== 'email') throw new Error('the first step is a mail');
  const other = { ...step.email, subject: 'The other subject' };
  const automation = {
    ...ready,
    from: { name: 'Ada', address: 'ada@shop.example' },
    steps: [{ ...step, variants: [other] }],
  };
  await platform.definitions.put('automation', 'shop', 'tried', automation, { author: 'test' });
  const drawn = await post(platform, 'automations/tried/render', { variant: 1 });
  expect(drawn.body).toMatchObject({ variant: 1, subject: 'The other subject' });
  await post(platform, 'automations/tried/test', { address: 'me@shop.example', variant: 1 });
  expect(server.mails[0]?.subject).toBe('[Test] The other subject');
  expect(server.mails[0]?.from?.value).toEqual([{ name: 'Ada', address: 'ada@shop.example' }]);
  const none = await post(platform, 'automations/tried/render', { variant: 2 });
  expect(none).toMatchObject({ status: 400, body: { errors: [{ path: 'variant' }] } });
});

test('every mail of the ready-made automations can be drawn', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  for (const [id, automation] of readyMadeAutomations) {
    await platform.definitions.put('automation', 'shop', id, automation, { author: 'test' });
    const mails = automation.steps.flatMap((step) => (step.kind === 'email' ? [step.id] : []));
    for (const step of mails) {
      const { status, body } = await post(platform, `automations/${id}/render`, { step });
      expect([id, step, status]).toEqual([id, step, 200]);
      expect(body).toMatchObject({ step, html: expect.stringContaining('<!doctype html>') });
      expect(`${body.subject} ${body.text}`).not.toMatch(/\{\{|\{%|undefined|null/);
    }
  }
});

test('a template that breaks is told by its part and line', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const [step] = readyMadeAutomations.get('basket-rescue')?.steps ?? [];
  if (step?.kind !== 'email') throw new Error('the first step is a mail');
  const broken = { ...step, email: { ...step.email, body: 'Hello\n\n{{ person.firstName | shout }}' } };
  const automation = { ...readyMadeAutomations.get('basket-rescue'), steps: [broken] };
  await platform.definitions.put('automation', 'shop', 'broken', automation, { author: 'test' });
  const { status, body } = await post(platform, 'automations/broken/render', {});
  expect(status).toBe(400);
  expect(body.detail).toMatch(/^body: .*shout.*line:3/);
  expect(body.errors).toMatchObject([{ path: 'body' }]);
});
