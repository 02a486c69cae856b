import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Action } from '../../../schemas/action.ts';
import type { Discount, Step } from '../../../schemas/automation.ts';
import { hour, openMailServer, openShop, settle } from '../../../test/support/automated-shop.ts';
import type { Platform } from '../../platform/platform.ts';
import { createTokens } from '../../platform/tokens.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { createDiscounts } from '../discounts.ts';
import { startPerformer } from '../performer.ts';
import { startPlanner } from '../planner.ts';
import { basketRescue } from '../ready-made.ts';
import { mountAutomationRoutes } from '../routes.ts';
import { sampleAction } from '../sample.ts';
import { readCodes } from './pools.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const api = ({ http, config }: Platform) => {
  const headers = { authorization: `Bearer ${config.adminToken}` };
  return async (method: Method, path: string, body?: object) => {
    const url = `/api/sites/shop/${path}`;
    const answer = await http.app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
    return { status: answer.statusCode, body: answer.json() };
  };
};

/** A pool by the API, with these codes in it. */
const openPool = async (platform: Platform, codes: readonly string[]): Promise<string> => {
  const ask = api(platform);
  const made = await ask('POST', 'discount-pools', { name: 'Spring' });
  expect(made.status).toBe(201);
  const { id } = z.object({ id: z.string() }).parse(made.body);
  if (codes.length > 0) await ask('POST', `discount-pools/${id}/codes`, { codes: codes.join('\n') });
  return id;
};

const fromPool = (pool: string): Discount => ({
  kind: 'amount',
  amount: '5.00',
  currency: 'EUR',
  minimumOrder: { amount: '50.00', currency: 'EUR' },
  validSeconds: 3600,
  pool,
});
const withPool = (pool: string): Step[] =>
  basketRescue.steps.map((step) => (step.kind === 'email' ? { ...step, discount: fromPool(pool) } : step));

test('codes are uploaded as lines or CSV: what was added, what the site had, and which lines hold none', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const ask = api(platform);
  const id = await openPool(platform, []);
  const add = async (codes: string) => (await ask('POST', `discount-pools/${id}/codes`, { codes })).body;
  expect(
    await add('code,note\r\nSpring-1,first\r\n"spring-2",second\r\nSPRING-1,again\r\n\r\nwith blank,x\r\nümlaut\r\n'),
  ).toEqual({
    added: 2,
    known: 1,
    refused: [6, 7].map((line) => ({ line, reason: expect.stringContaining('without blanks') })),
  });
  expect(await add('SPRING-2\nspring-3'), 'sent again, nothing is added twice').toMatchObject({ added: 1, known: 1 });
  const other = await openPool(platform, ['spring-3', 'summer-1']);
  const { pools } = (await ask('GET', 'discount-pools')).body;
  expect(pools).toEqual([expect.objectContaining({ name: 'Spring' }), expect.objectContaining({ name: 'Spring' })]);
  const sizes = new Map(
    pools.map((pool: { id: string; codes: number; left: number }) => [pool.id, [pool.codes, pool.left]]),
  );
  expect([sizes.get(id), sizes.get(other)], 'a code is in one pool').toEqual([
    [3, 3],
    [1, 1],
  ]);
  expect((await ask('POST', 'discount-pools/none/codes', { codes: 'a' })).status).toBe(404);
});

test('the first column of a line is the code, however files are written', () => {
  const { codes, repeated, refused } = readCodes('\uFEFFCoupon Codes\n a-1 ;x\n"B,2"\nb\t3\n"open\n\n');
  expect([...codes], 'a comma within quotes is of the code').toEqual([
    ['A-1', 'a-1'],
    ['B,2', 'B,2'],
    ['B', 'b'],
  ]);
  expect([repeated, refused.map(({ line }) => line)]).toEqual([0, [5]]);
});

test('an automation takes codes from a pool that there is, and such a pool is not deleted', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const ask = api(platform);
  const id = await openPool(platform, ['a']);
  const branch = { kind: 'branch', if: { kind: 'inSegment', segment: 's' }, yes: withPool('none'), no: [] };
  const refused = await ask('POST', 'automations', { ...basketRescue, steps: [branch] });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'steps.0.yes.0.discount.pool' }] } });
  const made = await ask('POST', 'automations', { ...basketRescue, name: 'With codes', steps: withPool(id) });
  expect(made.status).toBe(201);
  const kept = await ask('DELETE', `discount-pools/${id}`);
  expect([kept.status, kept.body.detail]).toEqual([409, expect.stringContaining('“With codes”')]);
  await ask('DELETE', `automations/${made.body.id}`);
  expect((await ask('DELETE', `discount-pools/${id}`)).status).toBe(200);
  expect((await ask('GET', 'discount-pools')).body).toEqual({ pools: [] });
});

test('a mail has a code of the pool, as it was uploaded; one for whom none is left waits until there are more', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  mountAutomationRoutes(platform);
  const ask = api(platform);
  const id = await openPool(platform, ['Spring-One']);
  const rescue = { ...basketRescue, enabled: true, holdoutPercent: 0, steps: withPool(id) };
  await platform.definitions.put('automation', 'shop', 'basket-rescue', rescue, { author: 'test' });
  for (const user of ['ada', 'bob']) await leaveBasket(user);
  clock.advance(hour);
  const performer = await startPerformer(platform);
  const planner = startPlanner(platform);
  const reasons = async () => {
    const { actions } = (await ask('GET', 'actions')).body;
    return actions.map(({ phase, reason }: { phase: string; reason: string }) => `${phase} ${reason}`).sort();
  };
  await expect
    .poll(reasons, { timeout: 20_000 })
    .toEqual(['claimed waits for codes: its pool has none left', expect.stringMatching(/^sent/)]);
  expect(post.mails[0]?.text).toContain('€5.00 off, only for you: Spring-One');
  expect(post.mails[0]?.text).toContain('Good for one order of €50.00 or more until');
  expect((await ask('GET', 'discount-pools')).body.pools).toEqual([{ id, name: 'Spring', codes: 1, left: 0 }]);

  await ask('POST', `discount-pools/${id}/codes`, { codes: 'Spring-Two' });
  clock.advance(20_000);
  await settle(platform, ['sent', 'sent']);
  await planner.close();
  await performer.close();
  expect(post.mails).toHaveLength(2);
  expect(post.mails[1]?.text).toContain('Spring-Two');
  const look = await ask('GET', 'discounts/SPRING-one');
  expect(look.body).toMatchObject({
    code: 'Spring-One',
    kind: 'amount',
    percent: null,
    amount: { amount: '5.00', currency: 'EUR' },
    minimumOrder: { amount: '50.00', currency: 'EUR' },
    redeemable: true,
  });
}, 60_000);

test('of as many codes as actions each action gets one, on two machines at once, and the same again', async () => {
  const { platform, clock } = await openShop();
  mountAutomationRoutes(platform);
  const count = 60;
  const codes = Array.from({ length: count }, (_, index) => `code-${index}`);
  const id = await openPool(platform, codes);
  const { document: site } = (await platform.definitions.get('site', '', 'shop', z.any())) ?? expect.fail('no site');
  const actions = Array.from(
    { length: count },
    (_, index): Action =>
      sampleAction(
        { trigger: { kind: 'abandoned-basket', idleSeconds: 60, maxAgeSeconds: 60 }, automation: 'a', stepId: '1' },
        site,
        { id: `action-${index}`, email: 'a@b.c', now: clock.now() },
      ),
  );
  const machine = () =>
    createDiscounts({ warehouse: platform.warehouse, tokens: createTokens('of tests', clock), now: Date.now });
  const insist = async (discounts: ReturnType<typeof machine>, action: Action): Promise<string> => {
    for (;;) {
      const issued = await discounts.issue(action, fromPool(id));
      // Between two machines some codes are given up by both, and are there again a second later.
      if (issued !== null) return issued.code;
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
  };
  const [one, other] = [machine(), machine()];
  const got = await Promise.all(actions.map((action, index) => insist(index % 2 === 0 ? one : other, action)));
  expect(got.toSorted(), 'each code once').toEqual(codes.toSorted());
  // Another machine goes on after both were killed.
  const third = machine();
  expect(await Promise.all(actions.map((action) => insist(third, action)))).toEqual(got);
  const late = { ...(actions[0] ?? expect.fail('none')), id: randomUUID() };
  expect(await third.issue(late, fromPool(id)), 'none is left').toBeNull();
}, 60_000);

test('who was killed between claiming a code and noting it goes on with that code', async () => {
  const { platform, clock } = await openShop();
  mountAutomationRoutes(platform);
  const id = await openPool(platform, ['only']);
  const { document: site } = (await platform.definitions.get('site', '', 'shop', z.any())) ?? expect.fail('no site');
  const about = {
    trigger: { kind: 'browsed' as const, idleSeconds: 60, maxAgeSeconds: 60 },
    automation: 'a',
    stepId: '1',
  };
  const action = sampleAction(about, site, { id: 'killed', email: 'a@b.c', now: clock.now() });
  const tokens = createTokens('of tests', clock);
  const dying = {
    ...platform.warehouse,
    insert: async (...rows: Parameters<typeof platform.warehouse.insert>) => {
      if (rows[0] === 'discounts') throw new Error('killed');
      await platform.warehouse.insert(...rows);
    },
  };
  await expect(
    createDiscounts({ warehouse: dying, tokens, now: Date.now }).issue(action, fromPool(id)),
  ).rejects.toThrow('killed');
  const after = createDiscounts({ warehouse: platform.warehouse, tokens, now: Date.now });
  expect(await after.issue({ ...action, id: 'another' }, fromPool(id)), 'it is not anybody else’s').toBeNull();
  expect(await after.issue(action, fromPool(id))).toMatchObject({ code: 'only' });
  const { rows } = await platform.warehouse.query(
    sql`SELECT count() AS count FROM discounts`,
    z.object({ count: z.coerce.number() }),
  );
  expect(rows).toEqual([{ count: 1 }]);
});
