import { expect, test } from 'vitest';
import { Criterion, type Segment } from '../../../schemas/segment.ts';
import { resolveConditions, resolvePeople, type SegmentSource, segmentsIn } from './resolve.ts';

const now = Date.parse('2026-11-01T12:00:30.500Z');
const did = (event: string, more: object = {}) => Criterion.parse({ kind: 'did', event, ...more });
const named = (segment: string) => Criterion.parse({ kind: 'inSegment', segment });
const source = (saved: Readonly<Record<string, Criterion>>): SegmentSource => ({
  site: { id: 'shop', currency: 'EUR' },
  now,
  find: async (id): Promise<Segment | null> => {
    const is = saved[id];
    return is === undefined ? null : { name: id, description: '', is };
  },
});

test('a question carries what its segments mean, wherever they stand, also inside each other', async () => {
  const inBuyers = { op: 'inSegment', segment: 'buyers' };
  const saved = source({
    buyers: did('Order Completed', { in: { lastDays: 2 } }),
    fans: { kind: 'all', of: [named('buyers'), did('Product Reviewed', { where: [inBuyers] })] },
  });
  const question = { steps: [{ event: 'A', where: [{ op: 'notInSegment', segment: 'fans' }] }], from: 'x' };
  const buyers = {
    kind: 'did',
    event: 'Order Completed',
    where: [],
    in: { from: '2026-10-30T12:01:00.000Z', to: '2026-11-01T12:01:00.000Z' },
  };
  expect(await resolveConditions(question, saved)).toEqual({
    from: 'x',
    steps: [
      {
        event: 'A',
        where: [
          {
            op: 'notInSegment',
            segment: 'fans',
            people: {
              site: 'shop',
              currency: 'EUR',
              is: {
                kind: 'all',
                of: [
                  buyers,
                  {
                    kind: 'did',
                    event: 'Product Reviewed',
                    where: [{ ...inBuyers, people: { site: 'shop', currency: 'EUR', is: buyers } }],
                  },
                ],
              },
            },
          },
        ],
      },
    ],
  });
  expect(segmentsIn(question)).toEqual(new Set(['fans']));
  expect(segmentsIn(did('A', { where: [inBuyers] }))).toEqual(new Set(['buyers']));
});

test('a condition on the person carries whose persons are meant; more than a hundred are refused', async () => {
  const plan = { property: 'traits.plan', op: 'eq', value: 'gold' };
  const price = { property: 'price', op: 'gt', value: 1 };
  const question = { where: [price, plan], breakdown: { property: 'traits.plan' } };
  expect(await resolveConditions(question, source({}))).toEqual({
    ...question,
    where: [price, { ...plan, site: 'shop' }],
  });
  const step = { where: Array.from({ length: 20 }, () => plan) };
  const steps = Array.from({ length: 6 }, () => step);
  await expect(resolveConditions({ steps }, source({}))).rejects.toMatchObject({
    code: 'query_limit',
    errors: [{ path: 'steps.5.where.0' }],
  });
});

test('classes of buyers are those at the end of the current minute, unless another end is said', async () => {
  const rfm = (within: object) => Criterion.parse({ kind: 'rfm', classes: ['lost'], ...within });
  const inOf = async (criterion: Criterion) => {
    const { is } = await resolvePeople(criterion, source({}));
    return is.kind === 'rfm' && is.in;
  };
  expect(await inOf(rfm({}))).toEqual({ from: '2025-11-01T12:01:00.000Z', to: '2026-11-01T12:01:00.000Z' });
  const from = '2026-01-01T00:00:00Z';
  expect(await inOf(rfm({ in: { from } }))).toEqual({ from, to: '2026-11-01T12:01:00.000Z' });
  expect(await inOf(rfm({ in: { to: from } }))).toEqual({ to: from });
});

test('what is not there, goes round in a circle, is too deep or too much is refused by the name of its field', async () => {
  const where = (segment: string) => ({ steps: [{ where: [{ op: 'inSegment', segment }] }] });
  const field = 'steps.0.where.0.segment';
  await expect(resolveConditions(where('gone'), source({}))).rejects.toMatchObject({
    code: 'not_found',
    message: `${field}: there is no segment gone`,
    errors: [{ path: field }],
  });
  await expect(resolveConditions(where('a'), source({ a: named('b'), b: named('a') }))).rejects.toMatchObject({
    code: 'bad_request',
    message: `${field}: segments must not contain each other, got a → b → a`,
  });
  await expect(resolvePeople(named('a'), source({ a: named('self') }), 'self')).rejects.toMatchObject({
    code: 'bad_request',
    errors: [{ path: 'is.segment', message: 'segments must not contain each other, got self → a → self' }],
  });
  const chain = Object.fromEntries([1, 2, 3, 4, 5].map((index) => [`s${index}`, named(`s${index + 1}`)]));
  await expect(resolveConditions(where('s1'), source({ ...chain, s5: did('A') }))).resolves.toBeDefined();
  await expect(resolveConditions(where('s1'), source({ ...chain, s6: did('A') }))).rejects.toThrow(
    '5 deep at most, got 6',
  );
  const wide: Criterion = { kind: 'any', of: Array.from({ length: 20 }, () => did('A')) };
  await expect(
    resolvePeople({ kind: 'all', of: Array.from({ length: 6 }, () => named('wide')) }, source({ wide })),
  ).rejects.toMatchObject({ code: 'query_limit', errors: [{ path: 'is.of.5.of.0' }] });
});

test('criteria are refused that say nothing, contradict themselves, or go deeper than five levels', () => {
  const nested = (levels: number): object =>
    levels === 1 ? { kind: 'did', event: 'A' } : { kind: 'not', of: [nested(levels - 1)] };
  expect(Criterion.safeParse(nested(5)).success).toBe(true);
  expect(Criterion.safeParse(nested(6)).success).toBe(false);
  const refused = (criterion: object): string | undefined => {
    const issue = Criterion.safeParse(criterion).error?.issues[0];
    return issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`;
  };
  expect(refused({ kind: 'did', event: 'A', times: {} })).toBe(
    'times: "exactly", or "atLeast" and "atMost" or one of them',
  );
  expect(refused({ kind: 'did', event: 'A', times: { atLeast: 3, atMost: 2 } })).toMatch(/^times/);
  expect(refused({ kind: 'did', event: 'A', in: { lastDays: 3, from: '2026-01-01T00:00:00Z' } })).toMatch(/^in/);
  expect(refused({ kind: 'did', event: 'A', in: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } })).toBe(
    'in.to: must be later than "from"',
  );
  expect(refused({ kind: 'is', where: [{ property: 'price', op: 'eq', value: 1 }] })).toMatch(
    /^where.0: expected a pro/,
  );
  expect(refused({ kind: 'all', of: [{ kind: 'did', event: 'A' }, { kind: 'did' }] })).toMatch(/^of.1.event/);
  expect(refused({ kind: 'did', event: 'A', people: { site: 'other' } })).toMatch(/people/);
});
