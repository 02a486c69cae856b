import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FunnelQuery } from '../../../schemas/api/funnels.ts';
import { type OracleFunnel, type OracleRow, type OracleStep, oracleAnswer } from '../../../test/oracle/funnel.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { funnel } from './funnel.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const start = Date.parse('2026-10-10T00:00:00Z');
const columns = ['site', 'timestamp', 'event', 'type', 'message_id', 'user_id', 'anonymous_id', 'price'];
const columnTime = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '');

/** Few names, few instants: ties, repeats and overlaps are the rule. Half a second apart, so that windows end between and on rows. */
const row = fc.record({
  time: fc.integer({ min: -4, max: 24 }).map((half) => start + half * 500),
  event: fc.constantFrom('a', 'b', 'c', 'other'),
  price: fc.option(fc.constantFrom(1, 5, 9), { nil: undefined }),
});
const person = fc.record({
  rows: fc.array(row, { maxLength: 8 }),
  onDevice: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  isRepeated: fc.boolean(),
});
const step: fc.Arbitrary<OracleStep> = fc.record(
  { event: fc.constantFrom('a', 'b', 'c'), minimumPrice: fc.constantFrom(1, 5) },
  { requiredKeys: ['event'] },
);
const scenario = fc.record({
  persons: fc.array(person, { minLength: 40, maxLength: 40 }),
  steps: fc.oneof(
    fc.array(step, { minLength: 1, maxLength: 5 }),
    fc.constantFrom<OracleStep[]>([{ event: 'a' }, { event: 'b' }], [{ event: 'b' }, { event: 'a' }, { event: 'c' }]),
  ),
  windowSeconds: fc.integer({ min: 1, max: 8 }),
  from: fc.integer({ min: -2, max: 6 }).map((seconds) => start + seconds * 1000),
  length: fc.integer({ min: 1, max: 12 }),
  rangeApplies: fc.constantFrom('entry' as const, 'all' as const),
  reentry: fc.constantFrom('best' as const, 'first' as const),
  now: fc.integer({ min: 0, max: 20 }).map((seconds) => start + seconds * 1000),
});

test('2,000 persons in 50 funnels are counted as by brute force: ties, repeats, overlaps, joined devices, repeated rows', {
  timeout: 180_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async ({ persons, steps, length, ...rest }) => {
      run.number += 1;
      const site = `site-${run.number}`;
      const query: OracleFunnel = { ...rest, steps, to: rest.from + length * 1000 };
      const lines: string[] = [];
      const links: string[] = [];
      const histories = persons.map(({ rows, onDevice, isRepeated }, number) => {
        const user = `user-${number}`;
        const own: OracleRow[] = rows.map(({ price, ...each }, place) => ({
          ...each,
          ...(price === undefined ? {} : { price }),
          messageId: `${number}-${place}`,
        }));
        own.forEach((each, place) => {
          const ids = onDevice[place] ? ['', `device-${user}`] : [user, ''];
          const line = JSON.stringify([
            site,
            columnTime(each.time),
            each.event,
            'track',
            each.messageId,
            ...ids,
            each.price ?? null,
          ]);
          lines.push(line);
          if (isRepeated) lines.push(line);
        });
        links.push(JSON.stringify([site, `device-${user}`, user, columnTime(start), 'm']));
        return own;
      });
      const shuffled = lines
        .map((line, index) => ({ line, key: (index * 7919) % 10_007 }))
        .sort((a, b) => a.key - b.key);
      if (lines.length > 0)
        await warehouse().insert('events', columns, Buffer.from(shuffled.map(({ line }) => `${line}\n`).join('')));
      await warehouse().insert(
        'identities',
        ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
        Buffer.from(`${links.join('\n')}\n`),
      );
      await warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);
      const answer = await funnel(
        warehouse(),
        { id: site },
        FunnelQuery.parse({
          ...rest,
          steps: steps.map(({ event, minimumPrice }) => ({
            event,
            where: minimumPrice === undefined ? [] : [{ property: 'price', op: 'gte', value: minimumPrice }],
          })),
          from: new Date(query.from).toISOString(),
          to: new Date(query.to).toISOString(),
        }),
        { now: query.now },
      );
      const close = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6);
      expect(
        answer.steps.map(({ count, pending, dropped, medianSeconds, averageSeconds }) => ({
          count,
          pending,
          dropped,
          median: close(medianSeconds),
          average: close(averageSeconds),
        })),
      ).toEqual(
        oracleAnswer(histories, query).map((each) => ({
          ...each,
          median: close(each.median),
          average: close(each.average),
        })),
      );
    }),
    { numRuns: 50, endOnFailure: true },
  );
});

test('64 steps are answered, 65 are refused', async () => {
  const steps = (count: number) => Array.from({ length: count }, (_, index) => ({ event: `step ${index}` }));
  const range = { from: new Date(start).toISOString(), to: new Date(start + 1000).toISOString() };
  const lines = steps(64).map(({ event }, index) =>
    JSON.stringify(['long', columnTime(start + index), event, 'track', `m${index}`, 'ada', '', null]),
  );
  await warehouse().insert('events', columns, Buffer.from(`${lines.join('\n')}\n`));
  const answer = await funnel(warehouse(), { id: 'long' }, FunnelQuery.parse({ ...range, steps: steps(64) }), {
    now: start,
  });
  expect(answer.steps.at(-1)).toMatchObject({ count: 1, averageSeconds: 0.001 });
  expect(FunnelQuery.safeParse({ ...range, steps: steps(65) }).error?.issues[0]?.message).toBe('at most 64 steps');
});
