import { expect, test } from 'vitest';
import type { AutomationAnswer } from '../../schemas/api/automations.ts';
import { openShop } from '../../test/support/automated-shop.ts';
import { basketRescue } from './ready-made.ts';
import { mountAutomationRoutes } from './routes.ts';

test('every version of an automation is listed, newest first, and an older one can be put back as the next', async () => {
  const { platform } = await openShop();
  mountAutomationRoutes(platform);
  const authorization = `Bearer ${platform.config.adminToken}`;
  const call = async (method: 'GET' | 'PUT', path: string, payload?: object, ifMatch = '') => {
    const headers = { authorization, ...(ifMatch === '' ? {} : { 'if-match': ifMatch }) };
    const url = `/api/sites/shop/automations/${path}`;
    const answer = await platform.http.app.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, ...answer.json<{ versions: AutomationAnswer[] }>() };
  };
  await call('PUT', 'basket-rescue', { ...basketRescue, name: 'Renamed' }, '1');
  const { versions } = await call('GET', 'basket-rescue/versions');
  expect(versions.map(({ version, automation }) => [version, automation.name])).toEqual([
    [2, 'Renamed'],
    [1, basketRescue.name],
  ]);
  const [, first] = versions;
  expect((await call('PUT', 'basket-rescue', first?.automation, '1')).status).toBe(412);
  expect((await call('PUT', 'basket-rescue', first?.automation, '2')).status).toBe(200);
  const now = await call('GET', 'basket-rescue/versions');
  expect(now.versions.map(({ version }) => version)).toEqual([3, 2, 1]);
  expect(now.versions[0]?.automation).toEqual(first?.automation);
  expect((await call('GET', 'nothing/versions')).status).toBe(404);
});
