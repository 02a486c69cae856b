import { expect, test } from 'vitest';
import { Automation } from '../../schemas/automation.ts';
import { hour, openMailServer, openShop, settle } from '../../test/support/automated-shop.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue } from './ready-made.ts';
import { mountAutomationRoutes } from './routes.ts';

/** Automations that are being written and are not saved: asked about as if they were. */

const rescue: Automation = { ...basketRescue, holdoutPercent: 0 };
const welcome = Automation.parse({
  name: 'Welcome',
  trigger: { kind: 'event', event: 'Signed Up' },
  steps: [{ id: 'tell', kind: 'webhook', url: 'https://a.example/' }],
});
const goldOnly: Automation = {
  ...rescue,
  only: { kind: 'is', where: [{ property: 'traits.plan', op: 'eq', value: 'gold' }] },
};

/** Ada left a basket an hour ago, Bob has signed up. */
const openAsked = async (more: Parameters<typeof openShop>[0] = {}) => {
  const shop = await openShop(more);
  mountAutomationRoutes(shop.platform);
  const signUp = { type: 'identify', traits: { email: 'bob@example.com', plan: 'gold' } };
  await shop.leaveBasket('ada');
  await shop.send('bob', [signUp, { event: 'Signed Up' }]);
  shop.clock.advance(hour + 1000);
  const { app } = shop.platform.http;
  const headers = { authorization: `Bearer ${shop.platform.config.adminToken}` };
  const post = async (id: string, what: 'preview' | 'replay', body?: object) => {
    const url = `/api/sites/shop/automations/${id}/${what}`;
    const answer = await app.inject({ method: 'POST', url, headers, ...(body === undefined ? {} : { payload: body }) });
    return { status: answer.statusCode, ...answer.json() };
  };
  const preview = async (id: string, automation?: unknown): Promise<string[]> => {
    const { due, heldBack } = await post(id, 'preview', automation === undefined ? undefined : { automation });
    return [
      ...due.map(({ userId, step }: Record<string, string>) => `${userId} ${step}`),
      ...heldBack.map(({ userId, reason }: Record<string, string>) => `${userId} ${reason}`),
    ];
  };
  return { ...shop, post, preview };
};

test('who would get what is not saved yet is told as of what is saved, which stays as it is', async () => {
  const { platform, post, preview } = await openAsked();
  const { definitions } = platform;
  expect(await preview('basket-rescue')).toEqual(['ada 1']);
  expect(await preview('basket-rescue', rescue)).toEqual(['ada 1']);
  expect(await preview('basket-rescue', goldOnly)).toEqual(['ada not-in']);
  expect(await preview('basket-rescue', welcome)).toEqual(['bob tell']);
  expect((await definitions.get('automation', 'shop', 'basket-rescue', Automation))?.version).toBe(1);

  const replayed = async (body: object) => {
    const { messages, persons } = await post('basket-rescue', 'replay', { days: 1, ...body });
    return { messages, persons };
  };
  expect(await replayed({})).toEqual({ messages: 1, persons: 1 });
  expect(await replayed({ automation: goldOnly })).toEqual({ messages: 0, persons: 0 });
  expect(await replayed({ automation: welcome })).toEqual({ messages: 1, persons: 1 });
}, 60_000);

test('a draft goes by the ledger of its id; under an id of none nobody got anything', async () => {
  const mails = await openMailServer();
  const greeting = { ...rescue, trigger: welcome.trigger };
  const { platform, post, preview } = await openAsked({ smtpUrl: mails.url, automation: { trigger: welcome.trigger } });
  const [performer, planner] = [await startPerformer(platform), startPlanner(platform)];
  await settle(platform, ['sent']);
  await planner.close();
  await performer.close();
  expect(await preview('basket-rescue', { ...greeting, name: 'Another name' })).toEqual(['bob already-planned']);
  expect(await preview('of-none', greeting)).toEqual(['bob 1']);
  expect(await post('of-none', 'preview')).toMatchObject({ status: 404, code: 'not_found' });
  expect(await post('of-none', 'replay', { days: 1 })).toMatchObject({ status: 404, code: 'not_found' });
}, 60_000);

test('a draft that could not be saved is refused by its fields', async () => {
  const { post } = await openAsked();
  const refusal = async (what: 'preview' | 'replay', automation: object) => {
    const { status, errors } = await post('basket-rescue', what, { automation });
    return { status, paths: errors.map(({ path }: { path: string }) => path) };
  };
  const noWait = { ...rescue, name: '', steps: [{ kind: 'wait', seconds: 0 }, ...rescue.steps] };
  const noPattern = { ...rescue, exitOn: [{ event: 'A', where: [{ property: 'x', op: 'matches', value: '(' }] }] };
  for (const what of ['preview', 'replay'] as const) {
    expect(await refusal(what, noWait)).toEqual({
      status: 400,
      paths: ['automation.name', 'automation.steps.0.seconds'],
    });
    expect(await refusal(what, noPattern)).toEqual({ status: 400, paths: ['automation.exitOn.0.where.0.value'] });
  }
}, 60_000);
