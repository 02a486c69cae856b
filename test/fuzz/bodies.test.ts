import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../services/demo/random.ts';
import { nextBody, type Sent } from './bodies.ts';
import { openBooks, type RejectedRow, type StoredRow } from './books.ts';
import { openConnection, wireOf } from './connection.ts';
import { checkAnswer } from './contract.ts';
import { drawPool } from './hostile.ts';
import { type FuzzedProduct, startProduct } from './product.ts';
import { fixedSeed, freshSeed, isFull, long, mostMinutes } from './settings.ts';

/** Bodies that are sent, and whose events are read back, at a time: what the test itself holds in memory. */
const runBodies = long(20_000, 3000);
const runs = long(50, 1);
const connections = 8;
/** Requests on a connection that wait for their answers. */
const pipelined = 8;
const poolSize = 2000;
/** Bodies that are remembered to be sent again, or to be spliced with others. */
const remembered = 256;

type Tally = { statuses: Map<number, number>; accepted: number; rejected: number; bodies: number };

const shared = {} as { product: FuzzedProduct };
beforeAll(async () => {
  shared.product = await startProduct();
});
afterAll(async () => {
  await shared.product.checkHealth();
  await shared.product.close();
});

/** One run of bodies for a site of its own, and its books. */
const run = async (product: FuzzedProduct, seed: number, tally: Tally): Promise<void> => {
  const site = `fuzz-${seed}`;
  const keys = await product.createSite(site);
  const random = createRandom(seed);
  const pool = drawPool(seed, poolSize);
  const books = openBooks();
  const recent: Sent[] = [];
  let sent = 0;

  const next = (): Sent => {
    sent += 1;
    const before = recent.length === 0 ? undefined : random.pick(recent);
    if (before !== undefined && random.chance(0.03)) return before;
    const body = nextBody(random, pool, keys, {
      id: `${seed.toString(36)}-${sent}`,
      other: before?.bytes ?? Buffer.from('{}'),
    });
    recent.push(body);
    if (recent.length > remembered) recent.shift();
    return body;
  };
  const work = async (connection: Awaited<ReturnType<typeof openConnection>>): Promise<void> => {
    while (sent < runBodies) {
      const body = next();
      const about = `seed ${seed}, body ${sent}`;
      const pieces = random.chance(0.05) ? [1, random.between(1, 300)] : [];
      const answer = await connection.send(wireOf(body, pieces));
      const taken = checkAnswer(answer, about);
      tally.statuses.set(answer.status, (tally.statuses.get(answer.status) ?? 0) + 1);
      if (taken !== null) books.note(body, taken);
    }
  };

  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(product.port)));
  await Promise.all(open.flatMap((connection) => Array.from({ length: pipelined }, () => work(connection))));
  for (const connection of open) connection.close();
  tally.bodies += sent;
  tally.accepted += books.sums.accepted;
  tally.rejected += books.sums.rejected;

  const stats = await product.settled(site, books.sums.accepted + books.sums.rejected);
  const stored = await product.rows<StoredRow>(
    `SELECT message_id, type, properties, context, traits FROM events WHERE site = '${site}'`,
  );
  const rejected = await product.rows<RejectedRow>(
    `SELECT code, path, message, event FROM rejected FINAL WHERE site = '${site}'`,
  );
  expect(stats).toMatchObject({ stored: stored.length, rejected: books.sums.rejected });
  books.check(stored, rejected);
};

test(
  'whatever comes as a body gets an answer of the contract, and what is accepted is stored as it was sent',
  async () => {
    const { product } = shared;
    const tally: Tally = { statuses: new Map(), accepted: 0, rejected: 0, bodies: 0 };
    console.log(`seeds ${fixedSeed} and ${freshSeed}`);
    const startedAt = performance.now();
    await run(product, fixedSeed, tally);
    for (let index = 0; index < runs && performance.now() - startedAt < mostMinutes * 60_000; index += 1) {
      await run(product, freshSeed + index, tally);
      if (isFull) console.log(summary(tally, product, startedAt));
    }
    console.log(summary(tally, product, startedAt));
  },
  (mostMinutes + 10) * 60_000,
);

const summary = (
  { statuses, accepted, rejected, bodies }: Tally,
  product: FuzzedProduct,
  startedAt: number,
): string => {
  const seconds = (performance.now() - startedAt) / 1000;
  const byStatus = [...statuses].sort().map(([status, times]) => `${times} × ${status}`);
  const { product: own, all } = product.peak;
  return (
    `${bodies} bodies in ${seconds.toFixed(0)} s (${Math.round(bodies / seconds)}/s): ${byStatus.join(', ')}; ` +
    `${accepted} events accepted, ${rejected} rejected; peak ${own} MB, with the engine ${all} MB`
  );
};
