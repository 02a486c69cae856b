import { expect, test } from 'vitest';
import type {
  FunnelAnswer,
  FunnelCorrelationAnswer,
  FunnelPersonsAnswer,
  FunnelTimingAnswer,
  FunnelTrendAnswer,
} from '../../../schemas/api/funnels.ts';
import { createTestProduct } from '../../../test/support/product.ts';

const day = '2026-10-10';
const range = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };
const steps = [{ event: 'Product Viewed' }, { event: 'Product Added' }, { event: 'Order Completed' }];
const ask = { ...range, steps, windowSeconds: 86_400 };

const view = { event: 'Product Viewed', properties: { product_id: 'tent' } };
const add = { event: 'Product Added', properties: { product_id: 'tent', price: 20 } };
const order = { event: 'Order Completed', properties: { order_id: 'o', revenue: 20, currency: 'EUR' } };
const help = { event: 'Help Opened' };

/** Three shoppers: Ada is gold and buys after reading the help, Bob is silver and leaves his basket, Eve only looks. */
const events = [
  {
    type: 'identify',
    userId: 'ada',
    traits: { email: 'ada@example.com', plan: 'silver' },
    timestamp: `${day}T08:00:00Z`,
  },
  { type: 'identify', userId: 'ada', traits: { plan: 'gold' }, timestamp: `${day}T09:00:00Z` },
  { type: 'identify', userId: 'bob', traits: { plan: 'silver' }, timestamp: `${day}T09:00:00Z` },
  ...[view, help, add, order].map((each, minute) => ({
    ...each,
    type: 'track',
    userId: 'ada',
    timestamp: `${day}T10:0${minute}:00Z`,
  })),
  ...[view, add].map((each, minute) => ({
    ...each,
    type: 'track',
    userId: 'bob',
    timestamp: `${day}T10:0${minute}:00Z`,
  })),
  { ...view, type: 'track', userId: 'eve', timestamp: `${day}T10:00:00Z` },
];

const openShop = async () => {
  const product = await createTestProduct();
  const site = await product.createSite();
  const sent = await fetch(`${product.base}/v1/import`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${site.secretKeys[0]}:`).toString('base64')}` },
    body: JSON.stringify({ batch: events.map((event, index) => ({ ...event, messageId: `m${index}` })) }),
  });
  expect(sent.status).toBe(200);
  await product.settled('shop', events.length);
  const api = <T>(path: string, body: object, status?: number): Promise<T> =>
    product.api<T>('POST', `/api/sites/shop/${path}`, body, status);
  return { ...product, ask: api };
};

const counts = ({ steps: answered }: Pick<FunnelAnswer, 'steps'>): number[] => answered.map(({ count }) => count);

test('a funnel is asked over HTTP: its people, times, trend and what goes with converting say the same', async () => {
  const shop = await openShop();
  expect(counts(await shop.ask<FunnelAnswer>('funnels/query', ask))).toEqual([3, 2, 1]);
  expect(counts(await shop.ask<FunnelAnswer>('funnels/query', { ...ask, order: 'strict' }))).toEqual([3, 1, 0]);

  const dropped = await shop.ask<FunnelPersonsAnswer>('funnels/persons', { ...ask, step: 2, outcome: 'dropped' });
  expect(dropped.persons).toMatchObject([
    { userId: 'bob', events: [{ event: 'Product Viewed' }, { event: 'Product Added' }] },
  ]);
  const reached = await shop.ask<FunnelPersonsAnswer>('funnels/persons', { ...ask, step: 2 });
  expect(reached.persons).toMatchObject([{ userId: 'ada', email: 'ada@example.com' }]);
  expect(reached.persons[0]?.events.map(({ messageId }) => messageId)).toEqual(['m3', 'm5', 'm6']);

  const timing = await shop.ask<FunnelTimingAnswer>('funnels/timing', ask);
  expect(timing).toMatchObject({
    count: 1,
    medianSeconds: 180,
    bins: [{ from: 180, to: 240, count: 1 }, { count: 0 }],
  });
  const trend = await shop.ask<FunnelTrendAnswer>('funnels/trend', ask);
  expect(trend.points.filter(({ entered }) => entered > 0)).toMatchObject([
    { at: `${day}T00:00:00.000Z`, entered: 3, converted: 1, counts: [3, 2, 1] },
  ]);
  const goesWith = await shop.ask<FunnelCorrelationAnswer>('funnels/correlation', ask);
  expect(goesWith).toMatchObject({
    converted: 1,
    dropped: 2,
    converting: [{ event: 'Help Opened', convertedWith: 1, convertedWithout: 0, droppedWith: 0, droppedWithout: 2 }],
    dropping: [],
  });
  const plans = await shop.ask<FunnelCorrelationAnswer>('funnels/correlation', {
    ...ask,
    of: 'properties',
    properties: ['traits.plan'],
  });
  expect(plans.converting).toMatchObject([
    { property: 'traits.plan', value: 'gold', convertedWith: 1, droppedWith: 0 },
  ]);
});

test('a breakdown by a trait takes what was last said of each person; one by segments their people; and both find the people behind a row', async () => {
  const shop = await openShop();
  const rows = ({ breakdown = [] }: FunnelAnswer) => breakdown.map((row) => [row.value, row.kind, ...counts(row)]);
  const byPlan = { ...ask, breakdown: { property: 'traits.plan' } };
  const plans = [
    ['gold', 'value', 1, 1, 1],
    ['silver', 'value', 1, 1, 0],
    ['(none)', 'none', 1, 0, 0],
  ];
  expect(rows(await shop.ask('funnels/query', byPlan)), 'folded by the warehouse').toEqual(plans);
  expect(rows(await shop.ask('funnels/query', { ...byPlan, open: true })), 'solved').toEqual(plans);

  const created = await shop.ask<{ id: string }>('segments', {
    name: 'Adds to the basket',
    is: { kind: 'did', event: 'Product Added' },
  });
  const all = await shop.ask<{ id: string }>('segments', {
    name: 'Looks',
    is: { kind: 'did', event: 'Product Viewed' },
  });
  const bySegment = { ...ask, breakdown: { segments: [{ segment: created.id }] } };
  for (const open of [false, true]) {
    const answer = await shop.ask<FunnelAnswer>('funnels/query', { ...bySegment, open });
    expect(rows(answer)).toEqual([
      [created.id, 'value', 2, 2, 1],
      ['(none)', 'none', 1, 0, 0],
    ]);
    expect(answer.overlapping).toBe(true);
    const both = { ...ask, open, breakdown: { segments: [{ segment: created.id }, { segment: all.id }] } };
    expect(rows(await shop.ask('funnels/query', both))).toEqual([
      [all.id, 'value', 3, 2, 1],
      [created.id, 'value', 2, 2, 1],
    ]);
  }
  for (const [choice, expected] of [
    [{ kind: 'value', value: created.id }, ['ada', 'bob']],
    [{ kind: 'none' }, ['eve']],
    [{ kind: 'other', shown: [created.id] }, []],
  ] as const) {
    const { persons } = await shop.ask<FunnelPersonsAnswer>('funnels/persons', {
      ...bySegment,
      step: 0,
      bucket: choice,
    });
    expect(persons.map(({ userId }) => userId).sort()).toEqual(expected);
  }
});

test('what makes no sense together is refused, and the field is named', async () => {
  const shop = await createTestProduct();
  await shop.createSite();
  const refused = async (path: string, body: object): Promise<string[]> => {
    const answer = await shop.api<{ errors: { path: string }[] }>(
      'POST',
      `/api/sites/shop/funnels/${path}`,
      { ...ask, ...body },
      400,
    );
    return answer.errors.map((each) => each.path);
  };
  const [first, second, third] = steps;
  const out = { event: 'Product Removed' };
  expect(await refused('query', { steps: [{ ...first, optional: true }, second] })).toEqual(['steps.0.optional']);
  expect(await refused('query', { steps: [{ ...first, withinSeconds: 5 }, second] })).toEqual([
    'steps.0.withinSeconds',
  ]);
  expect(await refused('query', { order: 'unordered', open: true })).toEqual(['open']);
  expect(await refused('query', { order: 'unordered', steps: [first, { ...second, optional: true }] })).toEqual([
    'steps.1.optional',
  ]);
  expect(await refused('query', { order: 'unordered', steps: [first, { ...second, withinSeconds: 1 }] })).toEqual([
    'steps.1.withinSeconds',
  ]);
  expect(await refused('query', { order: 'unordered', exclusions: [{ ...out, after: 1 }] })).toEqual(['exclusions.0']);
  expect(await refused('query', { exclusions: [{ ...out, after: 1, before: 1 }] })).toEqual(['exclusions.0.after']);
  expect(await refused('query', { exclusions: [{ ...out, before: 3 }] })).toEqual(['exclusions.0.before']);
  expect(await refused('query', { exclusions: [{ event: 'Product Added' }] })).toEqual(['exclusions.0.event']);
  expect(
    await refused('query', {
      steps: [first, { ...second, optional: true }, third],
      exclusions: [{ ...out, before: 1 }],
    }),
  ).toEqual(['exclusions.0.before']);
  expect(await refused('query', { steps: [first], exclusions: [out] })).toEqual(['exclusions.0']);
  expect(await refused('query', { countBy: 'entry', reentry: 'first' })).toEqual(['reentry']);
  expect(await refused('query', { countBy: { property: 'traits.company' } })).toEqual(['countBy.property']);
  expect(await refused('query', { constant: 'person.email' })).toEqual(['constant']);
  expect(await refused('query', { breakdown: {} })).toEqual(['breakdown']);
  expect(await refused('query', { breakdown: { property: 'brand', attribution: 'step' } })).toEqual(['breakdown.step']);
  expect(await refused('query', { breakdown: { property: 'brand', attribution: 'step', step: 3 } })).toEqual([
    'breakdown.step',
  ]);
  expect(await refused('query', { breakdown: { property: 'brand', none: true } })).toEqual(['breakdown.none']);
  expect(await refused('query', { to: ask.from })).toEqual(['to']);
  expect(await refused('query', { compareTo: { from: ask.to, to: ask.from } })).toEqual(['compareTo.to']);
  expect(await refused('persons', { step: 0, outcome: 'dropped' })).toEqual(['step']);
  expect(await refused('persons', { step: 3 })).toEqual(['step']);
  expect(await refused('persons', { step: 1, bucket: { kind: 'none' } })).toEqual(['bucket']);
  expect(await refused('timing', { fromStep: 2, toStep: 1 })).toEqual(['fromStep']);
  expect(await refused('timing', { toStep: 3 })).toEqual(['toStep']);
  expect(await refused('correlation', { countBy: 'session' })).toEqual(['countBy']);
  expect(await refused('correlation', { steps: [first] })).toEqual(['steps']);
});
