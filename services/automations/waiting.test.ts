import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Automation } from '../../schemas/automation.ts';
import { noContactRules } from '../../schemas/contact-rules.ts';
import { openMailServer, openShop } from '../../test/support/automated-shop.ts';
import { insertRows } from '../../test/support/rows.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { startPerformer } from './performer.ts';
import { createLook } from './planner.ts';
import { mountAutomationRoutes } from './routes.ts';
import { putContactRules } from './scene.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
const week = 7 * 86_400;
/** So that dozens are many. */
const narrow = { most: 12, leastOfOne: 3, pageSize: 10 };

const email = {
  subject: 'Hello',
  heading: 'Hello',
  body: 'Hello.',
  button: 'See',
  buttonUrl: 'https://shop.example/',
};
const answerTo = (event: string, more: object = {}): Automation =>
  Automation.parse({
    name: event,
    enabled: true,
    trigger: { kind: 'event', event },
    steps: [{ id: 'm', kind: 'email', email }],
    ...more,
  });

const namesOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

/** Something happened to each of them, just now. */
const happen = async ({ platform, clock }: Shop, users: readonly string[], event: string): Promise<void> => {
  const at = columnTime(clock.now() - 1000);
  const columns = ['site', 'timestamp', 'received_at', 'event', 'type', 'message_id', 'user_id', 'email', 'traits'];
  const rows = users.map((user) => {
    const email = `${user}@example.com`;
    return ['shop', at, at, event, 'track', `${user}-${event}`, user, email, JSON.stringify({ email })];
  });
  await insertRows(platform.warehouse, 'events', columns, rows);
};

const look = ({ platform }: Shop): Promise<void> => createLook(platform)(new AbortController().signal);

const countOf = async ({ platform }: Shop, phase: string): Promise<number> =>
  (
    await platform.warehouse.query(
      sql`
        SELECT countIf(phase = ${phase}) AS count
        FROM (SELECT argMax(ledger.phase, sequence) AS phase FROM ledger GROUP BY action_id)`,
      z.object({ count: z.coerce.number() }),
    )
  ).rows[0]?.count ?? 0;

const addresseesOf = (post: Awaited<ReturnType<typeof openMailServer>>): string[] =>
  post.mails.flatMap(({ to }) => [to].flat().map((each) => each?.value[0]?.address?.split('@')[0] ?? '')).sort();

const performing = async (shop: Shop) => {
  const performer = await startPerformer(shop.platform, narrow);
  onTestFinished(() => performer.close(), 20_000);
};

test('more are waiting than memory holds when it starts: each of them is done, and done once', async () => {
  const post = await openMailServer();
  const shop = await openShop({ smtpUrl: post.url, automation: answerTo('Signed Up') });
  const users = namesOf('user', 60);
  await happen(shop, users, 'Signed Up');
  await look(shop);
  // It notes them all and can do none: everything is to wait.
  await putContactRules(shop.platform, 'shop', { ...noContactRules, paused: true }, { author: 'test' });
  const first = await startPerformer(shop.platform, narrow);
  await expect.poll(() => countOf(shop, 'requested'), { timeout: 40_000 }).toBe(users.length);
  await first.close();
  await putContactRules(shop.platform, 'shop', noContactRules, { author: 'test' });
  await performing(shop);
  await expect.poll(() => countOf(shop, 'sent'), { timeout: 60_000 }).toBe(users.length);
  expect(addresseesOf(post)).toEqual(users.toSorted());
}, 200_000);

test('actions in the ledger that cannot be read, more than a page of them, hold up nobody: they are said once, and listed as such', async () => {
  const post = await openMailServer();
  const shop = await openShop({ smtpUrl: post.url, automation: answerTo('Signed Up') });
  const { platform, clock } = shop;
  const users = namesOf('user', 15);
  await happen(shop, users, 'Signed Up');
  await look(shop);
  await putContactRules(platform, 'shop', { ...noContactRules, paused: true }, { author: 'test' });
  const first = await startPerformer(platform, narrow);
  await expect.poll(() => countOf(shop, 'requested'), { timeout: 40_000 }).toBe(users.length);
  await first.close();

  const columns = ['site', 'action_id', 'automation', 'person', 'user_id', 'phase', 'sequence', 'action', 'at'];
  // Their ids come before all others.
  const damaged = (id: string, phase: string, action: string) => {
    const at = columnTime(clock.now() + 600_000);
    return ['shop', `0${id}`, 'basket-rescue', '7', 'zoe', phase, 9, action, at];
  };
  await insertRows(platform.warehouse, 'ledger', columns, [
    ...namesOf('half', narrow.pageSize).map((id) => damaged(id.replace('-', ''), 'requested', '{"v":1,"id":"half')),
    damaged('newer', 'claimed', '{"v":2,"kind":"text message"}'),
    damaged('untold', 'sent', '{"kind":"email"}'),
    damaged('phase', 'forwarded', '{"kind":"email"}'),
  ]);
  await putContactRules(platform, 'shop', noContactRules, { author: 'test' });
  const said: string[] = [];
  const { logger } = platform.telemetry;
  const error = (fields: { action?: string }, message: string) => void said.push(`${fields.action}: ${message}`);
  const telemetry = { ...platform.telemetry, logger: { ...logger, warn: logger.warn.bind(logger), error } };
  await performing({ ...shop, platform: { ...platform, telemetry } });
  await expect.poll(() => addresseesOf(post), { timeout: 60_000 }).toEqual(users.toSorted());
  expect(new Set(said).size).toBe(said.length);
  expect(said).toContain('0newer: an action in the ledger cannot be read: left out');
  expect(said).toHaveLength(narrow.pageSize + 2);

  mountAutomationRoutes(platform);
  const headers = { authorization: `Bearer ${platform.config.adminToken}` };
  const list = async (query: string) => {
    const answer = await platform.http.app.inject({ url: `/api/sites/shop/actions?${query}`, headers });
    return answer.json<{ actions: { id: string; phase: string }[]; nextCursor: string }>();
  };
  const { actions, nextCursor } = await list('limit=13');
  expect(actions.find(({ id }) => id === '0phase')).toMatchObject({ phase: 'unknown', kind: 'unknown', userId: 'zoe' });
  expect(actions.filter(({ id }) => !id.startsWith('0'))).toEqual([]);
  const rest = await list(`limit=200&cursor=${nextCursor}`);
  expect(rest.actions.map(({ phase }) => phase)).toEqual(users.map(() => 'sent'));
}, 200_000);

test('people who have had their mail of the week wait: others of the same automation and of another do not, and nobody who waits is forgotten', async () => {
  const post = await openMailServer();
  const shop = await openShop({ smtpUrl: post.url, automation: answerTo('Signed Up') });
  const { platform, clock } = shop;
  const notice = answerTo('Delivery Delayed', { purpose: 'service' });
  await platform.definitions.put('automation', 'shop', 'notice', notice, { author: 'test' });
  const users = namesOf('user', 24);
  await happen(shop, users, 'Signed Up');
  await look(shop);
  const columns = ['site', 'action_id', 'automation', 'user_id', 'phase', 'sequence', 'action', 'at'];
  // Within the week of the cap, and longer ago than a mail is told of again.
  const hadAt = columnTime(clock.now() - 6.5 * 86_400_000);
  const had = users.map((user) => ['shop', `had-${user}`, 'basket-rescue', user, 'sent', 4, '{"kind":"email"}', hadAt]);
  await insertRows(platform.warehouse, 'ledger', columns, had);
  await putContactRules(platform, 'shop', { ...noContactRules, cap: { mails: 1, seconds: week } }, { author: 'test' });
  await performing(shop);
  await expect.poll(() => countOf(shop, 'requested'), { timeout: 40_000 }).toBe(users.length);
  expect(post.mails).toEqual([]);

  await happen(shop, ['zoe'], 'Delivery Delayed');
  await happen(shop, ['new'], 'Signed Up');
  await look(shop);
  await expect.poll(() => addresseesOf(post), { timeout: 40_000 }).toEqual(['new', 'zoe']);

  await putContactRules(platform, 'shop', noContactRules, { author: 'test' });
  await expect
    .poll(
      () => {
        // Longer than anything waits to be tried again; seldom, since what is under way is looked at again after each.
        clock.advance(800_000);
        return addresseesOf(post);
      },
      { timeout: 120_000, interval: 20_000 },
    )
    .toEqual([...users, 'new', 'zoe'].sort());
}, 200_000);

test('a receiver that does not answer holds up no other receiver', async () => {
  const got: string[] = [];
  const server = createServer((request, response) => {
    got.push(request.url ?? '');
    if (request.url === '/alive') response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const hook = (path: string) => ({ steps: [{ id: 'h', kind: 'webhook', url: `http://${host}/${path}` }] });
  const shop = await openShop({
    environment: { WEBHOOK_PRIVATE_HOSTS: host },
    automation: answerTo('Ticket Opened', hook('dead')),
  });
  const alive = answerTo('Rated', hook('alive'));
  await shop.platform.definitions.put('automation', 'shop', 'alive', alive, { author: 'test' });
  await happen(shop, namesOf('user', 60), 'Ticket Opened');
  await look(shop);
  await performing(shop);
  const answered = (path: string): number => got.filter((each) => each === path).length;
  await expect.poll(() => answered('/dead'), { timeout: 40_000 }).toBe(20);
  await happen(shop, ['zoe', 'bob'], 'Rated');
  await look(shop);
  await expect.poll(() => answered('/alive'), { timeout: 9000 }).toBe(2);
  expect(answered('/dead')).toBe(20);
}, 60_000);
