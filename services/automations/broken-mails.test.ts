import { expect, test } from 'vitest';
import { z } from 'zod';
import type { EmailTemplate, Step } from '../../schemas/automation.ts';
import { hour, openShop, settle } from '../../test/support/automated-shop.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue } from './ready-made.ts';
import { mountAutomationRoutes } from './routes.ts';

const [first] = basketRescue.steps;
if (first?.kind !== 'email') throw new Error('the first step is a mail');
const mail = (id: string, more: Partial<EmailTemplate> = {}) => ({
  ...first,
  id,
  email: { ...first.email, ...more },
});

test('a mail that breaks is refused when it is written, wherever it stands', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const write = async (method: 'POST' | 'PUT', url: string, automation: object) => {
    const headers = { authorization: `Bearer ${platform.config.adminToken}` };
    const answer = await platform.http.app.inject({ method, url, headers, payload: automation });
    return { status: answer.statusCode, body: answer.json() };
  };
  const unclosed = { body: '{% if person.firstName %}Hello' };
  const steps: Step[] = [
    mail('whole'),
    mail('first', unclosed),
    {
      kind: 'branch',
      if: { kind: 'did', event: 'Order Completed', where: [] } as never,
      yes: [{ ...mail('second'), variants: [first.email, { ...first.email, subject: '{{ shop.name | shout }}' }] }],
      no: [{ kind: 'wait', seconds: 60 }, mail('third', { body: 'Hello\n\n{{ person.firstName | shout }}' })],
    },
  ];
  const broken = { ...basketRescue, enabled: true, steps };
  const created = await write('POST', '/api/sites/shop/automations', broken);
  expect([created.status, created.body.detail]).toEqual([400, expect.stringMatching(/^steps\.1\.email\.body: /)]);
  expect(created.body.errors).toMatchObject([
    { path: 'steps.1.email.body', message: expect.stringContaining('line:1') },
    { path: 'steps.2.yes.0.variants.1.subject', message: expect.stringContaining('shout') },
    { path: 'steps.2.no.1.email.body', message: expect.stringContaining('line:3') },
  ]);
  const put = await write('PUT', '/api/sites/shop/automations/basket-rescue', broken);
  expect([put.status, put.body.errors.length]).toEqual([400, 3]);
  const whole = { ...broken, steps: [mail('whole')] };
  expect((await write('PUT', '/api/sites/shop/automations/basket-rescue', whole)).status).toBe(200);
});

test('an automation whose mail breaks all the same can be switched off, and not on again before it is mended', async () => {
  const automation = { steps: [mail('first', { body: '{{ person.firstName | shout }}' })] };
  const { platform } = await openShop({ automation });
  mountAutomationRoutes(platform);
  const write = async (enabled: boolean): Promise<number> => {
    const headers = { authorization: `Bearer ${platform.config.adminToken}` };
    const payload = { ...basketRescue, ...automation, enabled };
    const url = '/api/sites/shop/automations/basket-rescue';
    return (await platform.http.app.inject({ method: 'PUT', url, headers, payload })).statusCode;
  };
  expect([await write(true), await write(false), await write(true)]).toEqual([400, 200, 400]);
});

test('a mail that cannot be written takes no code with it, and its person does not count as written to', async () => {
  const { platform, clock, leaveBasket } = await openShop({
    automation: { steps: [mail('1', { body: '{{ person.firstName | shout }}' })] },
  });
  await leaveBasket('ada');
  clock.advance(hour);
  const performer = await startPerformer(platform);
  const planner = startPlanner(platform);
  await settle(platform, ['failed']);
  await planner.close();
  await performer.close();
  const Count = z.object({ codes: z.coerce.number(), claims: z.coerce.number() });
  const { rows } = await platform.warehouse.query(
    sql`
      SELECT
        (SELECT count() FROM discounts) AS codes,
        (SELECT count() FROM ledger WHERE phase = 'claimed') AS claims`,
    Count,
  );
  expect(rows).toEqual([{ codes: 0, claims: 0 }]);
});
