import { expect, test } from 'vitest';
import { openShop, site } from '../../test/support/automated-shop.ts';
import { insertLedger } from '../../test/support/ledger.ts';
import { basketRescue } from './ready-made.ts';
import { mountAutomationRoutes } from './routes.ts';
import { sampleAction } from './sample.ts';

test('the ledger of one automation is listed whole, however much others did since', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const now = platform.clock.now();
  const row = (automation: string, number: number) => {
    const { trigger } = basketRescue;
    const who = { id: `${automation}${number}`, email: 'ada@shop.example', now };
    const action = sampleAction({ trigger, automation, stepId: '1' }, site, who);
    return { action, phase: 'sent' as const, sequence: 3, at: now + number };
  };
  await insertLedger(platform.warehouse, [
    ...[0, 1, 2].map((number) => row('quiet', number)),
    ...Array.from({ length: 250 }, (_, number) => row('busy', 10 + number)),
  ]);
  const headers = { authorization: `Bearer ${platform.config.adminToken}` };
  const list = async (query: string) => {
    const answer = await platform.http.app.inject({ url: `/api/sites/shop/actions?${query}`, headers });
    return answer.json<{ actions: { id: string }[]; nextCursor: string | null }>();
  };
  const first = await list('automation=quiet&limit=2');
  expect(first.actions.map(({ id }) => id)).toEqual(['quiet2', 'quiet1']);
  const rest = await list(`automation=quiet&limit=2&cursor=${first.nextCursor}`);
  expect(rest).toMatchObject({ actions: [{ id: 'quiet0' }], nextCursor: null });
  expect((await list('limit=200')).actions.every(({ id }) => id.startsWith('busy'))).toBe(true);
});
