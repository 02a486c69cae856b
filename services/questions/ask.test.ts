import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { FunnelQuery } from '../../schemas/api/funnels.ts';
import { TrendQuery } from '../../schemas/api/trends.ts';
import { insertRows } from '../../test/support/rows.ts';
import { startWarehouse } from '../../test/support/warehouse.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { canonicalText, createAsk, type Question } from './ask.ts';
import { linksText } from './fingerprint.ts';
import { questions } from './questions.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-10-10T00:00:00Z');
const anybody = new AbortController().signal;
const siteOf = (id: string) => ({ id, currency: 'EUR', timeZone: 'UTC' });
const counter = { value: 0 };
const fresh = (prefix: string): string => {
  counter.value += 1;
  return `${prefix}-${counter.value}`;
};

type Event = { at: number; event?: string; user?: string; device?: string; id?: string };
const insert = (site: string, events: readonly Event[]) =>
  insertRows(
    warehouse(),
    'events',
    ['site', 'timestamp', 'event', 'type', 'message_id', 'user_id', 'anonymous_id'],
    events.map(({ at, event = 'a', user = '', device = '', id = fresh('m') }) => [
      site,
      columnTime(at),
      event,
      'track',
      id,
      user,
      device,
    ]),
  );
const link = (site: string, device: string, user: string, active = 1) =>
  insertRows(
    warehouse(),
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id', 'active'],
    [[site, device, user, columnTime(start), 'm', active]],
  );
const reload = () => warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);

/** The real warehouse, with the statements that were asked of it. */
const recorded = (): { warehouse: Warehouse; asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    warehouse: {
      ...warehouse(),
      query: (statement, row, limits) => {
        asked.push(statement.text);
        return warehouse().query(statement, row, limits);
      },
    },
  };
};

/** Asks about a site of its own at a time that is set by hand. */
const openDesk = () => {
  const clock = { now: start + 5 * day };
  const { warehouse: counted, asked } = recorded();
  const { ask, close } = createAsk({ warehouse: counted, now: () => clock.now });
  const site = siteOf(fresh('site'));
  const trend = TrendQuery.parse({
    measure: 'persons',
    from: new Date(start).toISOString(),
    to: new Date(start + day).toISOString(),
  });
  /** The number of persons, where it came from, and how many statements it took. */
  const persons = async () => {
    asked.length = 0;
    const { answer, source } = await ask(questions.trend, site, trend, anybody);
    return { total: answer.total, source, statements: asked.length };
  };
  return { clock, ask, close, site, trend, persons, asked };
};

test('a question that is asked again is answered from what was kept: one short statement tells that nothing has come', async () => {
  const { site, persons, ask, trend, asked, clock } = openDesk();
  await insert(site.id, [{ at: start, user: 'ada' }]);
  expect(await persons()).toEqual({ total: 1, source: 'engine', statements: 2 });
  expect(await persons()).toEqual({ total: 1, source: 'kept', statements: 1 });
  expect(asked[0]).toContain('FROM identities');
  clock.now += 5000;
  const reordered = Object.fromEntries(Object.entries(trend).reverse()) as TrendQuery;
  const { source, ageMilliseconds, answer } = await ask(questions.trend, site, reordered, anybody);
  expect({ source, ageMilliseconds, rowsRead: answer.rowsRead }).toEqual({
    source: 'kept',
    ageMilliseconds: 5000,
    rowsRead: 0,
  });
});

test('a question about all of time sees what comes, too', async () => {
  const { site, ask } = openDesk();
  const query = FunnelQuery.parse({
    steps: [{ event: 'a' }],
    from: '1901-01-01T00:00:00Z',
    to: '2199-01-01T00:00:00Z',
  });
  for (const [index, user] of ['ada', 'bob'].entries()) {
    await insert(site.id, [{ at: start, user }]);
    expect((await ask(questions.funnel, site, query, anybody)).answer.steps[0]?.count).toBe(index + 1);
  }
});

test('a question about what persons are sees what they say after its range', async () => {
  const { site, ask, trend } = openDesk();
  const says = (at: number, plan: string) =>
    insertRows(
      warehouse(),
      'events',
      ['site', 'timestamp', 'event', 'type', 'message_id', 'user_id', 'traits'],
      [[site.id, columnTime(at), 'Identify', 'identify', fresh('m'), 'ada', JSON.stringify({ plan })]],
    );
  await insert(site.id, [{ at: start, user: 'ada' }]);
  await says(start + 2 * day, 'tin');
  const query: TrendQuery = { ...trend, breakdown: { property: 'traits.plan', limit: 1 } };
  const plan = async () => (await ask(questions.trend, site, query, anybody)).answer.lines[1]?.breakdown?.value;
  expect(await plan()).toBe('tin');
  await says(start + 3 * day, 'gold');
  expect(await plan()).toBe('gold');
});

test('where the present cuts an interval short, time alone makes it whole', async () => {
  const { site, ask, trend, clock } = openDesk();
  await insert(site.id, [{ at: start, user: 'ada' }]);
  const isPartial = async () => (await ask(questions.trend, site, trend, anybody)).answer.points[0]?.isPartial;
  clock.now = start + day - 1;
  expect(await isPartial()).toBe(true);
  clock.now = start + day + 1000;
  expect(await isPartial()).toBe(false);
});

test("what comes into a question's time makes its answer stale, late as it may be; other times and other sites do not", async () => {
  const { site, persons } = openDesk();
  await insert(site.id, [{ at: start, user: 'ada' }]);
  await persons();
  await insert(site.id, [{ at: start + day, user: 'bob' }]);
  expect(await persons(), 'the day after').toMatchObject({ total: 1, source: 'kept' });
  await insert(fresh('other'), [{ at: start, user: 'bob' }]);
  expect(await persons(), 'of another site').toMatchObject({ total: 1, source: 'kept' });
  await insert(site.id, [{ at: start + hour, user: 'bob' }]);
  expect(await persons(), 'five days late').toMatchObject({ total: 2, source: 'engine' });
  expect(await persons()).toMatchObject({ total: 2, source: 'kept' });
});

test('a link between ids makes answers stale when questions see it, an undo too; links of other sites do not', async () => {
  const { site, persons } = openDesk();
  await insert(site.id, [
    { at: start, device: 'phone' },
    { at: start, user: 'ada' },
  ]);
  expect(await persons()).toMatchObject({ total: 2 });
  await link(site.id, 'phone', 'ada');
  await persons();
  await reload();
  expect(await persons()).toMatchObject({ total: 1, source: 'engine' });
  await link(site.id, 'phone', 'ada', 0);
  await reload();
  expect(await persons()).toMatchObject({ total: 2, source: 'engine' });
  // Long ago, so that the dictionary surely has them.
  const quiet = openDesk();
  await insert(quiet.site.id, [{ at: start, user: 'ada' }]);
  await quiet.persons();
  await link(fresh('other'), 'phone', 'ada');
  await reload();
  expect(await quiet.persons()).toMatchObject({ source: 'kept' });
});

test('links that the dictionary surely has do not depend on when it was read', () => {
  const links = { checksum: '1 7', newestAt: 100_000 };
  const dictionary = { isLoaded: true, startedAt: 170_000, version: 'first' };
  expect(linksText(links, { ...dictionary, version: 'second' })).toBe(linksText(links, dictionary));
  expect(linksText({ ...links, newestAt: 120_000 }, { ...dictionary, version: 'second' })).not.toBe(
    linksText({ ...links, newestAt: 120_000 }, dictionary),
  );
  expect(linksText(links, { ...dictionary, isLoaded: false })).not.toBe(linksText(links, dictionary));
});

test('rows that are folded or erased make answers stale, also when as many others came', async () => {
  const { site, ask, trend } = openDesk();
  const count = async () => {
    const { answer, source } = await ask(questions.trend, site, { ...trend, measure: 'count' } as TrendQuery, anybody);
    return [answer.total, source];
  };
  await insert(site.id, [
    { at: start, user: 'ada', id: 'one' },
    { at: start, user: 'bob' },
  ]);
  await insert(site.id, [{ at: start, user: 'ada', id: 'one' }]);
  expect(await count()).toEqual([2, 'engine']);
  await warehouse().command(sql`OPTIMIZE TABLE events FINAL`);
  expect(await count()).toEqual([2, 'engine']);
  await warehouse().command(
    sql`ALTER TABLE events DELETE WHERE site = ${site.id} AND user_id = 'ada' SETTINGS mutations_sync = 2`,
  );
  await insert(site.id, [{ at: start, user: 'eve' }]);
  expect(await count()).toEqual([2, 'engine']);
  await warehouse().command(sql`DELETE FROM events WHERE site = ${site.id} AND user_id = 'bob'`);
  expect(await count()).toEqual([1, 'engine']);
  expect(await count()).toEqual([1, 'kept']);
});

test('an answer that speaks of the present holds for a second, one whose windows have all ended does not age', async () => {
  const { site, ask, clock } = openDesk();
  const query = FunnelQuery.parse({
    steps: [{ event: 'a' }, { event: 'b' }],
    from: new Date(start).toISOString(),
    to: new Date(start + 10 * day).toISOString(),
    windowSeconds: 6 * 86_400,
  });
  await insert(site.id, [{ at: start, user: 'ada' }]);
  const second = async () => {
    const { answer, source } = await ask(questions.funnel, site, query, anybody);
    return [answer.steps[1]?.pending, answer.steps[1]?.dropped, source];
  };
  expect(await second()).toEqual([1, 0, 'engine']);
  expect(await second()).toEqual([1, 0, 'kept']);
  clock.now = start + 6 * day;
  expect(await second(), 'the window has ended').toEqual([0, 1, 'engine']);
  clock.now += 60_000;
  expect(await second()).toEqual([0, 1, 'kept']);
});

/** Works the engine for a minute unless it is stopped. */
const endless: Question<{ number: number }, { n: string }> = {
  name: 'endless',
  answer: async (engine, _site, query) => {
    const { rows } = await engine.query(
      sql`SELECT toString(sum(sipHash64(number, ${query.number}))) AS n FROM numbers(100000000000)`,
      z.object({ n: z.string() }),
      { seconds: 60 },
    );
    return rows[0] ?? { n: '' };
  },
  holdsUntil: () => Number.POSITIVE_INFINITY,
};

test('who asks the same at once waits for one answer', async () => {
  const { site, ask, trend, asked } = openDesk();
  await insert(site.id, [{ at: start, user: 'ada' }]);
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(questions.trend, site, trend, anybody)));
  expect(answers.map(({ answer }) => answer.total)).toEqual([1, 1, 1, 1, 1]);
  expect(answers.filter(({ source }) => source === 'engine')).toHaveLength(1);
  expect(asked.filter((text) => !text.includes('FROM identities'))).toHaveLength(1);
});

test('a question runs in the engine until the last who asked it has hung up, and shows how far it is', async () => {
  const { site, ask } = openDesk();
  const running = () => warehouse().running(`${site.id}/`);
  const [first, second] = [new AbortController(), new AbortController()];
  const left = ask(endless, site, { number: 1 }, first.signal).catch((error: unknown) => error);
  const stayed = ask(endless, site, { number: 1 }, second.signal).catch((error: unknown) => error);
  const progress = await vi.waitFor(async () => {
    const [question] = await running();
    expect(question?.rowsRead).toBeGreaterThan(0);
    return question;
  }, 10_000);
  expect(progress).toMatchObject({ name: expect.stringContaining(`${site.id}/endless/`), rowsTotal: 100_000_000_000 });
  expect(await warehouse().running('nobody/')).toEqual([]);
  first.abort(new Error('first is gone'));
  expect(await left).toMatchObject({ message: 'first is gone' });
  expect(await running()).toHaveLength(1);
  second.abort(new Error('second is gone'));
  expect(await stayed).toMatchObject({ message: 'second is gone' });
  await vi.waitFor(async () => expect(await running()).toEqual([]), { timeout: 20_000 });
});

test('one site takes no more than its share of the engine: the question of another is answered meanwhile', async () => {
  const { site, ask } = openDesk();
  const gone = new AbortController();
  const busy = Array.from({ length: 6 }, (_, number) =>
    ask(endless, site, { number }, gone.signal).catch(() => 'stopped'),
  );
  await vi.waitFor(async () => expect(await warehouse().running(`${site.id}/`)).toHaveLength(3), 10_000);
  const other = openDesk();
  await insert(other.site.id, [{ at: start, user: 'ada' }]);
  expect(await other.persons()).toMatchObject({ total: 1 });
  gone.abort(new Error('gone'));
  expect(await Promise.all(busy)).toEqual(Array.from({ length: 6 }, () => 'stopped'));
  await vi.waitFor(async () => expect(await warehouse().running(`${site.id}/`)).toEqual([]), { timeout: 20_000 });
});

test('equal questions have one text, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalText(reversed)).toBe(canonicalText(value));
      expect(JSON.parse(canonicalText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('come' as const),
      isOther: fc.boolean(),
      at: fc.integer({ min: -2, max: 30 }).map((hours) => start + hours * hour),
      event: fc.constantFrom('a', 'b'),
      who: fc.constantFrom({ user: 'ada' }, { user: 'bob' }, { device: 'phone' }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), active: fc.constantFrom(0, 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), user: fc.constantFrom('ada', 'bob') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fold' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
);

test('whatever happens in whatever order, an answer is never another than that of the engine at that time', {
  timeout: 120_000,
}, async () => {
  const sources = { engine: 0, together: 0, kept: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 20 }), async (deeds) => {
      const { site, clock, ask, trend } = openDesk();
      clock.now = start + 12 * hour;
      const query = FunnelQuery.parse({ ...trend, steps: [{ event: 'a' }, { event: 'b' }], windowSeconds: 7200 });
      const last: { event: Event } = { event: { at: start, user: 'ada', id: 'first' } };
      const asks = async () => {
        const persons = await ask(questions.trend, site, trend, anybody);
        const steps = await ask(questions.funnel, site, query, anybody);
        sources[persons.source] += 1;
        sources[steps.source] += 1;
        const options = { now: clock.now };
        expect([persons.answer.total, steps.answer.steps]).toEqual([
          (await questions.trend.answer(warehouse(), site, trend, options)).total,
          (await questions.funnel.answer(warehouse(), site, query, options)).steps,
        ]);
      };
      for (const done of deeds) {
        if (done.kind === 'ask') await asks();
        else if (done.kind === 'come') {
          const event = { at: done.at, event: done.event, id: fresh('m'), ...done.who };
          if (!done.isOther) last.event = event;
          await insert(done.isOther ? `${site.id}-other` : site.id, [event]);
        } else if (done.kind === 'repeat') await insert(site.id, [last.event]);
        else if (done.kind === 'fold') await warehouse().command(sql`OPTIMIZE TABLE events FINAL`);
        else if (done.kind === 'wait') clock.now += done.hours * hour;
        else if (done.kind === 'link') {
          await link(site.id, 'phone', 'ada', done.active);
          await reload();
        } else
          await warehouse().command(
            sql`ALTER TABLE events DELETE WHERE site = ${site.id} AND user_id = ${done.user} SETTINGS mutations_sync = 2`,
          );
      }
      await asks();
    }),
    { numRuns: 6, endOnFailure: true },
  );
  expect(sources.kept).toBeGreaterThan(0);
});
