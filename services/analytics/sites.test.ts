import { expect, test } from 'vitest';
import type { SiteAnswer } from '../../schemas/site.ts';
import { adminToken } from '../../test/support/api.ts';
import { createTestProduct } from '../../test/support/product.ts';

test('a site is changed by what is named; the rest of it stays, its keys are good, and nobody changes over another', async () => {
  const { api, base, createSite } = await createTestProduct();
  const made = await createSite();
  const patch = async (body: object, ifMatch?: number) => {
    const response = await fetch(`${base}/api/sites/shop`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${adminToken}`,
        'content-type': 'application/json',
        ...(ifMatch === undefined ? {} : { 'if-match': String(ifMatch) }),
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as SiteAnswer & { errors?: { path: string }[] };
    return { ...answer, status: response.status };
  };
  expect(await patch({ holdoutPercent: 5 })).toEqual({
    ...made,
    status: 200,
    version: 2,
    secretKeys: [],
    holdoutPercent: 5,
  });
  expect(await patch({ name: 'Tents', timeZone: 'Europe/Berlin' }, 2)).toMatchObject({
    version: 3,
    name: 'Tents',
    holdoutPercent: 5,
  });
  expect(await patch({ holdoutPercent: 0 }, 2)).toMatchObject({ status: 412, code: 'version_changed' });
  expect(await api<SiteAnswer>('GET', '/api/sites/shop')).toMatchObject({ version: 3, holdoutPercent: 5 });

  const tracked = await fetch(`${base}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${made.secretKeys[0]}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch: [{ type: 'track', event: 'A', userId: 'ada', messageId: 'm1' }] }),
  });
  expect(tracked.status).toBe(200);

  expect(await patch({ holdoutPercent: 91 })).toMatchObject({ status: 400, errors: [{ path: 'holdoutPercent' }] });
  expect(await patch({ currency: 'USD' }), 'what was counted stays comparable').toMatchObject({ status: 400 });
  await api('PATCH', '/api/sites/other', { holdoutPercent: 5 }, 404);
}, 60_000);
