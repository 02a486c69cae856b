import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Action } from '../../schemas/action.ts';
import type { Automation } from '../../schemas/automation.ts';
import { hour, site } from '../../test/support/automated-shop.ts';
import { createShiftedClock } from '../../test/support/clock.ts';
import { createMailServer } from '../../test/support/mail-server.ts';
import { openPlatform } from '../../test/support/services.ts';
import { mountLinks } from '../collector/links.ts';
import type { Platform } from '../platform/platform.ts';
import { createTokens } from '../platform/tokens.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { start as startSink } from '../sink/sink.ts';
import { createDiscounts } from './discounts.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';
import { basketRescue } from './ready-made.ts';

const openShop = async (automation: Partial<Automation> = {}, environment: Readonly<Record<string, string>> = {}) => {
  const clock = createShiftedClock();
  const { platform } = await openPlatform({ clock, environment });
  await platform.definitions.put('site', '', 'shop', site, { author: 'test' });
  await platform.definitions.put(
    'automation',
    'shop',
    'rescue',
    { ...basketRescue, enabled: true, holdoutPercent: 0, ...automation },
    { author: 'test' },
  );
  /** Rows as the sink writes them: baskets left `ago` ms ago, all in one block. */
  const left = async (
    users: string[],
    more: { price?: string; quantity?: number; url?: string; ago?: number } = {},
  ) => {
    const at = clock.now() - (more.ago ?? 2 * hour);
    const lines = users.flatMap((user) => [
      [
        'shop',
        columnTime(at),
        'Identify',
        'identify',
        `${user}-i`,
        user,
        `${user}@example.com`,
        '',
        '',
        null,
        null,
        'EUR',
        '',
        '{}',
        columnTime(at),
      ],
      [
        'shop',
        columnTime(at + 1),
        'Product Added',
        'track',
        `${user}-a`,
        user,
        '',
        'tent',
        'Tent',
        more.price ?? '10',
        more.quantity ?? 1,
        'EUR',
        `c-${user}`,
        JSON.stringify({ url: more.url ?? '' }),
        columnTime(at),
      ],
    ]);
    await platform.warehouse.insert(
      'events',
      [
        'site',
        'timestamp',
        'event',
        'type',
        'message_id',
        'user_id',
        'email',
        'product_id',
        'product_name',
        'price',
        'quantity',
        'currency',
        'cart_id',
        'properties',
        'received_at',
      ],
      Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')),
    );
  };
  return { platform, clock, left };
};

/** Actions on the log: what a group that never was there would have to do. */
const planned = ({ log }: Platform): Promise<number> => log.lag('actions', 'nobody');
const newestPhases = async ({ warehouse }: Platform): Promise<string[]> =>
  (
    await warehouse.query(
      sql`SELECT argMax(phase, sequence) AS phase FROM ledger GROUP BY action_id`,
      z.object({ phase: z.string() }),
    )
  ).rows
    .map(({ phase }) => phase)
    .sort();

const lookFor = async (platform: Platform, expected: number) => {
  const planner = startPlanner(platform);
  onTestFinished(() => planner.close());
  await expect.poll(() => planned(platform), { timeout: 30_000, interval: 100 }).toBe(expected);
};

test('one absurd basket keeps nobody else from getting a mail', async () => {
  const { platform, left } = await openShop();
  await left(['ada']);
  await left(['mallory'], { price: '99999999999999', quantity: 2_000_000_000 });
  const planner = startPlanner(platform);
  onTestFinished(() => planner.close());
  await expect.poll(() => planned(platform), { timeout: 30_000 }).toBeGreaterThanOrEqual(1);
});

test('a link to a long address can be followed', async () => {
  const { platform } = await openShop();
  await mountLinks(platform);
  const tokens = createTokens(platform.config.secretKey, platform.clock);
  const to = `https://shop.example/basket?${'utm_campaign=basket-rescue&'.repeat(10)}`;
  const token = tokens.sign('click', { s: 'shop', u: 'ada', a: 'a'.repeat(26), m: 'rescue', to }, 1000);
  const answer = await platform.http.app.inject(`/c/${token}`);
  expect([answer.statusCode, token.length]).toEqual([302, token.length]);
});

test('an address that only an event named gets no signed link', async () => {
  const { platform, left } = await openShop();
  await mountLinks(platform);
  await left(['mallory'], { url: 'https://phish.example/login' });
  const performer = await startPerformer(platform);
  onTestFinished(() => performer.close());
  await lookFor(platform, 1);
  await expect.poll(() => newestPhases(platform), { timeout: 30_000 }).toEqual(['sent']);
  const [kept] = (await platform.outbox?.list('shop', 1)) ?? [];
  const mail = await platform.outbox?.read('shop', kept?.id ?? '');
  const links = [...(mail?.mail.html ?? '').matchAll(/href="[^"]*(\/c\/[^"]+)"/g)].map(([, path]) => path ?? '');
  const targets = await Promise.all(links.map(async (path) => (await platform.http.app.inject(path)).headers.location));
  expect(targets.join(' ')).not.toContain('phish.example');
});

test('stopped between "sent" and telling of it, the mail is still told of after a restart', async () => {
  const { platform, left } = await openShop();
  await left(['ada']);
  await lookFor(platform, 1);
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
  // As a kill would: the append of "Email Sent" never begins.
  const dying: Platform = {
    ...platform,
    log: {
      ...platform.log,
      append: (topic, records) => (topic === 'events' ? never() : platform.log.append(topic, records)),
      consume: platform.log.consume,
    },
  };
  const first = await startPerformer(dying);
  await expect.poll(() => newestPhases(platform), { timeout: 30_000 }).toEqual(['sent']);
  void first.close();
  // It gives up waiting after 2 s and leaves the group.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const before = await platform.log.lag('events', 'nobody');
  const second = await startPerformer(platform);
  onTestFinished(() => second.close());
  await expect.poll(async () => (await platform.log.lag('events', 'nobody')) - before, { timeout: 30_000 }).toBe(1);
});

test('an order that was acknowledged but is not stored yet stops the mail', async () => {
  const { platform, clock, left } = await openShop();
  await left(['ada']);
  await lookFor(platform, 1);
  const header = {
    v: 1,
    site: 'shop',
    receivedAt: clock.now(),
    sentAt: null,
    channel: 'server',
    type: null,
    ip: '',
    userAgent: '',
  };
  const order = {
    type: 'track',
    event: 'Order Completed',
    userId: 'ada',
    messageId: 'o',
    timestamp: new Date(clock.now()).toISOString(),
    properties: { order_id: 'o1', revenue: 10, currency: 'EUR' },
  };
  await platform.log.append('events', [
    {
      key: 'shop/ada',
      label: 'shop',
      count: 1,
      value: Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(order)}`),
    },
  ]);
  // The sink is late, e.g. just after a restart.
  const performer = await startPerformer(platform);
  onTestFinished(() => performer.close());
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const sink = await startSink(platform);
  onTestFinished(() => sink.close(), 20_000);
  await expect.poll(() => newestPhases(platform), { timeout: 30_000 }).toEqual(['skipped']);
});

test('a record that is no JSON does not stop the performer', async () => {
  const { platform, left } = await openShop();
  await platform.log.append(
    'actions',
    ['a', 'b', 'c', 'd'].map((key) => ({ key, label: 'shop', count: 0, value: Buffer.from('{') })),
  );
  await left(['ada']);
  const performer = await startPerformer(platform);
  onTestFinished(() => performer.close());
  const planner = startPlanner(platform);
  onTestFinished(() => planner.close());
  await expect.poll(() => newestPhases(platform), { timeout: 30_000 }).toEqual(['sent']);
});

test('a code is worth what the mail that went out says', async () => {
  const { platform, clock } = await openShop();
  const discounts = createDiscounts({
    warehouse: platform.warehouse,
    tokens: createTokens(platform.config.secretKey, clock),
    now: clock.now,
  });
  const action = Action.parse({
    v: 1,
    id: 'a1',
    site: 'shop',
    automation: 'rescue',
    automationVersion: 1,
    step: 1,
    person: '1',
    userId: 'ada',
    email: 'a@b.c',
    occasion: 'o',
    requestedAt: new Date(clock.now()).toISOString(),
    basket: {
      cartId: 'c',
      items: [],
      removed: [],
      value: '1.00',
      currency: 'EUR',
      lastActivity: new Date(clock.now()).toISOString(),
    },
  });
  await discounts.issue(action, { kind: 'percent', percent: 10, validSeconds: 3600 });
  clock.advance(1000);
  const again = await discounts.issue(action, { kind: 'percent', percent: 20, validSeconds: 7200 });
  expect(await discounts.look('shop', again?.code ?? '')).toMatchObject({
    percent: 20,
    expiresAt: again?.expiresAt,
  });
});

test.each([
  ['stopped', 300],
  ['without its partitions from one moment to the next', 0],
])(
  'of 300 people nobody gets two mails and nobody is forgotten, when a performer is %s with many under way',
  async (how, leastSent) => {
    const post = await createMailServer();
    const { platform, clock, left } = await openShop({}, { SMTP_URL: post.url });
    // Who tells of mails adds events: without a sink they would wait to be stored, and nothing more be sent.
    const sink = await startSink(platform);
    onTestFinished(() => sink.close(), 20_000);
    const people = Array.from({ length: 300 }, (_, index) => `user-${index}`);
    await left(people);
    await lookFor(platform, people.length);
    const lost = { is: false };
    const losing: Platform = {
      ...platform,
      // Beside other tests the mails that are under way may take longer than the two seconds that are left to them.
      clock: { ...clock, sleep: (ms, signal) => clock.sleep(signal === undefined ? 10 * ms : ms, signal) },
      log: {
        ...platform.log,
        consume: (topic, group, handlers) =>
          platform.log.consume(topic, group, {
            ...handlers,
            assigned: (partitions, lease) =>
              handlers.assigned(partitions, { isHeld: () => !lost.is && lease.isHeld() }),
          }),
      },
    };
    const first = await startPerformer(losing);
    await expect.poll(() => post.mails.length, { timeout: 20_000, interval: 10 }).toBeGreaterThan(20);
    lost.is = how !== 'stopped';
    await first.close();
    const second = await startPerformer(platform);
    onTestFinished(() => second.close());
    const isOver = (phase: string) => phase === 'sent' || phase === 'uncertain';
    const over = async () => (await newestPhases(platform)).filter(isOver);
    await expect.poll(async () => (await over()).length, { timeout: 60_000, interval: 200 }).toBe(people.length);
    const addresses = post.mails.flatMap(({ to }) => [to].flat().map((each) => each?.text));
    expect(new Set(addresses).size, 'each address once').toBe(addresses.length);
    const sent = (await over()).filter((phase) => phase === 'sent').length;
    expect([addresses.length, sent >= leastSent]).toEqual([sent, true]);
  },
  150_000,
);
