import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { site } from '../../test/support/automated-shop.ts';
import { runs } from '../../test/support/runs.ts';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { Failure } from '../platform/failure.ts';
import { createTelemetry } from '../platform/telemetry.ts';
import { RefusedBlock, type Warehouse } from '../platform/warehouse/warehouse.ts';
import { createGathered } from './gathered.ts';
import { createLedger } from './ledger.ts';
import { sampleAction } from './sample.ts';

const most = 4;
const asks = fc.array(
  fc.record({
    /** Milliseconds after the one before. */
    after: fc.constantFrom(0, 0, 0, 1, 3),
    kind: fc.constantFrom('a', 'b'),
    fault: fc.constantFrom(null, null, null, 'own', 'common'),
  }),
  { maxLength: 25 },
);

test('whoever asks gets the own answer or the own error, of a batch that was begun after the question, one at a time of a kind', async () => {
  await fc.assert(
    fc.asyncProperty(asks, fc.constantFrom(0, 2), fc.constantFrom(0, 6), async (all, workMilliseconds, pace) => {
      const underWay = new Set<string>();
      const batches: number[][] = [];
      const ask = createGathered<{ index: number; kind: string; fault: string | null }, string>({
        most,
        paceMilliseconds: pace,
        by: ({ kind }) => kind,
        isOneAtFault: (error) => error === 'own',
        work: async (batch) => {
          const kinds = new Set(batch.map(({ kind }) => kind));
          const [kind = ''] = kinds;
          expect([kinds.size, underWay.has(kind), batch.length <= most]).toEqual([1, false, true]);
          underWay.add(kind);
          await delay(workMilliseconds);
          underWay.delete(kind);
          const faults = batch.map(({ fault }) => fault).filter((fault) => fault !== null);
          if (faults.includes('own')) throw 'own';
          if (faults.includes('common')) throw 'common';
          batches.push(batch.map(({ index }) => index));
          return batch.map(({ index }) => `answer ${index}`);
        },
      });
      const answers: Promise<unknown>[] = [];
      for (const [index, { after, kind, fault }] of all.entries()) {
        if (after > 0) await delay(after);
        answers.push(ask({ index, kind, fault }).catch((error: unknown) => error));
      }
      const got = await Promise.all(answers);
      for (const [index, { fault }] of all.entries()) {
        if (fault !== null) expect(got[index]).toBe(fault);
        // What fails for all of them fails for those beside it.
        else expect(['common', `answer ${index}`]).toContain(got[index]);
      }
      for (const kind of ['a', 'b']) {
        const answered = batches.flat().filter((index) => all[index]?.kind === kind);
        expect(answered, 'in their order').toEqual(answered.toSorted((one, other) => one - other));
      }
    }),
    { numRuns: runs(100) },
  );
});

test('what comes one by one is done together at a pace, the first at once', async () => {
  const batches: { at: number; size: number }[] = [];
  const ask = createGathered<number, number>({
    most: 100,
    paceMilliseconds: 200,
    work: async (batch) => {
      batches.push({ at: performance.now(), size: batch.length });
      return batch;
    },
  });
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  for (let index = 0; index < 30; index += 1) {
    answers.push(ask(index));
    await delay(10);
  }
  expect(await Promise.all(answers)).toEqual(answers.map((_, index) => index));
  expect(batches[0]?.size).toBe(1);
  // A timer may ring a moment early.
  for (const [index, { at }] of batches.entries())
    if (index > 0) expect(at - (batches[index - 1]?.at ?? 0)).toBeGreaterThan(195);
  expect(batches.length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 195);
});

const actionOf = (id: string) =>
  sampleAction(
    { trigger: { kind: 'lapsed', afterSeconds: 1, maxAgeSeconds: 1 }, automation: 'rescue', stepId: '1' },
    site,
    { id, email: 'ada@example.com', now: Date.now() },
  );

test('rows of the ledger that come together go in one insert; each is told when its own is durable, and what went wrong with it', async () => {
  const real = await openWarehouse();
  const inserts: { rows: number; end: PromiseWithResolvers<void> }[] = [];
  const warehouse: Warehouse = {
    ...real,
    insert: async (table, columns, rows) => {
      const end = Promise.withResolvers<void>();
      const lines = String(rows).trimEnd().split('\n');
      inserts.push({ rows: lines.length, end });
      await end.promise;
      if (lines.some((line) => line.includes('bad'))) throw new RefusedBlock('a row is bad');
      await real.insert(table, columns, rows);
    },
  };
  const ledger = createLedger({ warehouse, logger: createTelemetry({ logLevel: 'silent' }).logger, now: Date.now });
  const told: string[] = [];
  const write = async (id: string): Promise<void> => {
    await ledger.record(actionOf(id), 'claimed', 2).then(
      () => told.push(id),
      (error: Error) => told.push(`${id}: ${error.message}`),
    );
  };
  const insertOf = async (index: number) => {
    await expect.poll(() => inserts.length).toBe(index + 1);
    return inserts[index] ?? expect.fail('no insert');
  };
  const written = [write('1')];
  const first = await insertOf(0);
  for (const id of ['2', '3', '4']) written.push(write(id));
  expect([first.rows, inserts.length, told]).toEqual([1, 1, []]);
  first.end.resolve();
  const second = await insertOf(1);
  expect([second.rows, told]).toEqual([3, ['1']]);
  expect((await ledger.standing({ site: 'shop', id: '1' }))?.phase).toBe('claimed');
  for (const id of ['5', '6']) written.push(write(id));
  second.end.reject(new Failure('unavailable', 'away'));
  const third = await insertOf(2);
  expect(told.slice(1)).toEqual(['2: away', '3: away', '4: away']);
  for (const id of ['7', 'bad', '8']) written.push(write(id));
  third.end.resolve();
  // Refused, it is halved: 7 and the bad one, then each of them, then 8.
  for (const index of [3, 4, 5, 6, 7]) (await insertOf(index)).end.resolve();
  await Promise.all(written);
  expect(told.slice(4)).toEqual(['5', '6', '7', 'bad: a row is bad', '8']);
  const standings = await Promise.all(['2', '5', '6', '7', '8'].map((id) => ledger.standing({ site: 'shop', id })));
  expect(standings.map((standing) => standing?.phase ?? null)).toEqual([null, ...Array(4).fill('claimed')]);
});
