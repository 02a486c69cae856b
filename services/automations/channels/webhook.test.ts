import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { hour, openShop, settle } from '../../../test/support/automated-shop.ts';
import { startPerformer } from '../performer.ts';
import { startPlanner } from '../planner.ts';
import { readyMadeAutomations } from '../ready-made.ts';
import { mountAutomationRoutes } from '../routes.ts';
import { postWebhook, secretText, signedHeaders } from './webhook.ts';
import { createWebhookKeys } from './webhook-keys.ts';

type Got = { headers: Record<string, string>; body: string };

const openReceiver = async (answer: (got: Got, response: ServerResponse) => void) => {
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer({ headers: request.headers as Got['headers'], body: Buffer.concat(chunks).toString() }, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
};

const message = { headers: signedHeaders([Buffer.alloc(32, 7)], 'm1', 1_700_000_000, '{}'), body: '{}' };

test.each([
  'http://127.0.0.1:1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://localhost:1/',
])('%s is not reached', async (address) => {
  expect(await postWebhook(address, message, [])).toMatchObject({
    isTaken: false,
    said: expect.stringContaining('not an address of the public internet'),
  });
});

test('redirects are not followed, answers are read up to a limit, and who is listed is reached', async () => {
  const host = await openReceiver((_got, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  });
  expect(await postWebhook(`http://${host}/`, message, [host])).toEqual({
    isTaken: false,
    isGone: false,
    said: 'HTTP 302: redirects are not followed',
  });
  const long = await openReceiver((_got, response) => void response.end('x'.repeat(1_000_000)));
  expect(await postWebhook(`http://${long}/`, message, ['127.0.0.1'])).toMatchObject({ isTaken: true });
});

test.each([
  ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', false],
  ['HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n', true],
  ['HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthanks', true],
  ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthanks', false],
  ['HTTP/1.1 100 Continue\r\n\r\n', false],
  ['', false],
])('whatever a receiver says before it hangs up is an outcome: %j', async (said, isTaken) => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (/ 101 /.test(said) ? socket.write(said) : socket.end(said)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect(await postWebhook(`http://127.0.0.1:${port}/`, message, ['127.0.0.1'])).toMatchObject({
    isTaken,
    isGone: false,
  });
});

test('a detractor is told to the help desk: signed as Standard Webhooks say, again with the same id until it is taken', async () => {
  const got: Got[] = [];
  const host = await openReceiver((each, response) => {
    got.push(each);
    response.writeHead(got.length < 3 ? 503 : 204).end();
  });
  const found = readyMadeAutomations.get('detractor-ticket') ?? expect.fail('it is ready-made');
  const { platform, clock, send } = await openShop({
    environment: { WEBHOOK_PRIVATE_HOSTS: host },
    automation: {
      ...found,
      enabled: true,
      steps: [{ id: 'ticket', kind: 'webhook', url: `http://${host}/tickets` }],
    },
  });
  const answer = (score: number) => ({
    event: 'Survey Response Submitted',
    properties: { survey_type: 'nps', score, comment: 'Too slow' },
  });
  await send('ada', [answer(3)]);
  await send('bob', [answer(9)]);
  const performer = await startPerformer(platform);
  const planner = startPlanner(platform);
  for (const tries of [1, 2]) {
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(tries);
    await new Promise((resolve) => setTimeout(resolve, 300));
    clock.advance(60_000);
  }
  await settle(platform, ['sent']);
  await planner.close();
  await performer.close();
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const { keys } = await createWebhookKeys(platform).of('shop', 'basket-rescue');
  const [, , last] = got;
  // The receiver's library looks at the time by the real clock.
  expect(Math.abs(Number(last?.headers['webhook-timestamp']) * 1000 - clock.now())).toBeLessThan(hour);
  const now = { ...last?.headers };
  const { headers, body } = last ?? expect.fail('it came');
  const seconds = Math.floor(Date.now() / 1000);
  const signedNow = signedHeaders(keys, headers['webhook-id'] ?? '', seconds, body);
  expect(new Webhook(secretText(keys[0])).verify(body, { ...now, ...signedNow })).toMatchObject({
    type: 'automation.step',
    data: { site: 'shop', step: 'ticket', person: { userId: 'ada' }, event: { properties: { score: 3 } } },
  });
  expect(signedHeaders(keys, headers['webhook-id'] ?? '', Number(headers['webhook-timestamp']), body)).toMatchObject({
    'webhook-signature': headers['webhook-signature'],
  });
}, 60_000);

test('a secret is renewed without a message that cannot be checked: for a day both sign, then the new one alone', async () => {
  const got: Got[] = [];
  const host = await openReceiver((each, response) => {
    got.push(each);
    response.writeHead(204).end();
  });
  const shop = await openShop({
    environment: { WEBHOOK_PRIVATE_HOSTS: host },
    automation: {
      ...(readyMadeAutomations.get('detractor-ticket') ?? expect.fail('it is ready-made')),
      enabled: true,
      steps: [{ id: 'ticket', kind: 'webhook', url: `http://${host}/tickets` }],
    },
  });
  const { platform, clock, send } = shop;
  mountAutomationRoutes(platform);
  const ask = async (method: 'GET' | 'POST') => {
    const headers = { authorization: `Bearer ${platform.config.adminToken}` };
    const url = '/api/sites/shop/automations/basket-rescue/webhook-secret';
    const answer = await platform.http.app.inject({ method, url, headers });
    return answer.json<{ secret: string; alsoUntil: string | null; code?: string }>();
  };
  const performer = await startPerformer(platform);
  onTestFinished(() => performer.close(), 20_000);
  const planner = startPlanner(platform);
  onTestFinished(() => planner.close());
  const told = async (userId: string): Promise<Got> => {
    const before = got.length;
    const properties = { survey_type: 'nps', score: 3, comment: 'Too slow' };
    await send(userId, [{ event: 'Survey Response Submitted', properties }]);
    await expect.poll(() => got.length, { timeout: 20_000 }).toBe(before + 1);
    return got.at(-1) ?? expect.fail('it came');
  };
  const verify = (secret: string, { body, headers }: Got) => new Webhook(secret).verify(body, headers);

  const first = await ask('GET');
  expect(first.alsoUntil).toBeNull();
  verify(first.secret, await told('ada'));
  const second = await ask('POST');
  expect(Date.parse(second.alsoUntil ?? '') - clock.now()).toBeGreaterThan(23 * hour);
  expect(await ask('GET')).toEqual(second);
  const between = await told('bob');
  verify(first.secret, between);
  verify(second.secret, between);
  expect(() => verify(secretText(Buffer.alloc(32, 7)), between)).toThrow();

  clock.advance(24 * hour);
  const { headers, body } = await told('cleo');
  expect(await ask('GET')).toEqual({ secret: second.secret, alsoUntil: null });
  // The receiver's library looks at the time by the real clock.
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  expect(headers['webhook-signature']).toBe(new Webhook(second.secret).sign(headers['webhook-id'] ?? '', at, body));
  const codes: (string | undefined)[] = [];
  for (let renewal = 0; renewal < 6; renewal += 1) codes.push((await ask('POST')).code);
  expect(codes).toEqual([...Array.from({ length: 5 }, () => undefined), 'too_many_requests']);
}, 90_000);
