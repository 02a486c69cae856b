import { expect, test } from 'vitest';
import type { FunnelAnswer } from '../../schemas/api/funnels.ts';
import type { SegmentAnswer, SegmentPreview } from '../../schemas/api/segments.ts';
import { adminToken } from '../support/api.ts';
import { createTestProduct, eventually } from '../support/product.ts';
import { createShopper, tent } from '../support/shopper.ts';

type Product = Awaited<ReturnType<typeof createTestProduct>>;

const put = async (product: Product, path: string, version: string, body: object) => {
  const response = await fetch(`${product.base}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', 'if-match': version },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { version: number; code: string } };
};

const buyers = { name: 'Buyers', is: { kind: 'did', event: 'Order Completed', in: { lastDays: 30 } } };

test('a segment is saved, changed by who has read it, listed with its people, and filters a funnel', async () => {
  const product = await createTestProduct();
  const { api } = product;
  const site = await product.createSite();
  await product.createSite('other');
  const shop = { base: product.base, writeKey: site.writeKeys[0] ?? '', now: Date.now };
  const ada = createShopper(shop, 'ada', 'ada@example.com').device('laptop');
  const bob = createShopper(shop, 'bob', 'bob@example.com').device('phone');
  for (const device of [ada, bob]) {
    await device.view(tent);
    await device.signIn();
  }
  await ada.order('o1', 120);
  await product.settled('shop', 5);

  const path = '/api/sites/shop/segments';
  await eventually(async () =>
    expect(await api<SegmentPreview>('POST', `${path}/preview`, { is: buyers.is })).toMatchObject({
      count: 1,
      of: 2,
      persons: [{ userId: 'ada' }],
    }),
  );
  const made = await api<SegmentAnswer>('POST', path, buyers, 201);
  expect(made).toMatchObject({ version: 1, segment: { name: 'Buyers', description: '' } });
  expect(await api('GET', `${path}/${made.id}/persons`)).toMatchObject({
    persons: [{ userId: 'ada' }],
    nextCursor: null,
  });

  const countOf = async (op: 'inSegment' | 'notInSegment'): Promise<number | undefined> => {
    const answer = await api<FunnelAnswer>('POST', '/api/sites/shop/funnels/query', {
      steps: [{ event: 'Product Viewed', where: [{ op, segment: made.id }] }],
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000).toISOString(),
    });
    return answer.steps[0]?.count;
  };
  expect(await countOf('inSegment'), "what ada did before she signed in is a buyer's").toBe(1);
  expect(await countOf('notInSegment')).toBe(1);

  const lookers = { ...buyers, is: { kind: 'did', event: 'Product Viewed' } };
  expect(await put(product, `${path}/${made.id}`, '"1"', lookers)).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await countOf('inSegment'), 'the segment as it is now').toBe(2);
  expect(await put(product, `${path}/${made.id}`, '"1"', buyers)).toMatchObject({
    status: 412,
    body: { code: 'version_changed' },
  });
  const { versions } = await api<{ versions: SegmentAnswer[] }>('GET', `${path}/${made.id}/versions`);
  expect(versions.map(({ version, segment }) => [version, (segment.is as { event?: string }).event])).toEqual([
    [2, 'Product Viewed'],
    [1, 'Order Completed'],
  ]);
});

test('a segment of another site is not found, segments make no circle, and one in use is not deleted', async () => {
  const product = await createTestProduct();
  const { api } = product;
  await product.createSite();
  await product.createSite('other');
  const path = '/api/sites/shop/segments';
  const made = await api<SegmentAnswer>('POST', path, buyers, 201);
  const elsewhere = '/api/sites/other/segments';
  for (const route of [`/${made.id}`, `/${made.id}/persons`, `/${made.id}/versions`])
    await expect(api('GET', `${elsewhere}${route}`)).rejects.toThrow('404');
  const trend = {
    where: [{ op: 'inSegment', segment: made.id }],
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-02T00:00:00Z',
  };
  await api('POST', '/api/sites/shop/trends/query', trend, 200);
  await expect(api('POST', '/api/sites/other/trends/query', trend)).rejects.toThrow(
    `where.0.segment: there is no segment ${made.id}`,
  );

  const outer = await api<SegmentAnswer>(
    'POST',
    path,
    { name: 'Not buyers', is: { kind: 'not', of: [{ kind: 'inSegment', segment: made.id }] } },
    201,
  );
  const circle = { name: 'Buyers', is: { kind: 'inSegment', segment: outer.id } };
  expect(await put(product, `${path}/${made.id}`, '1', circle)).toMatchObject({
    status: 400,
    body: { code: 'bad_request' },
  });
  await expect(api('DELETE', `${path}/${made.id}`)).rejects.toThrow(/409.*Not buyers/);
  await api('DELETE', `${path}/${outer.id}`, undefined, 200);

  const steps = [{ event: 'A', where: [{ op: 'notInSegment', segment: made.id }] }];
  const funnel = await api<{ id: string }>('POST', '/api/sites/shop/funnels', { name: 'F', query: { steps } }, 201);
  await expect(api('DELETE', `${path}/${made.id}`)).rejects.toThrow(/409.*funnel/);
  expect(
    await put(product, `/api/sites/shop/funnels/${funnel.id}`, '7', { name: 'G', query: { steps } }),
  ).toMatchObject({ status: 412 });
  expect(
    await put(product, `/api/sites/shop/funnels/${funnel.id}`, '1', { name: 'G', query: { steps: [{ event: 'A' }] } }),
  ).toMatchObject({ status: 200, body: { version: 2 } });
  const saved = await api<{ versions: { funnel: { name: string } }[] }>(
    'GET',
    `/api/sites/shop/funnels/${funnel.id}/versions`,
  );
  expect(saved.versions.map((version) => version.funnel.name)).toEqual(['G', 'F']);
  await api('DELETE', `${path}/${made.id}`, undefined, 200);
  await expect(api('POST', '/api/sites/shop/trends/query', trend)).rejects.toThrow('404');
});
