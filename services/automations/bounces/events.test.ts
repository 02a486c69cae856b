import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Action } from '../../../schemas/action.ts';
import { hour, openMailServer, openShop, settle, site } from '../../../test/support/automated-shop.ts';
import { insertLedger } from '../../../test/support/ledger.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { suppressedAmong } from '../../questions/due/contact.ts';
import { automationResults } from '../../questions/results/results.ts';
import { startPerformer } from '../performer.ts';
import { startPlanner } from '../planner.ts';
import { mountAutomationRoutes } from '../routes.ts';

const key = 'secret-key-of-the-shop';

/** A shop whose mails to these persons were sent or refused, with its way in for reports. */
const openMailed = async (users: readonly string[], refuse: ReadonlyMap<string, string> = new Map()) => {
  const post = await openMailServer();
  for (const [user, words] of refuse) post.refuse.set(`${user}@example.com`, words);
  const shop = await openShop({ smtpUrl: post.url });
  const { platform, clock } = shop;
  const hash = createHash('sha256').update(key).digest('hex');
  await platform.definitions.put('site', '', 'shop', { ...site, secretKeyHashes: [hash] }, { author: 'test' });
  mountAutomationRoutes(platform);
  for (const user of users) await shop.leaveBasket(user);
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  await settle(platform, users.map((user) => (refuse.has(user) ? ('failed' as const) : ('sent' as const))).sort());
  await planner.close();
  await performer.close();

  const report = async (path: string, payload: string | object, type = 'application/json') => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    const url = `/api/sites/shop/bounces${path}`;
    const answer = await platform.http.app.inject({ method: 'POST', url, headers, payload });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
  const messageIdTo = (user: string): string => {
    const mail = post.mails.find(({ to }) => JSON.stringify(to).includes(`${user}@example.com`));
    return mail?.messageId ?? '';
  };
  /** Events that tell of mails, once the sink has written all. */
  const told = async (): Promise<string[]> => {
    await expect.poll(() => platform.log.lag('events', 'sink'), { timeout: 15_000 }).toBe(0);
    const { rows } = await platform.warehouse.query(
      sql`
        SELECT user_id AS user, event, channel, JSONExtractString(properties, 'reason') AS reason
        FROM events
        WHERE event IN ('Email Bounced', 'Email Soft Bounced', 'Email Marked as Spam')
        ORDER BY user, event`,
      z.object({ user: z.string(), event: z.string(), channel: z.string(), reason: z.string() }),
    );
    expect(rows.every(({ channel }) => channel === 'internal')).toBe(true);
    return rows.map(({ user, event, reason }) => `${user} ${event}: ${reason}`);
  };
  const results = async () => {
    const query = { automation: 'basket-rescue', attributionSeconds: 7200 };
    return (await automationResults(platform.warehouse, site, query, { now: clock.now() + 1000 })).mails;
  };
  return { ...shop, report, messageIdTo, told, results };
};

/** A report of a mail server on a mail, by its Message-ID. */
const returned = (fields: string, mail: { to: string; id: string }, type = 'delivery-status'): string =>
  [
    'Content-Type: multipart/report; boundary=b',
    '',
    '--b',
    `Content-Type: message/${type}`,
    '',
    fields,
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `To: ${mail.to}\r\nMessage-ID: ${mail.id}`,
    '--b--',
  ].join('\r\n');
const dsn = (user: string, id: string, code = '5.1.1'): string =>
  returned(
    `Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ${user}@example.com\r\nAction: failed\r\nStatus: ${code}`,
    { to: `${user}@example.com`, id },
  );

test('a mail that is refused at once, one that comes back and one that is complained of are events of the person, each once', async () => {
  const users = ['ada', 'bob', 'cleo', 'dan', 'eve', 'fay'];
  const shop = await openMailed(users, new Map([['ada', '5.1.1 no such user here']]));
  const { platform, report, messageIdTo } = shop;
  expect(await shop.told()).toEqual(['ada Email Bounced: 550 5.1.1 no such user here']);

  for (let time = 0; time < 2; time += 1) {
    await report('', dsn('bob', messageIdTo('bob')), 'message/rfc822');
    await report('/sendgrid', [
      { email: 'cleo@example.com', event: 'bounce', type: 'bounce', reason: 'gone', 'smtp-id': messageIdTo('cleo') },
    ]);
    // By an address alone, as it was written.
    await report('/postmark', { RecordType: 'SpamComplaint', Type: 'SpamComplaint', Email: 'Dan@Example.com' });
    const hidden = { to: '[redacted]', id: messageIdTo('eve') };
    const complaint = returned('Feedback-Type: abuse\r\nVersion: 1', hidden, 'feedback-report');
    expect(await report('', complaint, 'message/rfc822'), 'whose address was left out').toEqual({
      suppressed: [{ address: 'eve@example.com', reason: 'complaint' }],
    });
  }
  expect(await shop.told()).toEqual([
    'ada Email Bounced: 550 5.1.1 no such user here',
    'bob Email Bounced: 5.1.1',
    'cleo Email Bounced: gone',
    'dan Email Marked as Spam: ',
    'eve Email Marked as Spam: abuse',
  ]);
  const addresses = users.map((user) => `${user}@example.com`);
  const suppressed = await suppressedAmong(platform.warehouse, 'shop', addresses, 'service');
  expect([...suppressed].sort()).toEqual(addresses.slice(0, 5));
  expect(await shop.results()).toMatchObject({
    sent: 5,
    failed: 1,
    bounced: 3,
    complained: 2,
    bounceRate: 3 / 6,
    complaintRate: 2 / 6,
  });
}, 60_000);

test('a report of somebody else’s mail, of another shop’s or of one that went long ago is no event of ours', async () => {
  const shop = await openMailed(['ada', 'bob']);
  const { platform, clock, report, messageIdTo } = shop;
  await report('', dsn('ada', '<order-17@erp.shop.example>'), 'message/rfc822');
  await report('', dsn('ada', `<${'0'.repeat(26)}@shop.example>`), 'message/rfc822');
  await report('/brevo', { event: 'hard_bounce', email: 'nobody@example.com' });
  const other = { ...site, id: 'other', secretKeyHashes: [createHash('sha256').update(key).digest('hex')] };
  await platform.definitions.put('site', '', 'other', other, { author: 'test' });
  const answer = await platform.http.app.inject({
    method: 'POST',
    url: '/api/sites/other/bounces',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'message/rfc822' },
    payload: dsn('bob', messageIdTo('bob')),
  });
  expect(answer.statusCode).toBe(200);
  clock.advance(8 * 24 * hour);
  await report('/brevo', { event: 'hard_bounce', email: 'bob@example.com' });
  expect(await shop.told()).toEqual([]);
  const suppressed = await suppressedAmong(platform.warehouse, 'shop', ['ada@example.com', 'bob@example.com']);
  expect(suppressed.size, 'nobody is there all the same').toBe(2);
  expect(await shop.results()).toMatchObject({ sent: 2, bounced: 0, complained: 0, bounceRate: 0, complaintRate: 0 });
}, 60_000);

test('a mailbox that is full for weeks is one for good with the fifth mail; one that is full for a holiday is not', async () => {
  const shop = await openMailed(['ada', 'bob', 'cleo'], new Map([['cleo', '5.2.2 mailbox full']]));
  const { platform, clock, report } = shop;
  const day = 24 * hour;
  const Row = z.object({ action: z.string() });
  const first = sql`SELECT DISTINCT action FROM ledger WHERE phase = 'sent' ORDER BY user_id`;
  const sent = (await platform.warehouse.query(first, Row)).rows.map(({ action }) => Action.parse(JSON.parse(action)));
  const isSuppressed = async (user: string) =>
    (await suppressedAmong(platform.warehouse, 'shop', [`${user}@example.com`])).size === 1;
  /** Another mail to each, which comes back, told twice. */
  const comesBack = async (number: number, actions: readonly Action[]): Promise<void> => {
    for (const action of actions) {
      const mail = { ...action, id: `${number}${action.id.slice(1)}` };
      await insertLedger(platform.warehouse, [{ action: mail, phase: 'sent', sequence: 4, at: clock.now() }]);
      for (let time = 0; time < 2; time += 1)
        await report('', dsn(action.userId, `<${mail.id}@shop.example>`, '4.2.2'), 'message/rfc822');
    }
    await shop.told();
  };
  const ada = sent.slice(0, 1);
  for (let number = 1; number <= 4; number += 1) {
    await comesBack(number, number === 1 ? ada : sent);
    clock.advance(5 * day);
  }
  // Ada's first was 20 days ago, Bob's fifth comes 11 days after his first.
  const bob = sent.slice(1);
  clock.advance(-4 * day);
  await comesBack(5, bob);
  await comesBack(6, bob);
  expect(await isSuppressed('bob'), 'within a holiday').toBe(false);
  expect(await isSuppressed('ada'), 'four of them').toBe(false);
  await comesBack(7, ada);
  expect(await isSuppressed('ada'), 'the fifth').toBe(true);
  const told = await shop.told();
  expect(told.filter((each) => each.startsWith('ada'))).toEqual([
    'ada Email Bounced: 4.2.2',
    ...Array.from({ length: 4 }, () => 'ada Email Soft Bounced: 4.2.2'),
  ]);
  expect(told.filter((each) => each.startsWith('cleo'))).toEqual(['cleo Email Soft Bounced: 550 5.2.2 mailbox full']);
  expect(await isSuppressed('cleo')).toBe(false);
}, 60_000);
