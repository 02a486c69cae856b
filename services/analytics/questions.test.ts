import { expect, test, vi } from 'vitest';
import type { RunningAnswer } from '../../schemas/api/running.ts';
import { adminToken } from '../../test/support/api.ts';
import { createTestProduct } from '../../test/support/product.ts';
import { sql } from '../platform/warehouse/sql.ts';

const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
const range = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };

test('an answer says whether it was kept and how old it is; a caller who hangs up stops the engine, and others see how far it is', async () => {
  const { base, createSite, platform, api } = await createTestProduct();
  await createSite();
  await createSite('other');
  await platform.warehouse.command(sql`
    INSERT INTO events (site, timestamp, event, type, message_id, user_id, properties)
    SELECT
      'shop', toDateTime64('2026-10-01 00:00:00', 3, 'UTC') + toIntervalSecond(number), 'Page Viewed', 'track', toString(number), toString(number),
      concat('{"words":"', repeat('lorem ipsum ', 60), '"}')
    FROM numbers(200000)`);
  const ask = (body: object, signal: AbortSignal | null = null) =>
    fetch(`${base}/api/sites/shop/trends/query`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...range, ...body }),
      signal,
    });

  const first = await ask({});
  expect(first.headers.get('cache-status')).toBe('desirepath; fwd=uri-miss');
  const again = await ask({});
  expect(again.headers.get('cache-status')).toBe('desirepath; hit');
  expect(Number(again.headers.get('age'))).toBeGreaterThanOrEqual(0);
  const [before, after] = [await first.json(), await again.json()] as {
    total: number;
    points: object[];
    rowsRead: number;
  }[];
  expect(after).toMatchObject({ total: 200_000, points: before?.points, rowsRead: 0 });

  // Twenty patterns over each event's JSON: far longer than the test waits.
  const patterns = Array.from({ length: 20 }, (_, number) => ({
    property: 'words',
    op: 'matches',
    value: `(l.*o.*r.*e.*m|i.*p.*s.*u.*m).*${number}?$`,
  }));
  const caller = new AbortController();
  const long = ask({ where: patterns }, caller.signal).then(
    ({ status }) => status,
    () => 'hung up',
  );
  const running = (site = 'shop') => api<RunningAnswer>('GET', `/api/sites/${site}/queries`);
  await vi.waitFor(
    async () => {
      const { queries } = await running();
      expect(queries[0]).toMatchObject({ question: 'trend', rowsTotal: expect.any(Number) });
      expect(queries[0]?.rowsRead).toBeGreaterThan(0);
    },
    { timeout: 10_000 },
  );
  expect((await running('other')).queries, 'a site sees its own').toEqual([]);
  caller.abort();
  expect(await long).toBe('hung up');
  await vi.waitFor(async () => expect((await running()).queries).toEqual([]), { timeout: 20_000 });
});

test('a pattern that is none is refused by its field before it is saved, and where it is asked', async () => {
  const { createSite, platform, api } = await createTestProduct();
  await createSite();
  await platform.warehouse.command(sql`
    INSERT INTO events (site, timestamp, event, type, message_id, user_id)
    VALUES ('shop', '2026-10-05 10:00:00.000', 'A', 'track', 'm', 'ada')`);
  const where = [{ property: 'words', op: 'matches', value: '(' }];
  const refused = (path: string, body: object, method: 'POST' | 'PUT' = 'POST') =>
    api<{ code: string; detail: string; errors: { path: string }[] }>(method, `/api/sites/shop/${path}`, body, 400);
  const reason = 'matches: expected a regular expression as RE2 reads it, got one of which it says: missing ): (';

  for (const path of ['trends/query', 'paths/query', 'retention/query'])
    expect(await refused(path, { ...range, where }), path).toMatchObject({ code: 'bad_request', detail: reason });

  const email = { subject: 'Hi', heading: 'Hi', body: 'Hi', button: 'Look', buttonUrl: 'https://shop.example/' };
  const did = { kind: 'did', event: 'A' };
  const step = { event: 'A' };
  const automation = {
    name: 'News',
    trigger: { kind: 'abandoned-basket' },
    only: did,
    steps: [{ id: 'a', kind: 'email', email }],
  };
  const documents = [
    ['segments', { name: 'S', is: did }, { name: 'S', is: { ...did, where } }, 'is.where.0.value'],
    [
      'funnels',
      { name: 'F', query: { steps: [step, step] } },
      { name: 'F', query: { steps: [step, { ...step, where }] } },
      'query.steps.1.where.0.value',
    ],
    ['automations', automation, { ...automation, only: { ...did, where } }, 'only.where.0.value'],
  ] as const;
  for (const [kind, good, bad, path] of documents) {
    const refusal = { code: 'bad_request', errors: [{ path, message: reason }] };
    expect(await refused(kind, bad), kind).toMatchObject(refusal);
    const { id } = await api<{ id: string }>('POST', `/api/sites/shop/${kind}`, good, 201);
    expect(await refused(`${kind}/${id}`, bad, 'PUT'), `${kind}, changed`).toMatchObject(refusal);
  }
});
