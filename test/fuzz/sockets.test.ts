import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom, type Random } from '../../services/demo/random.ts';
import { eventually } from '../support/product.ts';
import { nextAddress } from './addresses.ts';
import { wireOf } from './connection.ts';
import { checkAnswer } from './contract.ts';
import { drawPool } from './hostile.ts';
import { mutated } from './mutations.ts';
import { type FuzzedProduct, startProduct } from './product.ts';
import { fixedSeed, freshSeed, isFull, long } from './settings.ts';
import { drip, exchange, neverRead } from './sockets.ts';

const shared = {} as { product: FuzzedProduct };
beforeAll(async () => {
  shared.product = await startProduct();
});
afterAll(async () => {
  const smuggled = await shared.product.rows(`SELECT site FROM events WHERE event = 'Smuggled'`);
  expect(smuggled).toEqual([]);
  await shared.product.checkHealth();
  await shared.product.close();
});

const event = (name: string): string => `{"type":"track","event":"${name}","userId":"u"}`;

/** A request that is right, as text: what follows breaks it. */
const requestOf = (writeKey: string, body: string, headers = ''): string =>
  `POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${btoa(`${writeKey}:`)}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Somebody else, meanwhile. */
const checkOthers = async (product: FuzzedProduct, writeKey: string): Promise<void> => {
  const socket = connect(product.port, '127.0.0.1');
  socket.write(requestOf(writeKey, event('Meanwhile')));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);
  socket.destroy();
};

const exchanges = long(20_000, 250);
const atOnce = 25;
/** An answer that takes longer is taken for none: the server waits for the rest of a request. */
const quietMilliseconds = 2000;
const lateMilliseconds = 30_000;

test.concurrent('whatever comes as a request gets answers of the contract or none, and none that is not so', async () => {
  const { product } = shared;
  const { writeKey } = await product.createSite('requests');
  const random: Random = createRandom(freshSeed);
  const good = {
    path: '/v1/batch',
    headers: { host: 'a', authorization: `Basic ${btoa(`${writeKey}:`)}`, connection: 'close' },
    routeType: null,
    isTrusted: false,
  };
  const sums = { taken: 0 };
  let sent = 0;
  const work = async (): Promise<void> => {
    while (sent < exchanges) {
      sent += 1;
      const about = `seed ${freshSeed}, request ${sent}`;
      const body = Buffer.from(event(`E${sent}`).repeat(random.chance(0.1) ? 2 : 1));
      const wire = wireOf({ ...good, bytes: body }, random.chance(0.3) ? [3, 20] : []);
      const { answers } = await exchange(product.port, mutated(wire, random, wire), quietMilliseconds);
      for (const answer of answers) {
        const taken = checkAnswer(answer, about);
        sums.taken += taken === null ? 0 : taken.accepted + taken.duplicates + taken.rejected;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // More may have come in than was answered, never less.
  await eventually(async () => expect(await product.received('requests')).toBeGreaterThanOrEqual(sums.taken), 120);
}, 900_000);

test.concurrent('whatever address is asked for, nothing of ours breaks', async () => {
  const { product } = shared;
  const { writeKey } = await product.createSite('addresses');
  const random = createRandom(freshSeed);
  const pool = drawPool(freshSeed, 200);
  let sent = 0;
  const work = async (): Promise<void> => {
    while (sent < exchanges) {
      sent += 1;
      const bytes = nextAddress(random, pool, writeKey);
      const first = await exchange(product.port, bytes, quietMilliseconds);
      // What the other tests do meanwhile may hold an answer up; a connection that is closed without one is a fault at once.
      const isLate = first.bytes.length === 0 && !first.isClosed;
      const { bytes: answer } = isLate ? await exchange(product.port, bytes, lateMilliseconds) : first;
      const [, status = ''] = /^HTTP\/1\.1 (\d+) /.exec(answer.toString('latin1', 0, 20)) ?? [];
      const about = `seed ${freshSeed}, ${sent}: ${bytes.toString('latin1').slice(0, 500)} ${answer.toString('latin1', 0, 300)}`;
      expect(status, about).toMatch(/^([234]\d\d|503)$/);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}, 900_000);

test.concurrent.each([
  [
    'a length and chunks',
    (smuggled: string) => `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'chunks and a length',
    (smuggled: string) =>
      `Transfer-Encoding: chunked\r\nContent-Length: ${smuggled.length + 5}\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'two lengths',
    (smuggled: string) => `Content-Length: 2\r\nContent-Length: ${2 + smuggled.length}\r\n\r\n{}${smuggled}`,
  ],
  ['a list of lengths', (smuggled: string) => `Content-Length: 2, 2\r\n\r\n{}${smuggled}`],
  ['a length with a sign', (smuggled: string) => `Content-Length: +2\r\n\r\n{}${smuggled}`],
  ['a length in hexadecimal', (smuggled: string) => `Content-Length: 0x2\r\n\r\n{}${smuggled}`],
  ['chunked twice', (smuggled: string) => `Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  [
    'chunked, but not at last',
    (smuggled: string) => `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'an encoding that looks like chunked',
    (smuggled: string) => `Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  ['a blank before the colon', (smuggled: string) => `Content-Length : 2\r\n\r\n{}${smuggled}`],
  ['a header over two lines', (smuggled: string) => `Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['a bare line feed', (smuggled: string) => `X: y\nContent-Length: 2\r\n\r\n{}${smuggled}`],
  ['a bare carriage return', (smuggled: string) => `X: y\rContent-Length: 2\r\n\r\n{}${smuggled}`],
  [
    'a chunk size with a sign',
    (smuggled: string) => `Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a chunk size in underscores',
    (smuggled: string) => `Transfer-Encoding: chunked\r\n\r\n0_2\r\n{}\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a chunk size beyond all bounds',
    (smuggled: string) => `Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a chunk longer than it says',
    (smuggled: string) => `Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a chunk that ends with a bare line feed',
    (smuggled: string) => `Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n${smuggled}`,
  ],
  ['NUL in a header', (smuggled: string) => `X: a\0b\r\nContent-Length: 2\r\n\r\n{}${smuggled}`],
])('no request is smuggled in by %s: it is refused, and the connection closed', async (name, form) => {
  const { product } = shared;
  const site = `smuggled-${name.replaceAll(/[^a-z]+/g, '-').slice(0, 30)}`;
  const { writeKey } = await product.createSite(site);
  const smuggled = requestOf(writeKey, event('Smuggled'));
  const head = `POST /v1/track?writeKey=${writeKey} HTTP/1.1\r\nHost: a\r\n`;
  const { answers, isClosed } = await exchange(product.port, Buffer.from(`${head}${form(smuggled)}`, 'latin1'), 10_000);
  expect(isClosed).toBe(true);
  expect(answers.map(({ status }) => status)).toEqual([400]);
  for (const answer of answers) checkAnswer(answer, name);
});

test.concurrent('slow clients are cut off by time, silent ones too, and others are served meanwhile', async () => {
  const { product } = shared;
  const { writeKey } = await product.createSite('slow');
  const head = `POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${btoa(`${writeKey}:`)}\r\n`;
  const many = <T>(count: number, each: () => Promise<T>) => Array.from({ length: count }, each);
  const slow = [
    ...many(20, () => drip(product.port, head, 'x')),
    ...many(20, () => drip(product.port, head, 'X-Header: y\r\n')),
    ...many(20, () => drip(product.port, 'POS', '')),
  ];
  // Those that say nothing at all come in groups, with somebody in between: of more at a time than the system's queue holds, the server would never hear.
  for (let silent = 0; silent < long(8000, 600); silent += 200) {
    slow.push(...many(200, () => drip(product.port, '', '')));
    await checkOthers(product, writeKey);
  }
  // The whole of a request may take 30 s.
  const body = `${head}Content-Length: 1000\r\n\r\n`;
  if (isFull)
    slow.push(
      ...many(20, () => drip(product.port, body, 'x')),
      ...many(20, () => drip(product.port, `${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n')),
      ...many(20, () => drip(product.port, `${body}{`, '')),
    );
  const meanwhile = setInterval(() => void checkOthers(product, writeKey), 1000);
  for (const { answers, isClosed } of await Promise.all(slow)) {
    expect(isClosed).toBe(true);
    expect(answers.map(({ status }) => status)).toEqual([408]);
    for (const answer of answers) checkAnswer(answer, 'slow');
  }
  clearInterval(meanwhile);
  await checkOthers(product, writeKey);
}, 120_000);

test.concurrent('who never reads answers is not read from for long', async () => {
  const { product } = shared;
  const { writeKey } = await product.createSite('deaf');
  const deaf = await Promise.all(
    Array.from({ length: 5 }, () =>
      neverRead(product.port, Buffer.from(requestOf('nobody', event('Deaf')).repeat(200)), 2),
    ),
  );
  for (const { taken } of deaf) expect(taken).toBeLessThan(50_000_000);
  await checkOthers(product, writeKey);
  for (const { socket } of deaf) socket.destroy();
});

test.concurrent('clients that go away in the middle leave nothing behind, and what they sent whole is kept', async () => {
  const { product } = shared;
  const { writeKey } = await product.createSite('gone');
  const random = createRandom(fixedSeed);
  const wire = requestOf(writeKey, event('Gone'));
  const clients = long(3000, 300);
  let whole = 0;
  for (let client = 0; client < clients; client += 1) {
    const socket = connect(product.port, '127.0.0.1');
    await once(socket, 'connect');
    const length = random.chance(0.3) ? wire.length : random.between(0, wire.length - 1);
    if (length === wire.length) {
      socket.write(wire);
      await once(socket, 'data');
      whole += 1;
    } else socket.write(wire.slice(0, length));
    if (random.chance(0.5)) socket.resetAndDestroy();
    else socket.destroy();
  }
  await product.settled('gone', whole);
}, 600_000);
