import { expect, test } from 'vitest';
import { AttributionQuery } from '../../../schemas/api/attribution.ts';
import { FunnelQuery } from '../../../schemas/api/funnels.ts';
import { PathsQuery } from '../../../schemas/api/paths.ts';
import { LifecycleQuery, RetentionQuery } from '../../../schemas/api/retention.ts';
import { TrendQuery } from '../../../schemas/api/trends.ts';
import { ValueQuery } from '../../../schemas/api/value.ts';
import { Condition } from '../../../schemas/filters.ts';
import { type HistoryRow, store } from '../../../test/support/history.ts';
import { resolvedOf } from '../../../test/support/resolved.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { attribution } from '../attribution/attribution.ts';
import { funnel } from '../funnels/funnel.ts';
import { paths } from '../paths/paths.ts';
import { lifecycle } from '../retention/lifecycle.ts';
import { retention } from '../retention/retention.ts';
import { trend } from '../trends/trends.ts';
import { lifetimeValue } from '../value/lifetime.ts';

const warehouse = sharedWarehouse();
const site = { id: 'said', currency: 'EUR', timeZone: 'UTC' };
const now = Date.parse('2026-11-01T00:00:00Z');
const range = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };

const at = (day: number): number => Date.parse('2026-10-01T12:00:00Z') + day * 86_400_000;
const did = (person: string, day: number, event: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  timestamp: at(day),
  event,
  message_id: `${person}-${event}-${day}`,
  user_id: person,
  ...more,
});
const says = (person: string, day: number, traits: object, email = ''): HistoryRow =>
  did(person, day, 'Identify', { type: 'identify', traits: JSON.stringify(traits), email });
/** Views on a device before they sign in, buys as who they are. */
const shops = (person: string, device?: string): HistoryRow[] => [
  did(person, 2, 'Product Viewed', device === undefined ? {} : { user_id: '', anonymous_id: device }),
  did(person, 3, 'Order Completed', { order_id: `order-${person}`, revenue: '10' }),
];

/** Ada became gold long after; Bob is gold no more; of Cleo nothing is known but a trait of one of her events. */
const rows = [
  ...shops('ada', 'phone'),
  says('ada', -40, { plan: 'tin' }),
  says('ada', 25, { plan: 'gold', city: { name: 'Ulm' } }, 'ada@example.com'),
  ...shops('bob'),
  says('bob', 1, { plan: 'gold' }, 'bob@example.com'),
  says('bob', 20, { plan: null }),
  ...shops('cleo').map((row) => ({ ...row, traits: JSON.stringify({ plan: 'gold' }) })),
];
const links = [{ device: 'phone', user: 'ada', at: at(3) }];

/** How many persons each question finds, with a condition in every place that takes one. */
const personsWhere = async (condition: object): Promise<Record<string, number | null | undefined>> => {
  const where = [Condition.parse(condition)];
  const options = { now };
  const step = (event: string) => ({ event, where });
  const ask = <Query, Answer>(
    question: (engine: ReturnType<typeof warehouse>, of: typeof site, query: Query, how: { now: number }) => Answer,
    query: Query,
  ): Promise<Awaited<Answer>> =>
    resolvedOf(site, query).then((resolved) => question(warehouse(), site, resolved, options)) as Promise<
      Awaited<Answer>
    >;
  const steps = [{ event: 'Product Viewed' }, { event: 'Order Completed' }];
  const answers = {
    funnel: (await ask(funnel, FunnelQuery.parse({ ...range, steps, where }))).steps[1]?.count,
    steps: (await ask(funnel, FunnelQuery.parse({ ...range, steps: steps.map(({ event }) => step(event)) }))).steps[1]
      ?.count,
    trend: (await ask(trend, TrendQuery.parse({ ...range, event: 'Order Completed', measure: 'persons', where })))
      .total,
    retention: (
      await ask(retention, RetentionQuery.parse({ ...range, interval: 'month', start: step('Product Viewed') }))
    ).cohorts[0]?.size,
    lifecycle: (await ask(lifecycle, LifecycleQuery.parse({ ...range, interval: 'month', ...step('Product Viewed') })))
      .intervals[0]?.new,
    paths: (await ask(paths, PathsQuery.parse({ ...range, start: { event: 'Product Viewed' }, where }))).entries,
    attribution: (await ask(attribution, AttributionQuery.parse({ ...range, where }))).conversions,
    value: (await ask(lifetimeValue, ValueQuery.parse({ ...range, where }))).orders,
  };
  return answers;
};

test('a condition on a trait or on the person holds for everything of who last said so, in every question', async () => {
  await store(warehouse(), site.id, rows, links);
  const found = async (condition: object) => new Set(Object.values(await personsWhere(condition)));
  expect(await personsWhere({ property: 'traits.plan', op: 'eq', value: 'gold' })).toEqual({
    funnel: 1,
    steps: 1,
    trend: 1,
    retention: 1,
    lifecycle: 1,
    paths: 1,
    attribution: 1,
    value: 1,
  });
  expect(await found({ property: 'person.plan', op: 'eq', value: 'gold' })).toEqual(new Set([1]));
  expect(await found({ property: 'traits.plan', op: 'neq', value: 'gold' })).toEqual(new Set([2]));
  expect(await found({ property: 'traits.city.name', op: 'startsWith', value: 'U' })).toEqual(new Set([1]));
  expect(await found({ property: 'person.email', op: 'exists' })).toEqual(new Set([2]));
  expect(await found({ property: 'person.user_id', op: 'in', value: ['ada', 'cleo'] })).toEqual(new Set([2]));
});

test('trends and retention break down by what persons last said', async () => {
  await store(warehouse(), 'parts', rows, links);
  const of = { ...site, id: 'parts' };
  const trendBy = async (property: string): Promise<unknown[]> => {
    const query = TrendQuery.parse({ ...range, event: 'Order Completed', breakdown: { property } });
    const { lines } = await trend(warehouse(), of, query, { now });
    return lines.slice(1).map(({ breakdown, total }) => [breakdown?.value, total.value]);
  };
  expect(await trendBy('traits.plan')).toEqual([
    ['gold', 1],
    ['(none)', 2],
  ]);
  expect(await trendBy('person.email')).toEqual([
    ['ada@example.com', 1],
    ['bob@example.com', 1],
    ['(none)', 1],
  ]);
  const start = { event: 'Product Viewed' };
  const query = RetentionQuery.parse({ ...range, interval: 'month', start, breakdown: { property: 'person.plan' } });
  const { breakdown } = await retention(warehouse(), of, query, { now });
  expect(breakdown?.map(({ part, cohorts }) => [part.value, cohorts[0]?.size])).toEqual([
    ['gold', 1],
    ['(none)', 2],
  ]);
});

test('a condition on a person that nobody resolved is no silent zero', async () => {
  const where = [{ property: 'traits.plan', op: 'eq', value: 'gold', site: site.id }];
  const query = TrendQuery.parse({ ...range, where });
  await expect(trend(warehouse(), site, query, { now })).rejects.toThrow('was not resolved');
});
