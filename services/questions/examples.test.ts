import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  FunnelCorrelationQuery,
  FunnelPersonsQuery,
  FunnelQuery,
  FunnelTimingQuery,
  FunnelTrendQuery,
} from '../../schemas/api/funnels.ts';
import { PathsQuery } from '../../schemas/api/paths.ts';
import { LifecycleQuery, RetentionQuery } from '../../schemas/api/retention.ts';
import { TrendQuery } from '../../schemas/api/trends.ts';
import { examplesOf } from '../../test/support/examples.ts';
import { asFunnel, withCounts } from '../../test/support/funnel-examples.ts';
import { storeJourneys } from '../../test/support/journeys.ts';
import { startWarehouse } from '../../test/support/warehouse.ts';
import { funnelCorrelation } from './funnels/correlation.ts';
import { funnel } from './funnels/funnel.ts';
import { funnelPersons } from './funnels/persons.ts';
import { funnelTiming } from './funnels/timing.ts';
import { funnelTrend } from './funnels/trend.ts';
import { paths } from './paths/paths.ts';
import { lifecycle } from './retention/lifecycle.ts';
import { retention } from './retention/retention.ts';
import { trend } from './trends/trends.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const october = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };
const now = Date.parse('2026-11-15T00:00:00Z');

type Site = { id: string; timeZone: string; currency: string };

/** What is asked on a page, by the word before the question. */
const pages: Record<string, Record<string, (site: Site, ask: object) => Promise<object>>> = {
  'funnels.md': {
    ask: async (site, ask) => {
      const query = FunnelQuery.parse({ ...october, ...asFunnel(ask) });
      return withCounts(await funnel(warehouse(), site, query, { now }));
    },
    persons: (site, ask) =>
      funnelPersons(warehouse(), site, FunnelPersonsQuery.parse({ ...october, ...asFunnel(ask) }), { now }),
    timing: (site, ask) =>
      funnelTiming(warehouse(), site, FunnelTimingQuery.parse({ ...october, ...asFunnel(ask) }), { now }),
    trend: (site, ask) =>
      funnelTrend(warehouse(), site, FunnelTrendQuery.parse({ ...october, ...asFunnel(ask) }), { now }),
    correlation: (site, ask) =>
      funnelCorrelation(warehouse(), site, FunnelCorrelationQuery.parse({ ...october, ...asFunnel(ask) }), { now }),
  },
  'paths.md': {
    ask: (site, ask) => paths(warehouse(), site, PathsQuery.parse({ ...october, ...ask }), { now }),
  },
  'retention.md': {
    ask: (site, ask) => retention(warehouse(), site, RetentionQuery.parse({ ...october, ...ask }), { now }),
    lifecycle: (site, ask) => lifecycle(warehouse(), site, LifecycleQuery.parse({ ...october, ...ask }), { now }),
  },
  'trends.md': {
    ask: (site, ask) => trend(warehouse(), site, TrendQuery.parse({ ...october, ...ask }), { now }),
  },
};

const examples = Object.keys(pages).flatMap((page) =>
  examplesOf(page, Object.keys(pages[page] ?? {})).map((example, place) => ({ page, place, ...example })),
);

test.each(examples)(
  'docs/$page, rule $rule: the example is what is answered',
  async ({ page, place, journeys, questions }) => {
    const id = `${page.replace('.md', '')}-${place}`;
    await storeJourneys(warehouse(), id, journeys);
    expect(questions.length).toBeGreaterThan(0);
    for (const { verb, ask, get } of questions) {
      const answer = await pages[page]?.[verb]?.({ id, timeZone: 'Europe/Berlin', currency: 'EUR' }, ask);
      expect(answer, JSON.stringify(ask)).toMatchObject(get);
    }
  },
);
