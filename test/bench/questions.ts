/**
 * What questions cost on two months of shops' events, each against a limit that is measured in the same run, and against DuckDB on the same events:
 * `EVENTS=10000000 npm run bench -- questions`, some of them by `ONLY=timeline`. The data are made once and stay in the folder for temporary files (shop-data.ts).
 */
import { setPriority } from 'node:os';
import { z } from 'zod';
import { FunnelQuery } from '../../schemas/api/funnels.ts';
import { TrendQuery } from '../../schemas/api/trends.ts';
import { identifier, join, type Sql, sql } from '../../services/platform/warehouse/sql.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { abandonedBaskets } from '../../services/questions/abandonment/abandonment.ts';
import { createAsk } from '../../services/questions/ask.ts';
import { resolvedPerson } from '../../services/questions/events.ts';
import { questions } from '../../services/questions/questions.ts';
import { type Comparison, compare } from './compare.ts';
import { type DuckAsk, duckFunnelByNext, duckFunnelByWindows, openDuck } from './duck.ts';
import { from, openShopData, site, to } from './shop-data.ts';

const events = Number(process.env['EVENTS'] ?? 10_000_000);
const rounds = Number(process.env['ROUNDS'] ?? 5);
/** Part of a name: the others are left out. */
const only = process.env['ONLY'] ?? '';
// As the engine's process does: DuckDB runs in this one.
setPriority(5);

const engine = await openShopData(events);
const { warehouse } = engine;
const duck = await openDuck(warehouse, events);
const about = { id: site, currency: 'EUR', timeZone: 'UTC' };
const now = to.getTime();
const yesterday = now - 86_400_000;
const range = { from: from.toISOString(), to: to.toISOString() };

const Numbers = z.record(z.string(), z.coerce.number());
/** A limit may take what it needs. */
const numbers = async (question: Sql): Promise<number[]> => {
  const { rows } = await warehouse.query(question, Numbers, { memoryBytes: 2_000_000_000, seconds: 300 });
  return rows.flatMap((row) => Object.values(row));
};
const duckNumbers = async (text: string): Promise<number[]> =>
  (await duck.ask(text)).flatMap((row) => Object.values(row).map(Number));

const scope = (names: readonly string[], until = to.getTime()): Sql => sql`
  site = ${site}
    AND timestamp >= ${from}
    AND timestamp < ${new Date(until)}
    AND event IN (SELECT arrayJoin(${[...names]}))`;

const windowSeconds = 7 * 86_400;
/** What is grouped is looked at: of a column that nobody looks at the engine neither reads nor groups anything. */
const readAndGroup = (names: readonly string[], more: readonly Sql[] = []): Sql => {
  const columns = [sql`timestamp`, sql`event`, ...more];
  const groups = columns.map((column, index) => sql`groupArray(${column}) AS ${identifier(`values${index}`)}`);
  const looks = columns.map(
    (_, index) => sql`sum(length(${identifier(`values${index}`)})) AS ${identifier(`sum${index}`)}`,
  );
  return sql`
    SELECT count() AS persons, ${join(looks, ', ')}
    FROM (
      SELECT ${resolvedPerson} AS owner, ${join(groups, ', ')}
      FROM events
      WHERE ${scope(names, to.getTime() + windowSeconds * 1000)}
      GROUP BY owner
    )`;
};

const funnelOf = (names: readonly string[], by: Warehouse = warehouse) => {
  const query = FunnelQuery.parse({ ...range, windowSeconds, steps: names.map((event) => ({ event })) });
  return async () => (await questions.funnel.answer(by, about, query, { now })).steps.map(({ count }) => count);
};

const ordered = (names: readonly string[]): Comparison => {
  const ask: DuckAsk = { site, steps: names, from: from.getTime(), to: to.getTime(), windowSeconds };
  return {
    name: `funnel, ${names.length} steps, with times`,
    ours: funnelOf(names),
    limit: { name: 'reading and grouping', ask: () => numbers(readAndGroup(names)), most: 1.5 },
    others: [
      { name: 'DuckDB (windows, counts only)', ask: () => duckNumbers(duckFunnelByWindows(ask)) },
      { name: 'DuckDB (next row, counts only)', ask: () => duckNumbers(duckFunnelByNext(ask)) },
    ],
  };
};
/** Where the event itself says what it is broken down by. */
const brokenDown = (names: readonly string[]): Comparison => {
  const query = FunnelQuery.parse({
    ...range,
    windowSeconds,
    steps: names.map((event) => ({ event })),
    breakdown: { property: 'context.campaign.source' },
  });
  return {
    name: `funnel, ${names.length} steps, broken down by campaign source`,
    ours: async () => (await questions.funnel.answer(warehouse, about, query, { now })).steps.map(({ count }) => count),
    limit: { name: 'reading and grouping', ask: () => numbers(readAndGroup(names, [sql`campaign_source`])), most: 2 },
  };
};
const three = ['Product Viewed', 'Product Added', 'Order Completed'];
const five = ['Product List Viewed', 'Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'];

/** The same statements, but that everything belongs to the id it came with. */
const withoutIdentity: Warehouse = {
  ...warehouse,
  query: (statement, row, limits) =>
    warehouse.query({ ...statement, text: statement.text.replaceAll(resolvedPerson.text, 'person') }, row, limits),
};

const trendOf = (query: object) => async () => {
  const { points } = await questions.trend.answer(warehouse, about, TrendQuery.parse({ ...range, ...query }), { now });
  return points.map(({ value }) => Number(value));
};
const duckDays = (value: string, where = '') =>
  duckNumbers(
    `SELECT ${value} AS value FROM events WHERE site = '${site}' ${where} GROUP BY ms // 86400000 ORDER BY ms // 86400000`,
  );
const cents = (ask: () => Promise<readonly number[]>) => async () =>
  (await ask()).map((value) => Math.round(value * 100));

const Person = z.object({ id: z.string() });
const someone = async (order: Sql): Promise<string> => {
  const { rows } = await warehouse.query(
    sql`SELECT toString(person) AS id FROM events WHERE site = ${site} GROUP BY person ORDER BY ${order} LIMIT 1`,
    Person,
  );
  return rows[0]?.id ?? '';
};
const timelineOf = (id: string) => async () => {
  await questions.timeline.answer(warehouse, about, { id, limit: 100 }, { now });
  return [];
};

const { ask, close: closeAsk } = createAsk({ warehouse, now: () => now });
const kept = (names: readonly string[]) => {
  const query = FunnelQuery.parse({ ...range, windowSeconds, steps: names.map((event) => ({ event })) });
  return async () => {
    const { answer } = await ask(questions.funnel, about, query, new AbortController().signal);
    return answer.steps.map(({ count }) => count);
  };
};

const comparisons: Comparison[] = [
  ordered(three),
  ordered(five),
  brokenDown(three),
  {
    name: 'funnel, 3 steps: whose, retroactively',
    ours: funnelOf(three),
    limit: { name: 'without links between ids', ask: funnelOf(three, withoutIdentity), most: 1.3 },
  },
  {
    name: 'funnel, 3 steps, asked again',
    ours: kept(three),
    limit: { name: 'asking', ask: funnelOf(three), most: 0.1 },
  },
  {
    name: 'trend: one event by day',
    ours: trendOf({ event: 'Product Viewed' }),
    others: [{ name: 'DuckDB', ask: () => duckDays('count(*)', "AND event = 'Product Viewed'") }],
  },
  {
    name: 'trend: all events by day',
    ours: trendOf({ event: '*' }),
    others: [{ name: 'DuckDB', ask: () => duckDays('count(*)') }],
  },
  {
    name: 'trend: persons by day',
    ours: trendOf({ measure: 'persons' }),
    others: [{ name: 'DuckDB', ask: () => duckDays('count(DISTINCT person)') }],
  },
  {
    name: 'trend: revenue by day',
    ours: cents(trendOf({ event: 'Order Completed', measure: 'sum' })),
    others: [{ name: 'DuckDB', ask: cents(() => duckDays('sum(revenue)', "AND event = 'Order Completed'")) }],
  },
  {
    name: 'timeline of the person with most events',
    ours: timelineOf(await someone(sql`count() DESC`)),
    limit: { name: 'SELECT 1', ask: () => numbers(sql`SELECT 1 AS one`), most: 20 },
  },
  {
    name: 'timeline of a person with few events',
    ours: timelineOf(await someone(sql`count(), person`)),
    limit: { name: 'SELECT 1', ask: () => numbers(sql`SELECT 1 AS one`), most: 10 },
  },
  {
    name: 'baskets left within the last two hours',
    ours: async () => [
      (
        await abandonedBaskets(warehouse, about, {
          kind: 'cart',
          idleSeconds: 3600,
          from: yesterday - 3 * 3_600_000,
          to: yesterday - 3_600_000,
          now: yesterday,
        })
      ).length,
    ],
  },
];

const results: boolean[] = [];
for (const each of comparisons.filter(({ name }) => name.includes(only)))
  results.push(await compare(each, { rounds, enginePid: engine.pid() }));
closeAsk();
duck.close();
await engine.close();
process.exit(results.every(Boolean) ? 0 : 1);
