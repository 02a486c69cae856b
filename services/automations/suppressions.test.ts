import { expect, test } from 'vitest';
import type { Suppression } from '../../schemas/api/people.ts';
import { openShop } from '../../test/support/automated-shop.ts';
import { suppress } from '../platform/suppressions.ts';
import { mountAutomationRoutes } from './routes.ts';

test('who must not be written to is listed by pages, found by a part of the address, and taken out whatever the address is like', async () => {
  const { platform, clock } = await openShop();
  mountAutomationRoutes(platform);
  const headers = { authorization: `Bearer ${platform.config.adminToken}` };
  const ask = async (query: string, method: 'GET' | 'DELETE' = 'GET') => {
    const answer = await platform.http.app.inject({ method, url: `/api/sites/shop/suppressions?${query}`, headers });
    return answer.json<{ suppressions: Suppression[]; nextCursor: string | null; code?: string }>();
  };
  const at = clock.now() - 1000;
  // Of the same moment, so that pages end within it.
  const addresses = ['Ada@Example.com', 'bob@example.com', 'cleo@example.org', 'not: an address', 'zoe@example.org'];
  for (const address of addresses)
    await suppress(platform.warehouse, { site: 'shop', address, reason: 'bounce', active: true, at });
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await ask(`limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...page.suppressions.map(({ address }) => address));
    cursor = page.nextCursor;
  }
  expect(found).toEqual(addresses.map((address) => address.toLowerCase()).reverse());
  expect((await ask('search=EXAMPLE.ORG')).suppressions.map(({ address }) => address)).toEqual([
    'zoe@example.org',
    'cleo@example.org',
  ]);
  expect(await ask('cursor=yesterday')).toMatchObject({ code: 'bad_request' });
  await ask(`address=${encodeURIComponent('not: an address')}`, 'DELETE');
  expect((await ask('search=not')).suppressions).toEqual([]);
});
