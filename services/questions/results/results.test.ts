import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type OracleDecision, oracleResults } from '../../../test/oracle/results.ts';
import { insertRows } from '../../../test/support/rows.ts';
import { runs } from '../../../test/support/runs.ts';
import { openWarehouse } from '../../../test/support/warehouse.ts';
import { columnTime } from '../../platform/warehouse/column-time.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { automationResults } from './results.ts';

const start = Date.parse('2026-10-10T00:00:00Z');
const minute = 60_000;

const at = fc.integer({ min: 0, max: 20 }).map((minutes) => start + minutes * minute);
const user = fc.integer({ min: 0, max: 14 }).map((number) => `user-${number}`);
// Two decisions about a person never fall into the same millisecond: a person has one performer.
const decisions = fc.uniqueArray(
  fc.record({ user, at, kind: fc.constantFrom('claimed' as const, 'holdout' as const, 'other' as const) }),
  { maxLength: 40, selector: (each) => `${each.user} ${each.at}` },
);
const orders = fc.array(
  fc.record({
    user,
    at,
    orderId: fc.constantFrom('', '0', '1', '2'),
    currency: fc.constantFrom('EUR', 'USD'),
    cents: fc.option(fc.integer({ min: 0, max: 100_000 }), { freq: 6 }),
    tells: fc.constantFrom(
      'completed' as const,
      'completed' as const,
      'completed' as const,
      'refunded' as const,
      'cancelled' as const,
    ),
  }),
  { maxLength: 40 },
);
const names = { completed: 'Order Completed', refunded: 'Order Refunded', cancelled: 'Order Cancelled' };
const scenario = fc.record({
  decisions,
  // A message of an order that is told again at the same instant says the same.
  orders: orders.map((all) => [
    ...new Map(all.map((each) => [`${each.user} ${each.orderId} ${each.at}`, each])).values(),
  ]),
  onDevice: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
  from: fc.integer({ min: -2, max: 8 }).map((minutes) => start + minutes * minute),
  length: fc.integer({ min: 1, max: 20 }),
  attribution: fc.integer({ min: 1, max: 12 }),
  now: fc.integer({ min: 0, max: 40 }).map((minutes) => start + minutes * minute),
});

const phaseOf = ({ kind }: OracleDecision): [string, string] => {
  if (kind === 'claimed') return ['claimed', ''];
  return kind === 'holdout' ? ['held', 'holdout'] : ['held', 'suppressed: this address must not be written to'];
};

test('both groups are counted as by brute force: first decision, orders told twice, currencies, joined devices', {
  timeout: 240_000,
}, async () => {
  const warehouse = await openWarehouse();
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(
      scenario,
      async ({ decisions: decided, orders: ordered, onDevice, from, length, attribution, now }) => {
        run.number += 1;
        const site = `site-${run.number}`;
        const people = Array.from({ length: 15 }, (_, number) => `user-${number}`);
        const ledger = ['site', 'action_id', 'automation', 'person', 'user_id', 'phase', 'sequence', 'reason', 'at'];
        const person = new Map(
          (
            await warehouse.query(
              sql`SELECT name, toString(sipHash64(${site}, 'user', name)) AS person FROM (SELECT arrayJoin(${people}) AS name)`,
              z.object({ name: z.string(), person: z.string() }),
            )
          ).rows.map((row) => [row.name, row.person]),
        );
        await insertRows(
          warehouse,
          'ledger',
          ledger,
          decided.map((each, index) => {
            const [phase, reason] = phaseOf(each);
            const who = [person.get(each.user), each.user];
            return [site, `action-${index}`, 'rescue', ...who, phase, 2, reason, columnTime(each.at)];
          }),
        );
        const events = [
          'site',
          'timestamp',
          'event',
          'type',
          'message_id',
          'user_id',
          'anonymous_id',
          'order_id',
          'currency',
          'revenue',
        ];
        const told = ordered.map((each, index) => [
          site,
          columnTime(each.at),
          names[each.tells],
          'track',
          `m-${index}`,
          ...(onDevice[index] ? ['', `device-${each.user}`] : [each.user, '']),
          each.orderId === '' ? '' : `${each.user}-${each.orderId}`,
          each.tells === 'completed' ? each.currency : '',
          each.cents === null ? null : (each.cents / 100).toFixed(2),
        ]);
        await insertRows(warehouse, 'events', events, [...told, ...told.slice(0, 3)]);
        const links = people.map((name) => [site, `device-${name}`, name, columnTime(start), 'm']);
        await insertRows(
          warehouse,
          'identities',
          ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
          links,
        );
        await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);

        const to = from + length * minute;
        const answer = await automationResults(
          warehouse,
          { id: site, currency: 'EUR' },
          {
            automation: 'rescue',
            from: new Date(from).toISOString(),
            to: new Date(to).toISOString(),
            attributionSeconds: attribution * 60,
          },
          { now },
        );
        const expected = oracleResults(decided, ordered, {
          from,
          to,
          attributionMs: attribution * minute,
          currency: 'EUR',
          now,
        });
        for (const name of ['treated', 'holdout'] as const) {
          const { persons, converted, orders: count, cents, own } = expected[name];
          expect(answer[name]).toMatchObject({ persons, converted, orders: count });
          const revenue = answer[name].revenue.map(({ currency, amount }) => [
            currency,
            Math.round(Number(amount) * 100),
          ]);
          // A currency in which orders were worth nothing is not listed.
          expect(revenue.sort()).toEqual([...cents].filter(([, sum]) => sum !== 0).sort());
          const mean = persons === 0 ? null : own.reduce((sum, each) => sum + each, 0) / persons / 100;
          expect(answer[name].revenuePerPerson ?? -1).toBeCloseTo(mean ?? -1, 6);
        }
        expect(answer.maturing).toBe(expected.maturing);
        const isBoth = expected.treated.persons > 0 && expected.holdout.persons > 0;
        expect(answer.verdict === 'no-holdout').toBe(!isBoth);
      },
    ),
    { numRuns: runs(20), endOnFailure: true },
  );
});
