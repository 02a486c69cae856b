import { expect, test } from 'vitest';
import { adminToken } from '../../test/support/api.ts';
import { createTestProduct } from '../../test/support/product.ts';

const path = '/api/sites/shop/segments';
const email = { subject: 'Hello', heading: 'Hello', body: 'Hello', button: 'Look', buttonUrl: 'https://shop.example/' };
const mail = { id: 'a', kind: 'email', email };

const openShop = async () => {
  const { api, base, createSite } = await createTestProduct();
  await createSite();
  const save = async (kind: 'segments' | 'funnels' | 'automations', body: object): Promise<string> =>
    (await api<{ id: string }>('POST', `/api/sites/shop/${kind}`, body, 201)).id;
  const refusal = async (id: string): Promise<{ status: number; code?: string; detail?: string }> => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const response = await fetch(`${base}${path}/${id}`, { method: 'DELETE', headers });
    return { ...((await response.json()) as { code?: string; detail?: string }), status: response.status };
  };
  return { api, save, refusal };
};

test('a segment that is named anywhere is not deleted, and the refusal says by what it is used', async () => {
  const { api, save, refusal } = await openShop();
  const segment = await save('segments', { name: 'Buyers', is: { kind: 'did', event: 'Order Completed' } });
  const inIt = { kind: 'inSegment', segment };
  const basket = { kind: 'abandoned-basket' };
  const users = [
    [
      'automations',
      'the automation “Welcome”',
      { name: 'Welcome', trigger: { kind: 'segment', segment }, steps: [mail] },
    ],
    ['automations', 'the automation “Only”', { name: 'Only', trigger: basket, only: inIt, steps: [mail] }],
    [
      'automations',
      'the automation “Branch”',
      { name: 'Branch', trigger: basket, steps: [{ kind: 'branch', if: { kind: 'not', of: [inIt] }, yes: [mail] }] },
    ],
    ['segments', 'the segment “Not buyers”', { name: 'Not buyers', is: { kind: 'not', of: [inIt] } }],
    [
      'funnels',
      'the funnel “Filtered”',
      { name: 'Filtered', query: { steps: [{ event: 'A', where: [{ op: 'notInSegment', segment }] }] } },
    ],
    [
      'funnels',
      'the funnel “Broken down”',
      { name: 'Broken down', query: { steps: [{ event: 'A' }], breakdown: { segments: [{ segment }] } } },
    ],
  ] as const;
  for (const [kind, called, body] of users) {
    const user = await save(kind, body);
    expect(await refusal(segment)).toMatchObject({
      status: 409,
      code: 'in_use',
      detail: `It is used by ${called}: take it out there first.`,
    });
    await api('DELETE', `/api/sites/shop/${kind}/${user}`);
  }
  expect(await refusal(segment), 'nothing names it any more').toEqual({ status: 200, id: segment });
});

test('of many that use it the first are named and the others counted', async () => {
  const { save, refusal } = await openShop();
  const segment = await save('segments', { name: 'Buyers', is: { kind: 'did', event: 'Order Completed' } });
  const query = { steps: [{ event: 'A', where: [{ op: 'inSegment', segment }] }] };
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F', 'G']) await save('funnels', { name, query });
  expect((await refusal(segment)).detail).toMatch(
    /^It is used by (the funnel “[A-G]”, ){4}the funnel “[A-G]” and 2 more: /,
  );
});
