import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { TrendQuery } from '../../schemas/api/trends.ts';
import { startWarehouse } from '../../test/support/warehouse.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { eventNames } from './event-names.ts';
import { overview } from './overview.ts';
import { persons } from './people/persons.ts';
import { personProfile } from './people/profile.ts';
import { timeline } from './people/timeline.ts';
import { recentEvents } from './recent.ts';
import { trend } from './trends/trends.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');
const now = Date.parse('2026-11-01T12:00:00Z');
const hour = 3_600_000;
const site = { id: 'shop', timeZone: 'Europe/Berlin', currency: 'EUR' };

type Event = Partial<
  Record<'user_id' | 'anonymous_id' | 'order_id' | 'currency' | 'email' | 'traits' | 'session' | 'channel', string>
> & { at: number; event: string; revenue?: string; type?: string };
const columns = [
  'site',
  'timestamp',
  'received_at',
  'event',
  'type',
  'message_id',
  'user_id',
  'anonymous_id',
  'order_id',
  'currency',
  'revenue',
  'email',
  'traits',
  'session',
  'channel',
];

beforeAll(async () => {
  opened.engine = await startWarehouse();
  const events: Event[] = [
    { at: now - 50 * hour, event: 'Page Viewed', anonymous_id: 'phone', session: 's1' },
    { at: now - 49 * hour, event: 'Product Viewed', anonymous_id: 'phone', session: 's1' },
    {
      at: now - 48 * hour,
      event: 'Identify',
      type: 'identify',
      anonymous_id: 'phone',
      user_id: 'ada',
      email: 'ada@example.com',
      traits: '{"email":"ada@example.com","firstName":"Ada","lastName":"L","plan":"a"}',
      session: 's1',
    },
    { at: now - 47 * hour, event: 'Identify', type: 'identify', user_id: 'ada', traits: '{"plan":"b"}' },
    {
      at: now - 46 * hour,
      event: 'Order Completed',
      user_id: 'ada',
      order_id: 'o1',
      revenue: '19.90',
      currency: 'EUR',
    },
    // The shop's server tells of the same order.
    {
      at: now - 46 * hour + 1,
      event: 'Order Completed',
      user_id: 'ada',
      order_id: 'o1',
      revenue: '19.90',
      currency: 'EUR',
    },
    { at: now - 60_000, event: 'Page Viewed', anonymous_id: 'tablet', session: 's2' },
    { at: now - 30_000, event: 'Page Viewed', user_id: 'bob' },
  ];
  const lines = events.map((event, index) => {
    const { at, event: name, type = 'track', revenue = null, channel = 'browser', ...rest } = event;
    const text = (column: keyof typeof rest) => rest[column] ?? '';
    return JSON.stringify([
      'shop',
      columnTime(at),
      columnTime(at),
      name,
      type,
      `m${index}`,
      text('user_id'),
      text('anonymous_id'),
      text('order_id'),
      text('currency'),
      revenue,
      text('email'),
      text('traits'),
      text('session'),
      channel,
    ]);
  });
  await warehouse().insert('events', columns, Buffer.from(`${lines.join('\n')}\n`));
  await warehouse().insert(
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
    Buffer.from(`${JSON.stringify(['shop', 'phone', 'ada', columnTime(now - 48 * hour), 'm2'])}\n`),
  );
  await warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);
});
afterAll(() => opened.engine?.close());

test('the overview counts persons once, an order once, and what happens now', async () => {
  const answer = await overview(warehouse(), site, { days: 30 }, { now });
  expect(answer.current).toEqual({
    visitors: 3,
    sessions: 2,
    orders: 1,
    revenue: [{ currency: 'EUR', amount: '19.90' }],
    conversion: 1 / 3,
  });
  expect(answer.previous).toEqual({ visitors: 0, sessions: 0, orders: 0, revenue: [], conversion: null });
  expect(answer.live).toEqual({ persons: 2, events: 2, orders: 0 });
});

test("a trend has a point for every day of the site's time zone, empty ones too, also over a change of the clocks", async () => {
  const query = TrendQuery.parse({
    event: '*',
    measure: 'persons',
    interval: 'day',
    from: '2026-10-22T22:00:00Z',
    to: '2026-11-02T00:00:00Z',
  });
  const { points, total } = await trend(warehouse(), site, query, { now });
  expect(points.map(({ at }) => at)).toEqual([
    ...['23', '24', '25'].map((day) => `2026-10-${Number(day) - 1}T22:00:00.000Z`),
    ...['25', '26', '27', '28', '29', '30', '31'].map((day) => `2026-10-${day}T23:00:00.000Z`),
    '2026-11-01T23:00:00.000Z',
  ]);
  expect(points.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(3);
  expect(total).toBe(3);
  const sums = await trend(
    warehouse(),
    site,
    TrendQuery.parse({ ...query, event: 'Order Completed', measure: 'sum', interval: 'week' }),
    { now },
  );
  expect(sums.total).toBeCloseTo(19.9);
});

test('a person is found by each of the ids, and the journey before sign-in belongs to them', async () => {
  for (const search of ['ada', 'phone', 'ADA@exam', 'Ada']) {
    const found = await persons(warehouse(), site, { search, limit: 10 }, { now });
    expect(found.persons, search).toMatchObject([
      { userId: 'ada', email: 'ada@example.com', name: 'Ada L', events: 6, firstSeen: '2026-10-30T10:00:00.000Z' },
    ]);
  }
  const all = await persons(warehouse(), site, { search: '', limit: 2 }, { now });
  expect(all.persons.map(({ userId }) => userId)).toEqual(['bob', '']);
  const rest = await persons(warehouse(), site, { search: '', limit: 2, cursor: all.nextCursor ?? '' }, { now });
  expect(rest.persons.map(({ userId }) => userId)).toEqual(['ada']);
  expect(rest.nextCursor).toBeNull();
});

test('a profile merges traits, counts an order once, and says why devices were joined; a device id leads to the person', async () => {
  const [ada] = (await persons(warehouse(), site, { search: 'ada', limit: 1 }, { now })).persons;
  const profile = await personProfile(warehouse(), site, { id: ada?.id ?? '' }, { now });
  expect(profile).toMatchObject({
    traits: { plan: 'b', firstName: 'Ada' },
    orders: [{ orderId: 'o1', net: '19.90' }],
    value: [{ currency: 'EUR', orders: 1, net: '19.90' }],
    identities: [
      { kind: 'user', id: 'ada', events: 4, joinedBy: null },
      {
        kind: 'device',
        id: 'phone',
        firstSeen: '2026-10-30T10:00:00.000Z',
        events: 3,
        joinedBy: { at: '2026-10-30T12:00:00.000Z', event: 'Identify', type: 'identify', messageId: 'm2' },
      },
    ],
  });
  const { rows } = await warehouse().query(
    sql`SELECT toString(sipHash64('shop', 'anonymous', 'phone')) AS id`,
    z.object({ id: z.string() }),
  );
  expect((await personProfile(warehouse(), site, { id: rows[0]?.id ?? '' }, { now })).id).toBe(ada?.id);
  await expect(personProfile(warehouse(), site, { id: '1' }, { now })).rejects.toMatchObject({ code: 'not_found' });
  await expect(
    personProfile(warehouse(), { id: 'other', currency: 'EUR' }, { id: ada?.id ?? '' }, { now }),
    'another site',
  ).rejects.toMatchObject({ code: 'not_found' });
});

test('a timeline pages without a gap, newest first', async () => {
  const [ada] = (await persons(warehouse(), site, { search: 'ada', limit: 1 }, { now })).persons;
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await timeline(
      warehouse(),
      site,
      { id: ada?.id ?? '', limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      { now },
    );
    seen.push(...page.events.map(({ messageId }) => messageId));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(['m5', 'm4', 'm3', 'm2', 'm1', 'm0']);
});

test('names of events, and what came in just now', async () => {
  expect((await eventNames(warehouse(), site, {}, { now })).events[0]).toEqual({
    event: 'Page Viewed',
    count: 3,
    lastSeen: '2026-11-01T11:59:30.000Z',
  });
  expect(
    (await recentEvents(warehouse(), 'shop', now - 90_000)).map(({ userId, timestamp }) => [userId, timestamp]),
  ).toEqual([
    ['bob', '2026-11-01T11:59:30.000Z'],
    ['', '2026-11-01T11:59:00.000Z'],
  ]);
});
