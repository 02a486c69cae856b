import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createTelemetry } from '../telemetry.ts';
import { bodyLimitBytes, createHttpServer } from './server.ts';

/** A server that says how many bytes came, once it is let. */
const startServer = async () => {
  const http = createHttpServer(
    { port: 0, host: '127.0.0.1', publicUrl: null } as never,
    createTelemetry({ logLevel: 'silent' }),
  );
  const hold = { until: Promise.resolve() };
  const addresses: (string | undefined)[] = [];
  await http.app.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post('/take/:name', async (request) => {
      addresses.push('asked later');
      await hold.until;
      addresses.push(request.ip);
      return { bytes: (request.body as Buffer | undefined)?.length ?? 0 };
    });
  });
  const port = await http.listen();
  onTestFinished(() => http.close());
  return { port, hold, addresses, url: `http://127.0.0.1:${port}/take/it` };
};

/** What comes back for these bytes until the server closes the connection. */
const exchange = async (
  port: number,
  text: string,
): Promise<{ status: number; type: string; code: string; detail: string }> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from(text, 'latin1'));
  const answer = await allOf(socket);
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const problem = JSON.parse(body) as { code: string; detail: string };
  return {
    status: Number(head.split(' ', 2)[1]),
    type: /^content-type: *([^;\r]+)/im.exec(head)?.[1] ?? '',
    code: problem.code,
    detail: problem.detail,
  };
};

const allOf = async (socket: Socket): Promise<string> => {
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
};

test.each([
  [
    'a broken escape in the address',
    'POST /take/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    400,
    /valid url/,
  ],
  [
    'a part of the address too long',
    `POST /take/${'x'.repeat(600)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    400,
    /take/,
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
    /Content-Length/,
  ],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    /Transfer-Encoding/,
  ],
  ['no host', 'POST /take/it HTTP/1.1\r\nConnection: close\r\n\r\n', 400, /host: .* got 0/],
  ['two hosts', 'POST /take/it HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 400, /host: .* got 2/],
  ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01', 400, /HTTP/],
  ['headers without end', `POST / HTTP/1.1\r\nHost: a\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431, /16 KB/],
])('%s is refused as a problem that says what is wrong', async (_, text, status, detail) => {
  const { port } = await startServer();
  expect(await exchange(port, text)).toMatchObject({
    status,
    type: 'application/problem+json',
    detail: expect.stringMatching(detail),
  });
});

test('requests before what is no HTTP get their answers, in their order, before it is refused', async () => {
  const { port, hold } = await startServer();
  let release = (): void => undefined;
  hold.until = new Promise((resolve) => {
    release = resolve;
  });
  const socket = connect(port, '127.0.0.1');
  const post = (body: string) => `POST /take/it HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  socket.write(`${post('a')}${post('bb')}NO HTTP\r\n\r\n`);
  const answers = allOf(socket);
  socket.write('and more of it');
  setTimeout(release, 100);
  expect(await answers).toMatch(
    /^HTTP\/1.1 200 .*\{"bytes":1\}HTTP\/1.1 200 .*\{"bytes":2\}HTTP\/1.1 400 .*this is no request of HTTP/s,
  );
});

test('a broken body is refused though its request has begun, and what came before it is answered first', async () => {
  const { port } = await startServer();
  const socket = connect(port, '127.0.0.1');
  const chunked = (body: string) => `POST /take/it HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
  socket.write(`${chunked('1\r\na\r\n0\r\n\r\n')}${chunked('1\r\na\r\nnothing')}`);
  expect(await allOf(socket)).toMatch(/^HTTP\/1.1 200 .*\{"bytes":1\}HTTP\/1.1 400 .*chunk size/s);
});

test.each([
  ['of a length that is said', 'Content-Length: 20000000', 'x'.repeat(20_000_000)],
  [
    'in chunks',
    'Transfer-Encoding: chunked',
    `${'f4240\r\n'.padEnd(1_000_007, 'x')}\r\n`.repeat(20).concat('0\r\n\r\n'),
  ],
])('who sends too much, %s, hears so and not of a broken connection', async (_, header, body) => {
  const { port } = await startServer();
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST /take/it HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`);
  const answers = allOf(socket);
  // As clients do that do not look at answers before they have sent everything.
  socket.write(body);
  socket.write('POST /take/it HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab');
  expect(await answers).toMatch(/^HTTP\/1.1 413 .*"code":"too_large".*HTTP\/1.1 200 .*\{"bytes":2\}$/s);
});

test('the address of a client is known though it is gone when its request is read', async () => {
  const { port, hold, addresses } = await startServer();
  let release = (): void => undefined;
  hold.until = new Promise((resolve) => {
    release = resolve;
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /take/it HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na');
  await expect.poll(() => addresses.length).toBe(1);
  socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  await expect.poll(() => addresses).toEqual(['asked later', '127.0.0.1']);
});

test('who sends on without waiting for answers is not read from while many are due, and gets all of them', async () => {
  const { port, hold, addresses } = await startServer();
  let release = (): void => undefined;
  hold.until = new Promise((resolve) => {
    release = resolve;
  });
  const socket = connect(port, '127.0.0.1');
  const answers = allOf(socket);
  const count = 20_000;
  const request = (headers: string) => `POST /take/it HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: 2\r\n\r\nab`;
  socket.write(request('').repeat(count - 1) + request('Connection: close\r\n'));
  await expect.poll(() => addresses.length).toBeGreaterThan(100);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(addresses.length).toBeLessThan(2000);
  release();
  expect((await answers).split('{"bytes":2}').length - 1).toBe(count);
});

test('an expectation that nobody knows changes nothing', async () => {
  const { port } = await startServer();
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /take/it HTTP/1.1\r\nHost: a\r\nExpect: the-best\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab',
  );
  expect(await allOf(socket)).toMatch(/^HTTP\/1\.1 200 .*\{"bytes":2\}$/s);
});

test('large bodies of many at once are held up to a bound, small ones always; all are taken when there is room again', async () => {
  const { url, hold } = await startServer();
  let release = (): void => undefined;
  hold.until = new Promise((resolve) => {
    release = resolve;
  });
  const post = async (body: Buffer): Promise<{ status: number; retry: string | null }> => {
    const answer = await fetch(url, { method: 'POST', body: new Uint8Array(body) });
    await answer.text();
    return { status: answer.status, retry: answer.headers.get('retry-after') };
  };
  const large = Buffer.alloc(bodyLimitBytes, 0x20);
  const refused: object[] = [];
  const answers = Array.from({ length: 40 }, async () => {
    const answer = await post(large);
    if (answer.status === 503) refused.push(answer);
    return answer.status;
  });
  // There is room for 24 of them (one less where they come mixed); the others hear so before one of those is answered.
  await expect.poll(() => refused.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(16);
  expect(refused[0]).toEqual({ status: 503, retry: '1' });
  const small = post(Buffer.alloc(60_000, 0x20));
  await new Promise((resolve) => setTimeout(resolve, 300));
  release();
  expect((await small).status).toBe(200);
  const statuses = await Promise.all(answers);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(23);
  expect((await post(large)).status, 'room again').toBe(200);
});
