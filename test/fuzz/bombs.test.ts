import { hash } from 'node:crypto';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bomb, bombs } from './bombs.ts';
import { checkAnswer } from './contract.ts';
import { type FuzzedProduct, startProduct } from './product.ts';
import { long } from './settings.ts';

const rounds = long(10, 1);
/** Bombs that are on their way at the same time. */
const atOnce = 6;

const megabyte = Buffer.alloc(1024 * 1024, 0x20);

const shared = {} as { product: FuzzedProduct };
beforeAll(async () => {
  shared.product = await startProduct();
});
afterAll(async () => {
  await shared.product.checkHealth();
  await shared.product.close();
});

type Sender = { product: FuzzedProduct; authorization: string };

const post = async ({ product, authorization }: Sender, { name, headers = {} }: Bomb, body: Buffer) => {
  const response = await fetch(`${product.base}/v1/batch`, {
    method: 'POST',
    headers: { authorization, ...headers },
    body: new Uint8Array(body),
  });
  const answer = {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
  return { status: answer.status, taken: checkAnswer(answer, name) };
};

const digestOf = ({ headers }: Bomb, body: Buffer): string =>
  hash('md5', headers?.['content-encoding'] === 'gzip' ? gunzipSync(body) : body);

/** A body of 100 MB, which the client sends to its end whatever it is answered. Answers the status. */
const pour = ({ product, authorization }: Sender, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${product.base}/v1/batch`, { method: 'POST', headers: { authorization, ...headers } });
    outgoing.once('response', (response) => {
      response.resume();
      outgoing.once('finish', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', reject);
    const pump = (left: number): void => {
      if (left === 0) outgoing.end();
      else outgoing.write(megabyte, () => pump(left - 1));
    };
    pump(100);
  });

test(
  'bombs are refused or kept whole, many at a time, within the memory that the product may have',
  async () => {
    const { product } = shared;
    const { writeKey } = await product.createSite('bombs');
    const sender: Sender = { product, authorization: `Basic ${btoa(`${writeKey}:`)}` };
    const sums = { accepted: 0, rejected: 0 };
    /** Of what was refused whole: digests of what must be kept. */
    const kept: string[] = [];
    const bodies = bombs.map((bomb) => ({ bomb, body: bomb.body() }));
    const queue = Array.from({ length: rounds }, () => bodies).flat();
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { bomb, body } = next;
        const { status, taken } = await post(sender, bomb, body);
        expect(bomb.statuses, bomb.name).toContain(status);
        sums.accepted += taken === null ? 0 : taken.accepted + taken.duplicates;
        sums.rejected += taken?.rejected ?? 0;
        if (taken?.rejected === 1) kept.push(digestOf(bomb, body));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const stats = await product.settled('bombs', sums.accepted + sums.rejected);
    expect(stats).toMatchObject({ rejected: sums.rejected });
    const large = await product.rows<{ digest: string }>(
      `SELECT lower(hex(MD5(event))) AS digest FROM rejected WHERE site = 'bombs' AND length(event) > 100000 AND event NOT LIKE '%"context":{"a":"xxx%'`,
    );
    expect(large.map(({ digest }) => digest).sort()).toEqual(kept.sort());
    for (let page = 0, cursor: string | null = ''; page < 20 && cursor !== null; page += 1)
      cursor = (await product.rejected('bombs', cursor)).nextCursor;
    const { product: own, all } = product.peak;
    console.log(`${JSON.stringify(stats)}; peak ${own} MB, with the engine ${all} MB`);
  },
  long(900_000, 120_000),
);

test('100 MB are refused, whether their length is said or not, and their senders told', async () => {
  const { product } = shared;
  const { writeKey } = await product.createSite('pours');
  const sender: Sender = { product, authorization: `Basic ${btoa(`${writeKey}:`)}` };
  const said = { 'content-length': String(100 * megabyte.length) };
  const statuses = await Promise.all([
    ...Array.from({ length: 8 }, () => pour(sender, said)),
    ...Array.from({ length: 8 }, () => pour(sender, {})),
    pour(sender, { 'content-encoding': 'gzip' }),
    pour({ ...sender, authorization: '' }, {}),
  ]);
  for (const status of statuses) expect([413, 503]).toContain(status);
});
