import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AbandonmentQuery, RemovedProductsQuery } from '../../schemas/api/abandonment.ts';
import { AttributionQuery } from '../../schemas/api/attribution.ts';
import {
  FunnelCorrelationQuery,
  FunnelPersonsQuery,
  FunnelQuery,
  FunnelTimingQuery,
  FunnelTrendQuery,
} from '../../schemas/api/funnels.ts';
import { PathPersonsQuery, PathsQuery } from '../../schemas/api/paths.ts';
import { SearchToRatingQuery } from '../../schemas/api/reports.ts';
import { LifecycleQuery, RetentionQuery } from '../../schemas/api/retention.ts';
import { TrendQuery } from '../../schemas/api/trends.ts';
import { RfmQuery, ValueQuery } from '../../schemas/api/value.ts';
import { Criterion } from '../../schemas/segment.ts';
import { startWarehouse } from '../../test/support/warehouse.ts';
import { type Sql, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { abandonment } from './abandonment/abandonment.ts';
import type { Question } from './ask.ts';
import { questions } from './questions.ts';

/**
 * What a question asks of the engine, and how much of `events` it touches to answer: its statements as a snapshot, and the engine's own word
 * (EXPLAIN) that it finds the rows by the sorting key and leaves out the months that it does not need. Two sites, three months each, 8,192 rows a
 * granule. A new question is one more line in `cases`; `npm test -- services/questions/plan -u` writes its snapshot.
 */
const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');
afterAll(() => opened.engine?.close());

const rows = 300_000;
const site = { id: 'shop', currency: 'EUR', timeZone: 'Europe/Berlin' };
const now = Date.parse('2026-12-01T00:00:00Z');
const november = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };

beforeAll(async () => {
  opened.engine = await startWarehouse();
  await warehouse().command(sql`
    INSERT INTO events (site, timestamp, event, type, message_id, user_id, product_id, price, order_id, cart_id)
    SELECT
      ['other', 'shop'][1 + number % 2],
      toDateTime64('2026-09-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(cityHash64(number, 1) % (91 * 86400000)),
      ['Page Viewed', 'Product Viewed', 'Product Added', 'Order Completed'][1 + cityHash64(number, 2) % 4] AS event,
      'track',
      toString(number),
      concat('user-', toString(cityHash64(number, 3) % 5000)),
      'tent',
      9.5,
      if(event = 'Order Completed', concat('order-', toString(number)), '') AS order_id,
      if(event IN ('Product Added', 'Order Completed'), concat('cart-', toString(number)), '') AS cart_id
    FROM numbers(${rows})`);
  await warehouse().command(sql`OPTIMIZE TABLE events FINAL`);
}, 120_000);

/** Shares of the table, of which each granule may be touched once and another at the borders. */
const ofSite = 1 / 2;
const ofMonth = ofSite / 3;
const ofPerson = 1 / 2000;

type Touched = {
  /** Columns of the sorting key (site, person, timestamp) that find the rows, of each kind of read that there is. */
  by: readonly string[];
  /** Of the rows of the table, over all statements: what the engine says that it read. */
  rows: number;
  /** What finds the rows where the sorting key finds all of the site's. */
  byIndex?: string;
  /** Indexes that find rows of which neither the person nor more than the month is known. */
  alsoByIndex?: readonly string[];
  /** It reads the projection and not the rows. */
  isOfContents?: true;
};
type Case = { name: string; ask: (engine: Warehouse) => Promise<object>; touched: Touched };

const planned = <Query, Answer extends object>(
  question: Question<Query, Answer>,
  query: Query,
  touched: Touched,
  name = question.name,
): Case => ({ name, ask: (engine) => question.answer(engine, site, query, { now }), touched });

const bySiteAndTime = ['site, timestamp'];
const byPerson = ['site, person'];
const steps = [{ event: 'Product Viewed' }, { event: 'Product Added' }, { event: 'Order Completed' }];
/** sipHash64('shop', 'user', 'user-1') */
const person = { id: '5821898701806298995' };

const orderedInNovember = Criterion.parse({ kind: 'did', event: 'Order Completed', in: november });

const cases: Case[] = [
  planned(questions.funnel, FunnelQuery.parse({ ...november, steps }), { by: bySiteAndTime, rows: ofMonth }),
  planned(
    questions.funnel,
    FunnelQuery.parse({ ...november, steps: [...steps, ...steps] }),
    { by: bySiteAndTime, rows: 2 * ofMonth },
    'funnel of repeated steps',
  ),
  // Counted, then followed row by row.
  planned(
    questions.funnel,
    FunnelQuery.parse({ ...november, steps, order: 'strict' }),
    { by: bySiteAndTime, rows: 2 * ofMonth },
    'strict funnel',
  ),
  planned(
    questions.funnel,
    FunnelQuery.parse({ ...november, steps, breakdown: { property: 'context.campaign.source' } }),
    { by: bySiteAndTime, rows: 2 * ofMonth },
    'funnel with a breakdown',
  ),
  // Who; their rows; who they are.
  planned(questions.funnelPersons, FunnelPersonsQuery.parse({ ...november, steps, step: 1, limit: 1 }), {
    by: ['site, person', 'site, person, timestamp', 'site, timestamp'],
    rows: ofMonth + 5 * ofPerson,
  }),
  // Figures; then the rows between the entry and the end.
  planned(questions.funnelCorrelation, FunnelCorrelationQuery.parse({ ...november, steps }), {
    by: bySiteAndTime,
    rows: 3 * ofMonth,
  }),
  planned(questions.funnelTiming, FunnelTimingQuery.parse({ ...november, steps }), {
    by: bySiteAndTime,
    rows: ofMonth,
  }),
  planned(questions.funnelTrend, FunnelTrendQuery.parse({ ...november, steps }), { by: bySiteAndTime, rows: ofMonth }),
  // How many; from 30 days before the range; the orders of that time, what the baskets were called, and of whom; and whose the listed baskets are.
  planned(questions.abandonment, AbandonmentQuery.parse({ ...november, limit: 1 }), {
    by: [...byPerson, ...bySiteAndTime],
    rows: 8 * ofMonth,
  }),
  // Of few persons: who; their rows by the sorting key; orders of their baskets by an index.
  planned(
    questions.abandonment,
    AbandonmentQuery.parse({ from: '2026-11-30T12:00:00Z', to: '2026-11-30T12:01:00Z', limit: 1 }),
    {
      by: ['site, person, timestamp', ...bySiteAndTime],
      rows: ofMonth + 100 * ofPerson,
      alsoByIndex: ['carts_ordered', 'checkouts_ordered'],
    },
    'abandonment of a minute',
  ),
  // Of two parts each reads its own persons.
  {
    name: 'abandonment in parts',
    ask: (engine) =>
      abandonment(engine, site, AbandonmentQuery.parse({ ...november, kind: 'browse', limit: 1 }), {
        now,
        personsAtOnce: 3000,
      }),
    touched: { by: ['site, person', 'site, person, timestamp', 'site, timestamp'], rows: 16 * ofMonth },
  },
  planned(questions.trend, TrendQuery.parse({ ...november, measure: 'persons' }), {
    by: bySiteAndTime,
    rows: 2 * ofMonth,
  }),
  // Whose property it is, is looked up twice: for the largest values, and with and without a breakdown for the figures.
  planned(
    questions.trend,
    TrendQuery.parse({ ...november, measure: 'persons', breakdown: { property: 'traits.plan' } }),
    { by: ['site', ...bySiteAndTime], rows: 3 * ofMonth + 2 * ofSite },
    'trend by a trait',
  ),
  planned(
    questions.eventNames,
    {},
    { by: ['site, toStartOfFifteenMinutes(timestamp)'], rows: ofSite, isOfContents: true },
  ),
  planned(questions.overview, { days: 30 }, { by: bySiteAndTime, rows: 5 * ofMonth }),
  // The names are looked up in the same rows.
  planned(questions.paths, PathsQuery.parse({ ...november, countBy: 'visit' }), {
    by: bySiteAndTime,
    rows: 2 * ofMonth,
  }),
  planned(
    questions.paths,
    PathsQuery.parse({ ...november, start: { event: 'Page Viewed' }, end: { event: 'Page Viewed' } }),
    { by: bySiteAndTime, rows: 2 * ofMonth },
    'paths between equal events',
  ),
  planned(questions.pathPersons, PathPersonsQuery.parse({ ...november, node: '1:exit', limitPersons: 1 }), {
    by: [...byPerson, ...bySiteAndTime],
    rows: 2 * ofMonth + ofPerson,
  }),
  planned(questions.retention, RetentionQuery.parse(november), { by: bySiteAndTime, rows: 2 * ofSite }),
  planned(questions.lifecycle, LifecycleQuery.parse(november), { by: bySiteAndTime, rows: 2 * ofSite }),
  planned(questions.removedProducts, RemovedProductsQuery.parse(november), { by: bySiteAndTime, rows: 9 * ofMonth }),
  planned(questions.searchToRating, SearchToRatingQuery.parse(november), { by: bySiteAndTime, rows: 6 * ofMonth }),
  // Orders from a month before the range twice, of all of history once.
  planned(questions.value, ValueQuery.parse(november), { by: ['site', 'site, timestamp'], rows: 4 * ofMonth + ofSite }),
  // Classes and people, each from a month before the range; and who they are.
  planned(questions.rfm, RfmQuery.parse({ ...november, limit: 1 }), {
    by: [...byPerson, ...bySiteAndTime],
    rows: 4 * ofMonth,
  }),
  // Credits and paths: orders from a month before the range, who may have bought, and the visits from the lookback on.
  planned(questions.attribution, AttributionQuery.parse(november), { by: bySiteAndTime, rows: 11 * ofMonth }),
  // Everybody; who did it; and who the first are.
  planned(
    questions.segmentPreview,
    { people: { site: site.id, currency: 'EUR', is: orderedInNovember }, limit: 1 },
    { by: ['site', ...byPerson, ...bySiteAndTime], rows: 2 * ofSite + 2 * ofMonth },
  ),
  // Figures and redemptions, each: orders with a code, twice, and what became of those orders.
  planned(questions.discountReport, november, { by: bySiteAndTime, rows: 6 * ofMonth }),
  planned(questions.persons, { search: '', limit: 10 }, { by: [...byPerson, ...bySiteAndTime], rows: 2 * ofSite }),
  planned(
    questions.persons,
    { search: 'user-1', limit: 10 },
    { by: ['site', ...byPerson], rows: 2 * ofSite },
    'persons searched',
  ),
  // Orders that end the baskets of others by their ids are found by their time.
  planned(questions.person, person, {
    by: ['site', 'site, person', 'site, person, message_id', 'site, person, timestamp', 'site, timestamp'],
    rows: 20 * ofPerson,
    byIndex: 'orders',
  }),
  planned(questions.timeline, { ...person, limit: 10 }, { by: byPerson, rows: ofPerson }),
];

type Node = { 'Node Type': string; Description?: string; Indexes?: Index[]; Plans?: Node[] };
type Index = { Type: string; Name?: string; Keys?: string[]; Condition: string };
const reads = (node: Node): Node[] => [
  ...(node['Node Type'].startsWith('ReadFromMergeTree') ? [node] : []),
  ...(node.Plans ?? []).flatMap(reads),
];

/** What the statement reads of `events`, by the engine's own plan. */
const readsOfEvents = async (statement: Sql): Promise<Node[]> => {
  const { rows: lines } = await warehouse().query(
    sql`SELECT explain FROM (EXPLAIN json = 1, indexes = 1 ${statement})`,
    z.object({ explain: z.string() }),
  );
  const [{ Plan }] = JSON.parse(lines.map(({ explain }) => explain).join('\n')) as [{ Plan: Node }];
  return reads(Plan).filter(({ Description }) => Description === 'default.events' || Description === 'contents');
};

/** Asks the question of the real engine, and keeps what it asked and how many rows that took. */
const record = async (ask: Case['ask']): Promise<{ statements: Sql[]; rowsRead: number }> => {
  const statements: Sql[] = [];
  const read = { rows: 0 };
  const engine: Warehouse = {
    ...warehouse(),
    query: async (statement, row, limits) => {
      statements.push(statement);
      const answer = await warehouse().query(statement, row, limits);
      read.rows += answer.rowsRead;
      return answer;
    },
  };
  await ask(engine);
  return { statements, rowsRead: read.rows };
};

describe.each(cases)('$name', ({ name, ask, touched }) => {
  test('finds its rows by the sorting key and leaves the rest alone', async () => {
    const { statements, rowsRead } = await record(ask);
    const found = (await Promise.all(statements.map(readsOfEvents))).flat();
    expect(found.length).toBeGreaterThan(0);
    for (const { Indexes = [], Description } of found) {
      expect(Description).toBe(touched.isOfContents === true ? 'contents' : 'default.events');
      const key = Indexes.find(({ Type }) => Type === 'PrimaryKey');
      expect(key?.Condition).toContain(`(site in ['${site.id}', '${site.id}'])`);
      if (touched.byIndex !== undefined && key?.Keys?.join() === 'site')
        expect(Indexes.some(({ Type, Name }) => Type === 'Skip' && Name === touched.byIndex)).toBe(true);
    }
    const skipping = found.flatMap(({ Indexes = [] }) => Indexes.filter(({ Type }) => Type === 'Skip'));
    for (const name of touched.alsoByIndex ?? []) expect(skipping.map(({ Name }) => Name)).toContain(name);
    const keys = found.map(({ Indexes = [] }) => Indexes.find(({ Type }) => Type === 'PrimaryKey')?.Keys?.join(', '));
    expect([...new Set(keys)].sort()).toEqual(touched.by);
    // A granule at each border of each month.
    expect(rowsRead).toBeLessThanOrEqual(rows * touched.rows + statements.length * 3 * 2 * 8192);
    expect(statements.map(({ text }) => text.replace(/\s*\n\s*/g, '\n').trim()).join('\n\n')).toMatchSnapshot(name);
  });
});
