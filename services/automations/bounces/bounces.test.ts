import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { hour, openMailServer, openShop, settle, site } from '../../../test/support/automated-shop.ts';
import type { Platform } from '../../platform/platform.ts';
import { suppressedAmong } from '../../questions/due/contact.ts';
import { startPerformer } from '../performer.ts';
import { startPlanner } from '../planner.ts';
import { mountAutomationRoutes } from '../routes.ts';

const key = 'secret-key-of-the-shop';

const openBounces = async () => {
  const { platform } = await openShop();
  const hash = createHash('sha256').update(key).digest('hex');
  await platform.definitions.put('site', '', 'shop', { ...site, secretKeyHashes: [hash] }, { author: 'test' });
  mountAutomationRoutes(platform);
  const post = async (path: string, payload: string | object, type = 'application/json') => {
    // As providers sign in that can only be given an address: the key is the user of https://KEY@host/…
    const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
    const headers = { authorization, 'content-type': type };
    const answer = await platform.http.app.inject({
      method: 'POST',
      url: `/api/sites/shop/bounces${path}`,
      headers,
      payload,
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { platform, post };
};
const isSuppressed = async ({ warehouse }: Platform, address: string): Promise<boolean> =>
  (await suppressedAmong(warehouse, 'shop', [address])).has(address);

const dsn = (action: string): string =>
  [
    'Content-Type: multipart/report; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; ada@example.com\r\nAction: ${action}\r\nStatus: 5.1.1`,
    '--b--',
  ].join('\r\n');

const ses = (message: object): string => JSON.stringify({ Type: 'Notification', Message: JSON.stringify(message) });
const to = (emailAddress: string) => [{ emailAddress }];

test('bounces and complaints keep mails from the address, whoever tells of them', async () => {
  const { platform, post } = await openBounces();
  expect((await post('', dsn('delayed'), 'message/rfc822')).body).toEqual({ suppressed: [] });
  expect(await isSuppressed(platform, 'ada@example.com'), 'delayed').toBe(false);
  const answer = await post('', dsn('failed'), 'message/rfc822');
  expect(answer.body).toEqual({ suppressed: [{ address: 'ada@example.com', reason: 'bounce' }] });
  expect(await isSuppressed(platform, 'ada@example.com')).toBe(true);

  const words: [string, string, string | object][] = [
    [
      '/ses',
      'hard-ses',
      ses({
        notificationType: 'Bounce',
        bounce: { bounceType: 'Permanent', bouncedRecipients: to('hard-ses@x.example') },
      }),
    ],
    [
      '/ses',
      'soft-ses',
      ses({
        notificationType: 'Bounce',
        bounce: { bounceType: 'Transient', bouncedRecipients: to('soft-ses@x.example') },
      }),
    ],
    [
      '/ses',
      'hard-spam-ses',
      ses({ eventType: 'Complaint', complaint: { complainedRecipients: to('hard-spam-ses@x.example') } }),
    ],
    [
      '/sendgrid',
      'hard-sendgrid',
      [
        { email: 'Hard-Sendgrid@x.example', event: 'bounce', type: 'bounce', status: '5.1.1' },
        { email: 'soft-sendgrid@x.example', event: 'bounce', type: 'blocked' },
        { email: 'hard-spam-sendgrid@x.example', event: 'spamreport' },
        { email: 'soft-delivered@x.example', event: 'delivered' },
      ],
    ],
    [
      '/mailgun',
      'hard-mailgun',
      { 'event-data': { event: 'failed', severity: 'permanent', recipient: 'hard-mailgun@x.example' } },
    ],
    [
      '/mailgun',
      'soft-mailgun',
      { 'event-data': { event: 'failed', severity: 'temporary', recipient: 'soft-mailgun@x.example' } },
    ],
    [
      '/mailgun',
      'soft-block-mailgun',
      {
        'event-data': {
          event: 'failed',
          severity: 'permanent',
          reason: 'espblock',
          recipient: 'soft-block-mailgun@x.example',
        },
      },
    ],
    [
      '/mailgun',
      'hard-spam-mailgun',
      { 'event-data': { event: 'complained', recipient: 'hard-spam-mailgun@x.example' } },
    ],
    ['/postmark', 'hard-postmark', { RecordType: 'Bounce', Type: 'HardBounce', Email: 'hard-postmark@x.example' }],
    ['/postmark', 'soft-postmark', { RecordType: 'Bounce', Type: 'SoftBounce', Email: 'soft-postmark@x.example' }],
    [
      '/postmark',
      'hard-spam-postmark',
      { RecordType: 'SpamComplaint', Type: 'SpamComplaint', Email: 'hard-spam-postmark@x.example' },
    ],
    ['/brevo', 'hard-brevo', { event: 'hard_bounce', email: 'hard-brevo@x.example' }],
    ['/brevo', 'soft-brevo', { event: 'soft_bounce', email: 'soft-brevo@x.example' }],
    ['/brevo', 'hard-spam-brevo', { event: 'spam', email: 'hard-spam-brevo@x.example' }],
  ];
  for (const [path, name, body] of words) {
    const { status } = await post(path, body, path === '/ses' ? 'text/plain; charset=UTF-8' : 'application/json');
    expect([name, status]).toEqual([name, 200]);
    expect([name, await isSuppressed(platform, `${name}@x.example`)]).toEqual([name, name.startsWith('hard')]);
  }
  for (const name of ['soft-sendgrid', 'soft-delivered', 'hard-spam-sendgrid'])
    expect([name, await isSuppressed(platform, `${name}@x.example`)]).toEqual([name, name.startsWith('hard')]);
});

test('what is of no known form is refused, by the name of the field', async () => {
  const { platform, post } = await openBounces();
  const refused: [string, string | object, string][] = [
    ['/ses', { Type: 'Notification' }, 'Message'],
    [
      '/ses',
      ses({ notificationType: 'Bounce', bounce: { bounceType: 'Permanent' } }),
      'Message.bounce.bouncedRecipients',
    ],
    ['/ses', ses({ about: 'something else' }), 'Message.notificationType'],
    ['/ses', { Type: 'SubscriptionConfirmation', Message: '', SubscribeURL: 'https://127.0.0.1/' }, 'SubscribeURL'],
    ['/sendgrid', [{ event: 'bounce' }], '0.email'],
    ['/mailgun', { event: 'failed' }, 'event-data'],
    ['/postmark', { RecordType: 'Bounce', Type: 'HardBounce' }, 'Email'],
    ['/brevo', { event: 'hard_bounce', email: 'nobody' }, 'email'],
    ['/other', {}, 'params.provider'],
  ];
  for (const [path, body, field] of refused) {
    const answer = await post(path, body);
    expect([path, answer.status, answer.body.errors?.[0]?.path]).toEqual([path, 400, field]);
  }
  expect((await post('', 'Subject: hello\r\n\r\nhow are you?', 'text/plain')).status).toBe(400);
  expect((await post('/brevo', 'no JSON', 'text/plain')).body.code).toBe('not_json');
  const stranger = await platform.http.app.inject({ method: 'POST', url: '/api/sites/shop/bounces', payload: {} });
  expect(stranger.statusCode).toBe(401);
});

test('a mailbox that the mail server does not know is not written to again; one that refuses us by policy is', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  await leaveBasket('ada');
  await leaveBasket('bob');
  post.refuse.set('ada@example.com', '5.1.1 no such user here').set('bob@example.com', '5.7.1 we do not like you');
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  await settle(platform, ['failed', 'failed']);
  await planner.close();
  await performer.close();
  expect([await isSuppressed(platform, 'ada@example.com'), await isSuppressed(platform, 'bob@example.com')]).toEqual([
    true,
    false,
  ]);
});

test('a mail server that refuses the sender keeps no mails from anybody: they go once it is mended', async () => {
  const post = await openMailServer();
  const { platform, clock, leaveBasket } = await openShop({ smtpUrl: post.url });
  await leaveBasket('ada');
  post.state.sender = '5.1.0 Sender address rejected: User unknown in local recipient table';
  clock.advance(hour);
  const planner = startPlanner(platform);
  const performer = await startPerformer(platform);
  await settle(platform, ['claimed']);
  await expect.poll(() => post.state.refused, { timeout: 15_000 }).toBeGreaterThan(0);
  post.state.sender = null;
  clock.advance(60_000);
  await settle(platform, ['sent']);
  await planner.close();
  await performer.close();
  expect([post.mails.length, await isSuppressed(platform, 'ada@example.com')]).toEqual([1, false]);
});
