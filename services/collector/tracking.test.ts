import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { IntakeHeader, type RejectedEvent } from '../../schemas/event.ts';
import type { Site } from '../../schemas/site.ts';
import { systemClock } from '../platform/clock.ts';
import { Failure } from '../platform/failure.ts';
import { createHttpServer } from '../platform/http/server.ts';
import { createEmbeddedLog } from '../platform/log/embedded.ts';
import type { EventLog, LogRecord, Topic } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { createTelemetry } from '../platform/telemetry.ts';
import { start } from './collector.ts';

const site: Site = {
  id: 'shop',
  name: 'Shop',
  currency: 'EUR',
  timeZone: 'UTC',
  holdoutPercent: 0,
  allowedOrigins: [],
  writeKeys: ['wk'],
  secretKeyHashes: [createHash('sha256').update('sk').digest('hex')],
};
const guarded: Site = { ...site, id: 'guarded', writeKeys: ['gk'], allowedOrigins: ['https://shop.example'] };

/** The collector on a log that remembers, so that a test can look at exactly what was appended. */
const startCollector = async () => {
  const topics: Record<Topic, LogRecord[]> = { events: [], rejected: [], actions: [] };
  const log = { failure: null as Failure | null };
  const telemetry = createTelemetry({ logLevel: 'silent' });
  const http = createHttpServer({ port: 0, host: '127.0.0.1', publicUrl: null } as never, telemetry);
  const definitions = { list: async () => [site, guarded].map((document) => ({ document })) };
  const platform = {
    http,
    telemetry,
    definitions,
    config: { publicUrl: null },
    clock: { now: () => Date.parse('2026-11-23T12:00:00Z'), sleep: async () => {} },
    log: {
      append: async (topic: Topic, records: LogRecord[]) => {
        if (log.failure !== null) throw log.failure;
        topics[topic].push(...records);
      },
    } as unknown as EventLog,
  } as unknown as Platform;
  await start(platform);
  const port = await http.listen();
  onTestFinished(() => http.close());
  const base = `http://127.0.0.1:${port}`;
  const send = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      headers: { authorization: `Basic ${btoa('wk:')}`, ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: JSON.parse(text) as Record<string, unknown> };
  };
  const stored = (): { header: IntakeHeader; body: Record<string, unknown>; record: LogRecord }[] =>
    topics.events.map((record) => {
      const text = record.value.toString();
      const end = text.indexOf('\n');
      return { record, header: JSON.parse(text.slice(0, end)), body: JSON.parse(text.slice(end + 1)) };
    });
  const rejected = (): RejectedEvent[] => topics.rejected.map(({ value }) => JSON.parse(value.toString()));
  return { base, port, send, stored, rejected, log };
};

const view = {
  type: 'track',
  event: 'Product Viewed',
  anonymousId: 'a1',
  messageId: 'm1',
  properties: { sku: 'lamp' },
};

test('every path and label of the clients in the wild takes the event', async () => {
  const { send, stored } = await startCollector();
  const paths = [
    '/v1/track',
    '/v1/t',
    '/track',
    '/t',
    '/v1/batch/b',
    '/batch',
    '/batch/',
    '/v1/b',
    '/b',
    '/batch/b',
    '/api/s/track',
    '/api/s/s2s/track',
    '/v1/batch/batch',
  ];
  const labels = [
    'application/json',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'nonsense',
    'application/octet-stream',
  ];
  for (const path of paths)
    for (const label of labels)
      expect((await send(path, view, { 'content-type': label })).json, `${path} ${label}`).toMatchObject({
        success: true,
        accepted: 1,
      });
  const gzipped = await send('/v1/batch', gzipSync(JSON.stringify({ batch: [view] })), {
    'content-type': 'application/x-www-form-urlencoded',
    'content-encoding': 'gzip',
  });
  expect(gzipped.json).toMatchObject({ accepted: 1 });
  expect(stored()).toHaveLength(paths.length * labels.length + 1);
});

test('one person’s batch reaches the log byte for byte, with what the server knew', async () => {
  const { send, stored } = await startCollector();
  const body = `{ "batch": [${JSON.stringify(view)}], "sentAt": "2026-11-23T11:59:00Z", "writeKey": "wk" }`;
  await send('/v1/batch', body, { origin: 'https://shop.example', authorization: '', 'user-agent': 'Mozilla/5.0' });
  const [only] = stored();
  expect(only?.record).toMatchObject({ key: 'shop/a1', label: 'shop', count: 1 });
  expect(only?.record.value.toString().endsWith(`\n${body}`)).toBe(true);
  expect(only?.header).toEqual({
    v: 1,
    site: 'shop',
    receivedAt: Date.parse('2026-11-23T12:00:00Z'),
    sentAt: Date.parse('2026-11-23T11:59:00Z'),
    channel: 'browser',
    type: null,
    ip: '127.0.0.1',
    userAgent: 'Mozilla/5.0',
  });
});

test('a single event on a typed route keeps its bytes; the header says its type', async () => {
  const { send, stored } = await startCollector();
  const { type: _none, ...untyped } = view;
  await send('/v1/t', untyped);
  expect(stored()[0]).toMatchObject({ header: { type: 'track' }, body: untyped });
});

test('one bad event does not hurt its batch: it is kept whole with its reason', async () => {
  const { send, stored, rejected } = await startCollector();
  const bad = { ...view, messageId: 'm2', properties: { sku: 'lamp', price: '12 €' } };
  const { status, json } = await send('/v1/batch', {
    batch: [view, bad, { ...view, userId: 'u1', anonymousId: null }, view],
  });
  expect(status).toBe(200);
  expect(json).toEqual({
    success: true,
    accepted: 1,
    duplicates: 2,
    rejected: 1,
    errors: [
      {
        index: 1,
        messageId: 'm2',
        code: 'invalid_type',
        path: 'properties.price',
        message: 'expected a number, got "12 €"',
      },
    ],
  });
  expect(stored().map(({ record }) => [record.key, record.count])).toEqual([
    ['shop/a1', 2],
    ['shop/u1', 1],
  ]);
  expect(rejected()).toMatchObject([
    { site: 'shop', messageId: 'm2', code: 'invalid_type', event: JSON.stringify(bad) },
  ]);
});

test('a refused event is kept as it was written, whatever is wrong with it', async () => {
  const { send, rejected } = await startCollector();
  const events = [
    `{"messageId":"deep","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    '{ "type":"track", "event":"E", "userId":"u", "properties":{"price":1e400, "price" : -1e999 } }',
    '{"type":"track","event":"\\ud800","userId":"u","properties":{"a":1.0,"b":-0,"c":"\\u0041"}}',
    '  7',
    '"x\\"]}"',
    '[[],{}]',
    '{}',
  ];
  const answer = await send('/v1/batch', `\ufeff{"batch":[1],"b\\u0061tch":[ ${events.join(' , ')} ],"a":[]}`);
  expect(answer.json).toMatchObject({ accepted: 0, rejected: events.length });
  expect(rejected().map(({ event }) => event)).toEqual(events.map((event) => event.trim()));
});

test('a refused event is kept with the context of its batch, which it would be sent again without', async () => {
  const { send, rejected } = await startCollector();
  const events = [
    '{"messageId":"a","properties":{"price":1e400},"context":{"page":{"url":"b"}, "locale":"de"}}',
    '{"messageId":"b","type":"nonsense"}',
    '{"messageId":"c","context":null}',
    '{"messageId":"d","context":"not a context"}',
    '{ }',
    '7',
  ];
  await send('/v1/batch', `{"context":{"page":{"url":"a"},"x":1e400},"batch":[${events.join()}]}`);
  expect(rejected().map(({ event }) => event)).toEqual([
    '{"messageId":"a","properties":{"price":1e400},"context":{"page":{"url":"b"}, "locale":"de"},"context":{"page":{"url":"a"},"x":1e400,"page":{"url":"b"}, "locale":"de"}}',
    '{"messageId":"b","type":"nonsense","context":{"page":{"url":"a"},"x":1e400}}',
    '{"messageId":"c","context":null,"context":{"page":{"url":"a"},"x":1e400}}',
    '{"messageId":"d","context":"not a context"}',
    '{"context":{"page":{"url":"a"},"x":1e400}}',
    '7',
  ]);
});

test('the context of a batch is no way to make much of little', async () => {
  const { send, stored } = await startCollector();
  const batch = Array.from({ length: 10_000 }, () => view);
  const context = { note: 'x'.repeat(2000) };
  const answer = await send('/v1/batch', { context, batch });
  expect(answer).toMatchObject({ status: 413, json: { code: 'too_large' } });
  expect(answer.json['detail']).toMatch(
    /^context: .* 10000 events, expected at most 16777216 bytes in all, got 20110000$/,
  );
  expect((await send('/v1/batch', { context, batch: batch.slice(0, 2500) })).json).toMatchObject({ success: true });
  const [first] = stored().flatMap(({ body }) => body['batch']);
  expect(first).toMatchObject({ context });
});

test('an event whose context is none is refused, whatever the context of its batch', async () => {
  const { send } = await startCollector();
  const { json } = await send('/v1/batch', { context: { a: 1 }, batch: [{ ...view, context: 'hello' }] });
  expect(json).toMatchObject({ errors: [{ code: 'invalid_type', path: 'context' }] });
});

test('keys are taken wherever clients put them; an unknown key is told so', async () => {
  const { send, stored, base } = await startCollector();
  const none = { authorization: '' };
  expect((await send('/v1/track', { ...view, writeKey: 'wk' }, none)).status).toBe(200);
  expect((await send('/v1/b', { batch: [{ ...view, writeKey: 'wk' }] }, none)).status).toBe(200);
  expect((await send('/beacon/v1/batch?writeKey=wk', { batch: [view] }, none)).status).toBe(200);
  expect((await send('/api/s/track', view, { ...none, 'x-write-key': 'wk' })).status).toBe(200);
  expect((await send('/v1/track', view, { authorization: `Basic ${btoa('wk')}` })).status).toBe(200);
  expect((await send('/api/s/s2s/track', view, { ...none, 'x-write-key': 'wk:anything' })).status).toBe(200);
  const server = await send('/v1/track', view, { authorization: 'Bearer sk' });
  expect(server.status).toBe(200);
  expect(stored().at(-1)?.header.channel).toBe('server');
  const unknown = await send('/v1/track', view, {
    authorization: `Basic ${btoa('nobody:')}`,
    origin: 'https://a.example',
  });
  expect(unknown).toMatchObject({ status: 401, json: { code: 'unknown_write_key' } });
  expect(unknown.headers.get('access-control-allow-origin')).toBe('https://a.example');
  expect((await send('/v1/nothing', view)).status).toBe(404);
  expect((await fetch(`${base}/v1/m`, { method: 'POST', body: '{"series":[]}' })).status).toBe(200);
});

test('only a secret key imports, and an import keeps its times', async () => {
  const { send, stored } = await startCollector();
  const batch = { batch: [view], sentAt: '2020-01-01T00:00:00Z' };
  expect(await send('/v1/import', batch)).toMatchObject({ status: 403, json: { code: 'forbidden' } });
  expect((await send('/v1/import', batch, { authorization: `Basic ${btoa('sk:')}` })).status).toBe(200);
  expect(stored()[0]?.header).toMatchObject({ channel: 'import', sentAt: null });
});

test('a site with a list of origins takes events of these pages and of its own servers', async () => {
  const { send } = await startCollector();
  const key = { authorization: `Basic ${btoa('gk:')}` };
  expect((await send('/v1/track', view, { ...key, origin: 'https://shop.example' })).status).toBe(200);
  for (const headers of [{ ...key, origin: 'https://evil.example' }, key])
    expect(await send('/v1/track', view, headers)).toMatchObject({ status: 403, json: { code: 'origin_not_allowed' } });
});

test('bodies that hold no events are refused by name, readable for the page that sent them', async () => {
  const { send } = await startCollector();
  const origin = { origin: 'https://a.example' };
  for (const [body, status, code] of [
    ['', 400, 'not_json'],
    ['{"a":', 400, 'not_json'],
    ['{"batch":[]}', 400, 'no_events'],
    ['{"batch":{}}', 400, 'no_events'],
    ['{}', 400, 'no_events'],
    ['"hello"', 400, 'no_events'],
    [JSON.stringify({ batch: Array.from({ length: 10_001 }, () => 1) }), 413, 'too_large'],
    ['x'.repeat(4 * 1024 * 1024 + 1), 413, 'too_large'],
  ] as const) {
    const answer = await send('/v1/batch', body, origin);
    expect(answer, `${body.slice(0, 20)}`).toMatchObject({ status, json: { code } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://a.example');
  }
});

test('the last events of a page that is gone when they are read are taken, whoever knows its address', async () => {
  const { port, stored } = await startCollector();
  const socket = connect(port, '127.0.0.1');
  const body = gzipSync(JSON.stringify(view));
  const head = `POST /v1/track?writeKey=wk HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), body]));
  await once(socket, 'connect');
  socket.resetAndDestroy();
  await expect.poll(() => stored()).toHaveLength(1);
  expect(IntakeHeader.parse(stored()[0]?.header)).toMatchObject({ ip: expect.stringMatching(/^(127\.0\.0\.1)?$/) });
});

test('when the log is away the client is told to come back', async () => {
  const { send, log } = await startCollector();
  log.failure = new Failure('unavailable', 'no disk');
  const answer = await send('/v1/track', view, { origin: 'https://a.example' });
  expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } });
  expect(answer.headers.get('retry-after')).toBe('3');
  expect(answer.headers.get('access-control-expose-headers')).toBe('Retry-After');
});

test('what the log will never take is not asked for again', async () => {
  const { send, log } = await startCollector();
  log.failure = new Failure('too_large', 'A record is larger than the brokers take.');
  expect(await send('/v1/track', view)).toMatchObject({ status: 413, json: { code: 'too_large' } });
});

test('a preflight allows what it asks for', async () => {
  const { base } = await startCollector();
  const answer = await fetch(`${base}/v1/t`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://a.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-retry-count',
    },
  });
  expect(answer.status).toBe(204);
  expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,x-retry-count');
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
});

test('a pixel is a picture whatever it carries', async () => {
  const { base, stored } = await startCollector();
  const { type: _none, ...event } = { ...view, writeKey: 'wk' };
  const data = encodeURIComponent(Buffer.from(JSON.stringify(event)).toString('base64'));
  for (const query of [
    `data=${data}`,
    `data=${encodeURIComponent(JSON.stringify(event))}`,
    'data=%00',
    '',
    'writeKey=nobody&data={}',
  ]) {
    const answer = await fetch(`${base}/v1/pixel/track?${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/gif']);
  }
  const rudder = await fetch(`${base}/pixel/v1/page?writeKey=wk&anonymousId=a1&messageId=m9`);
  expect(rudder.status).toBe(200);
  expect(stored().at(-1)?.body).toMatchObject({ messageId: 'm9' });
  expect(stored().map(({ header }) => [header.channel, header.type])).toEqual([
    ['pixel', 'track'],
    ['pixel', 'track'],
    ['pixel', 'page'],
  ]);
});

test('the settings document boots analytics-next, for any key, and points here', async () => {
  const { base, port } = await startCollector();
  for (const key of ['wk', 'nobody', '%3Cscript%3E']) {
    const answer = await fetch(`${base}/v1/projects/${key}/settings`);
    expect(answer.status).toBe(200);
    const settings = (await answer.json()) as { integrations: Record<string, object> };
    expect(settings.integrations['Segment.io']).toMatchObject({
      apiKey: decodeURIComponent(key),
      apiHost: `127.0.0.1:${port}/v1`,
      protocol: 'http',
    });
    const again = await fetch(`${base}/v1/projects/${key}/settings`, {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  }
});

test('smuggled requests are refused and the connection closed', async () => {
  const { port } = await startCollector();
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /v1/batch HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(data.toString()).toMatch(/^HTTP\/1\.1 400/);
  await once(socket, 'close');
});

test('on the real log, every event is counted once: accepted or rejected', async () => {
  const path = await mkdtemp(join(tmpdir(), 'desirepath-'));
  const telemetry = createTelemetry({ logLevel: 'silent' });
  const http = createHttpServer({ port: 0, host: '127.0.0.1', publicUrl: null } as never, telemetry);
  const clock = systemClock;
  const log = await createEmbeddedLog({ path, clock, telemetry });
  onTestFinished(async () => {
    await http.close();
    await log.close();
    await rm(path, { recursive: true, force: true });
  });
  const definitions = { list: async () => [{ document: site }] };
  await start({ http, telemetry, definitions, clock, log, config: { publicUrl: null } } as unknown as Platform);
  const url = `http://127.0.0.1:${await http.listen()}/v1/batch?writeKey=wk`;
  const batch = [view, { ...view, messageId: 'm2', anonymousId: 'a2' }, { ...view, type: 'nonsense' }, 7];
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetch(url, { method: 'POST', body: JSON.stringify({ batch }) })),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const events = async (topic: 'events' | 'rejected') => {
    const counted = { events: 0 };
    const consumer = await log.consume(topic, 'count', {
      assigned: async () => undefined,
      revoked: async () => undefined,
      records: async (batch) => {
        for (const { label, count } of batch) counted.events += label === 'shop' ? count : 0;
      },
      failed: (error) => expect.fail(String(error)),
    });
    await expect.poll(() => counted.events).toBe(40);
    await consumer.close();
  };
  await events('events');
  await events('rejected');
});
