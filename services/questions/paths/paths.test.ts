import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { FunnelQuery } from '../../../schemas/api/funnels.ts';
import { PathPersonsQuery, type PathsAnswer, PathsQuery } from '../../../schemas/api/paths.ts';
import { type OraclePath, type OraclePaths, oraclePaths } from '../../../test/oracle/paths.ts';
import { asJourneys, mess, storeJourneys } from '../../../test/support/journeys.ts';
import { runs } from '../../../test/support/runs.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { funnel } from '../funnels/funnel.ts';
import { paths } from './paths.ts';
import { pathPersons } from './persons.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const start = Date.parse('2026-10-10T00:00:00Z');

/** Few names, few instants: ties and loops are the rule. Half a second apart, so that windows and pauses end between and on rows. */
const row = fc.record(
  {
    half: fc.integer({ min: -4, max: 24 }),
    event: fc.constantFrom('a', 'b', 'c', 'Page Viewed', 'Page Viewed', 'Identify'),
    price: fc.constantFrom('1', '5'),
    /** By us, now and then. */
    channel: fc.constantFrom('internal', 'browser', 'browser'),
    path: fc.constantFrom('/', '/p/1', '/p/2/', '/p/2?x=1', '/q//'),
    session: fc.constantFrom(0, 1),
  },
  { requiredKeys: ['half', 'event'] },
);
const filter = fc.record(
  { event: fc.constantFrom('a', 'b', 'Page Viewed', '*'), minimumPrice: fc.constantFrom(1, 5) },
  { requiredKeys: ['event'] },
);
const question = fc
  .record(
    {
      start: filter,
      end: filter,
      first: fc.integer({ min: -4, max: 12 }),
      length: fc.integer({ min: 1, max: 20 }),
      now: fc.integer({ min: 0, max: 40 }),
      events: fc.constantFrom(['a', 'b'], ['Page Viewed'], ['Page Viewed', 'a', 'c']),
      except: fc.constantFrom([], ['b']),
      pages: fc.constantFrom('name' as const, 'path' as const),
      groups: fc.constantFrom([], ['/p/*'], ['*/2', '/p/*']),
      countBy: fc.constantFrom('person' as const, 'session' as const, 'visit' as const),
      gapSeconds: fc.integer({ min: 1, max: 3 }),
      occurrence: fc.constantFrom('first' as const, 'last' as const),
      windowSeconds: fc.integer({ min: 1, max: 10 }),
      maxSteps: fc.integer({ min: 2, max: 6 }),
      limit: fc.constantFrom(1, 2, 3, 50),
    },
    {
      requiredKeys: [
        'first',
        'length',
        'now',
        'except',
        'pages',
        'groups',
        'countBy',
        'gapSeconds',
        'occurrence',
        'windowSeconds',
        'maxSteps',
        'limit',
      ],
    },
  )
  .map(({ first, length, now, ...rest }) => ({
    ...rest,
    from: start + first * 500,
    to: start + (first + length) * 500,
    now: start + now * 500,
  }));
const scenario = fc.record({
  persons: fc.array(fc.array(row, { maxLength: 9 }), { minLength: 150, maxLength: 150 }),
  questions: fc.array(question, { minLength: 6, maxLength: 6 }),
  how: mess,
});
type Question = OraclePaths & { limit: number };

const filterOf = (given: OraclePaths['start']) =>
  given === undefined
    ? undefined
    : {
        event: given.event,
        where:
          given.minimumPrice === undefined
            ? []
            : [{ property: 'price', op: 'gte' as const, value: given.minimumPrice }],
      };

const queryOf = ({ start, end, from, to, now: _now, events, except, pages, groups, ...rest }: Question) =>
  PathsQuery.parse({
    ...rest,
    start: filterOf(start),
    end: filterOf(end),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    steps: { events, except, pages, groups },
    topPaths: 100,
  });

/** The order of names within a millisecond, as the engine has it. */
const ranks = async (names: readonly string[]): Promise<(name: string) => bigint> => {
  const { rows } = await warehouse().query(
    sql`SELECT arrayJoin(${[...names]}) AS name, toString(cityHash64(name)) AS rank`,
    z.object({ name: z.string(), rank: z.string() }),
  );
  const known = new Map(rows.map(({ name, rank }) => [name, BigInt(rank)]));
  return (name) => known.get(name) ?? expect.fail(`a name that is not known: ${name}`);
};
const names = ['a', 'b', 'c', 'Page Viewed', 'Identify', '/', '/p/1', '/p/2', '/q', '/p/*', '*/2'];

/** The tree of an answer: for each node the steps that lead to it. */
const waysOf = ({ nodes, links }: PathsAnswer): Map<string, string[]> => {
  const ways = new Map<string, string[]>();
  for (const node of nodes.filter(({ kind }) => kind === 'event')) {
    const from = links.find(({ to }) => to === node.id)?.from;
    ways.set(node.id, [...(from === undefined ? [] : (ways.get(from) ?? [])), node.name]);
  }
  return ways;
};

/** The node of a column that a path is in, given which prefixes are shown. */
const placeOf = (path: OraclePath, step: number, shown: ReadonlyMap<string, string>): string => {
  if (path.steps.length <= step) return `${step}:exit`;
  return shown.get(JSON.stringify(path.steps.slice(0, step + 1))) ?? `${step}:other`;
};

const tally = (keys: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]));

const checkTree = (answer: PathsAnswer, walked: readonly OraclePath[], { limit, maxSteps }: Question, told: string) => {
  const ways = waysOf(answer);
  const shown = new Map([...ways].map(([id, way]) => [JSON.stringify(way), id]));
  const width = walked.length === 0 ? 0 : Math.min(maxSteps, Math.max(...walked.map(({ steps }) => steps.length)) + 1);
  const columns = Array.from({ length: width }, (_, step) => step);
  expect(answer.entries, told).toBe(walked.length);
  expect(tallied(answer.nodes.map(({ id, count }) => [id, count])), told).toEqual(
    tally(columns.flatMap((step) => walked.map((path) => placeOf(path, step, shown)))),
  );
  expect(tallied(answer.links.map(({ from, to, count }) => [`${from} ${to}`, count])), told).toEqual(
    tally(
      columns
        .slice(0, -1)
        .flatMap((step) => walked.map((path) => `${placeOf(path, step, shown)} ${placeOf(path, step + 1, shown)}`)),
    ),
  );
  for (const { id, step, kind, pending } of answer.nodes)
    expect(pending, `${told} ${id}`).toBe(
      kind === 'exit' ? walked.filter(({ steps, isOpen }) => isOpen && steps.length <= step).length : 0,
    );
  for (const step of columns) {
    const here = walked.filter(({ steps }) => steps.length > step).map(({ steps }) => steps.slice(0, step + 1));
    const counts = Object.values(tally(here.map((way) => JSON.stringify(way)))).sort((a, b) => b - a);
    const candidates = counts[5 * limit - 1] ?? 0;
    const inColumn = answer.nodes.filter((node) => node.step === step && node.kind === 'event');
    const least = inColumn.length < limit ? 0 : Math.min(...inColumn.map(({ count }) => count));
    for (const [text, count] of Object.entries(tally(here.map((way) => JSON.stringify(way))))) {
      const way = JSON.parse(text) as string[];
      const isOnShownWay = step === 0 || shown.has(JSON.stringify(way.slice(0, -1)));
      if (shown.has(text)) expect(isOnShownWay && count >= candidates, `${told} ${text}`).toBe(true);
      else expect(!isOnShownWay || count <= Math.max(least, candidates), `${told} hidden: ${text}`).toBe(true);
    }
  }
};
const tallied = (pairs: [string, number][]): Record<string, number> => Object.fromEntries(pairs);

/** Whatever is shown: every column adds up to the entries, and every node to the links into it and out of it. */
const checkSums = ({ entries, nodes, links }: PathsAnswer, told: string) => {
  const sum = (counts: readonly { count: number }[]) => counts.reduce((all, { count }) => all + count, 0);
  const last = Math.max(...nodes.map(({ step }) => step));
  for (const [step, column] of Map.groupBy(nodes, ({ step }) => step)) {
    expect(sum(column), told).toBe(entries);
    for (const { id, count } of column) {
      if (step > 0) expect(sum(links.filter(({ to }) => to === id)), `${told} into ${id}`).toBe(count);
      if (step < last) expect(sum(links.filter(({ from }) => from === id)), `${told} out of ${id}`).toBe(count);
    }
  }
};

const checkWhole = (answer: PathsAnswer, walked: readonly OraclePath[], told: string) => {
  const counts = tally(walked.map(({ steps }) => JSON.stringify(steps)));
  expect(
    answer.paths.map(({ count }) => count),
    told,
  ).toEqual(
    Object.values(counts)
      .sort((a, b) => b - a)
      .slice(0, 100),
  );
  for (const { steps, count } of answer.paths) expect(count, told).toBe(counts[JSON.stringify(steps)]);
};

/** All pages of a list. */
const everybody = async (id: string, query: object, now: number) => {
  const found = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await pathPersons(
      warehouse(),
      { id },
      PathPersonsQuery.parse({ ...query, limitPersons: 37, ...(cursor === undefined ? {} : { cursor }) }),
      { now },
    );
    found.push(...page.persons);
    cursor = page.nextCursor;
  }
  return found;
};

/** Persons of a node and of a link are those that brute force puts there. */
const checkPersons = async (id: string, answer: PathsAnswer, walked: readonly OraclePath[], asked: Question) => {
  const shown = new Map([...waysOf(answer)].map(([node, way]) => [JSON.stringify(way), node]));
  const lines = (all: readonly { userId: string; session: string; at: number; steps: readonly string[] }[]) =>
    all.map(({ userId, session, at, steps }) => `${userId} ${session} ${at} ${steps}`).sort();
  const expected = (isMeant: (path: OraclePath) => boolean) =>
    lines(walked.filter(isMeant).map(({ person, ...path }) => ({ ...path, userId: `user-${person}` })));
  const told = (found: Awaited<ReturnType<typeof everybody>>) =>
    lines(found.map(({ at, ...rest }) => ({ ...rest, at: Date.parse(at) })));
  const query = queryOf(asked);
  for (const kind of ['event', 'other', 'exit']) {
    const node = answer.nodes.findLast((each) => each.kind === kind);
    if (node === undefined) continue;
    expect(told(await everybody(id, { ...query, node: node.id }, asked.now)), node.id).toEqual(
      expected((path) => placeOf(path, node.step, shown) === node.id),
    );
    const link = answer.links.findLast(({ to }) => to === node.id);
    if (link === undefined) continue;
    const { from, to } = link;
    expect(told(await everybody(id, { ...query, link: { from, to } }, asked.now)), `${from} ${to}`).toEqual(
      expected((path) => placeOf(path, node.step - 1, shown) === from && placeOf(path, node.step, shown) === to),
    );
  }
};

/** A funnel of the path's ends counts the same persons. */
const checkFunnel = async (id: string, asked: Question) => {
  if (asked.countBy === 'visit' || asked.start === undefined) return;
  const steps = [asked.start, ...(asked.end === undefined ? [] : [asked.end])].map(filterOf);
  if (steps.some((step) => step?.event === '*')) return;
  const query = FunnelQuery.parse({
    steps,
    from: new Date(asked.from).toISOString(),
    to: new Date(asked.to).toISOString(),
    windowSeconds: asked.windowSeconds,
    countBy: asked.countBy,
  });
  const told = await funnel(warehouse(), { id }, query, { now: asked.now });
  const answer = await paths(warehouse(), { id }, queryOf(asked), { now: asked.now });
  expect(answer.entries, 'as in a funnel').toBe(told.steps.at(-1)?.count);
};

test('paths are those of brute force, add up, agree with funnels and list whom they count, however the events are stored', {
  timeout: 300_000,
}, async () => {
  const run = { number: 0 };
  const rankOf = await ranks(names);
  await fc.assert(
    fc.asyncProperty(scenario, async ({ persons, questions, how }) => {
      run.number += 1;
      const journeys = asJourneys(
        persons.map((rows, person) =>
          rows.map(({ half, session, event, ...each }) => ({
            ...each,
            event,
            type: event === 'Page Viewed' ? 'page' : event === 'Identify' ? 'identify' : 'track',
            time: start + half * 500,
            ...(session === undefined ? {} : { session: `s-${person}-${session}` }),
          })),
        ),
      );
      const sites = [`plain-${run.number}`, `messy-${run.number}`] as const;
      await storeJourneys(warehouse(), sites[0], journeys);
      await storeJourneys(warehouse(), sites[1], journeys, how);
      const walks = journeys.flatMap((journey, person) => journey.map((each) => ({ ...each, person })));
      for (const asked of questions as Question[]) {
        const walked = oraclePaths(walks, asked, rankOf);
        const answers: PathsAnswer[] = [];
        for (const id of sites) {
          const told = JSON.stringify({ id, asked });
          const answer = await paths(warehouse(), { id }, queryOf(asked), { now: asked.now });
          checkSums(answer, told);
          checkTree(answer, walked, asked, told);
          checkWhole(answer, walked, told);
          answers.push({ ...answer, queryMs: 0, rowsRead: 0 });
        }
        expect(answers[0]).toEqual(answers[1]);
      }
      for (const asked of questions as Question[]) await checkFunnel(sites[1], asked);
      const [asked] = questions as Question[];
      if (asked === undefined) return;
      const answer = await paths(warehouse(), { id: sites[1] }, queryOf(asked), { now: asked.now });
      await checkPersons(sites[1], answer, oraclePaths(walks, asked, rankOf), asked);
    }),
    { numRuns: runs(6), endOnFailure: true },
  );
});

const range = { from: new Date(start).toISOString(), to: new Date(start + 86_400_000).toISOString() };

test('names and patterns are text, whatever they hold, and another site sees nothing', async () => {
  const odd = ["/'; DROP TABLE events", '/{p0:String}', '/a.b', '/axb', '/(x)', '/%2F\\'];
  await storeJourneys(
    warehouse(),
    'hostile',
    asJourneys([odd.map((path, place) => ({ time: start + place * 1000, event: 'Page Viewed', path }))]),
  );
  const ask = (id: string, groups: string[]) =>
    paths(warehouse(), { id }, PathsQuery.parse({ ...range, steps: { pages: 'path', groups }, maxSteps: 20 }), {
      now: start,
    });
  expect((await ask('hostile', [])).paths).toEqual([{ steps: odd, count: 1, isOver: true }]);
  expect((await ask('hostile', ['/a.b', '/(x)*', '[', '\\Q*'])).paths[0]?.steps).toEqual(
    odd.map((path) => (path === '/(x)' ? '/(x)*' : path)),
  );
  expect(await ask('elsewhere', [])).toMatchObject({ entries: 0, nodes: [], links: [], paths: [] });
});

test('a node that is none, a cursor of another list, and both a node and a link are refused by name', async () => {
  const refusal = (query: object) => PathPersonsQuery.safeParse({ ...range, ...query }).error?.issues[0];
  expect(refusal({})).toMatchObject({ path: ['node'], message: 'either a node or a link' });
  expect(refusal({ node: '0:exit', link: { from: '0:exit', to: '1:exit' } })).toMatchObject({ path: ['node'] });
  expect(refusal({ node: '0:1) OR 1=1' })).toMatchObject({ path: ['node'] });
  expect(refusal({ node: '0:exit', limit: 51 })).toMatchObject({ path: ['limit'] });
  const query = PathPersonsQuery.parse({ ...range, node: '0:other', cursor: 'x' });
  await expect(pathPersons(warehouse(), { id: 'shop' }, query, { now: start })).rejects.toMatchObject({
    code: 'bad_request',
    message: 'cursor: not one that this route gave',
  });
  const none = PathPersonsQuery.parse({ ...range, node: '19:99999999999999999999', cursor: '1:99999999999999999999:' });
  expect(await pathPersons(warehouse(), { id: 'shop' }, none, { now: start })).toEqual({
    persons: [],
    nextCursor: null,
  });
});
