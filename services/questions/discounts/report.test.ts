import fc from 'fast-check';
import { expect, test } from 'vitest';
import { discountFigures, type IssuedCode, type OrderEvent, type Redemption } from '../../../test/oracle/discounts.ts';
import { type HistoryRow, store } from '../../../test/support/history.ts';
import { insertRows } from '../../../test/support/rows.ts';
import { runs } from '../../../test/support/runs.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { columnTime } from '../../platform/warehouse/column-time.ts';
import { discountReport } from './report.ts';

const warehouse = sharedWarehouse();
const start = Date.parse('2026-06-01T00:00:00Z');
const minute = 60_000;
const [from, to, now] = [start + 20 * minute, start + 80 * minute, start + 100 * minute];
const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };

const decimal = (units: number): string => (units / 10_000).toFixed(4);

const storeCodes = (site: string, codes: readonly IssuedCode[], redemptions: readonly Redemption[]): Promise<void> =>
  insertRows(
    warehouse(),
    'discounts',
    [
      'site',
      'code',
      'action_id',
      'person',
      'automation',
      'benefit',
      'percent',
      'amount',
      'currency',
      'expires_at',
      'kind',
      'order_id',
      'at',
    ],
    [
      ...codes.map(({ code, at, expiresAt, automation, kind, percent, amount }) => {
        const currency = kind === 'amount' ? 'EUR' : '';
        const terms = [automation, kind, percent, decimal(amount), currency, columnTime(expiresAt)];
        return [site, code, `action-${code}`, 1, ...terms, 'issued', '', columnTime(at)];
      }),
      ...redemptions.map(({ code, at, orderId }) => {
        const terms = ['', 'percent', 0, '0', '', columnTime(now)];
        return [site, code, '', 0, ...terms, 'redeemed', orderId, columnTime(at)];
      }),
    ],
  );

const eventRow = ({ name, at, orderId, coupon, revenue, discount, currency }: OrderEvent): HistoryRow => ({
  timestamp: at,
  event: name,
  message_id: `${name} ${orderId}`,
  user_id: 'ada',
  order_id: orderId,
  coupon,
  currency,
  revenue: name === 'Order Completed' ? decimal(revenue) : null,
  properties:
    discount === null
      ? ''
      : JSON.stringify({ discount: discount % 20_000 === 0 ? discount / 10_000 : decimal(discount) }),
});

const codeNames = ['SAVE-1', 'SAVE-2', 'SAVE-3', 'SAVE-4'];
const orderNames = ['o1', 'o2', 'o3'];
const at = fc.integer({ min: 0, max: 99 }).map((minutes) => start + minutes * minute);
const aCode = (code: string) =>
  fc.record({
    code: fc.constant(code),
    at,
    expiresAt: fc.integer({ min: 30, max: 200 }).map((minutes) => start + minutes * minute),
    automation: fc.constantFrom('rescue', 'win-back'),
    kind: fc.constantFrom('percent' as const, 'amount' as const, 'free-shipping' as const),
    percent: fc.constantFrom(7, 10, 33, 100),
    amount: fc.constantFrom(50_000, 12_345),
  });
const anOrder = (orderId: string) =>
  fc
    .record({
      at,
      coupon: fc.constantFrom('', ...codeNames, 'save-1', 'OTHER'),
      revenue: fc.integer({ min: 0, max: 9_999 }).map((cents) => cents * 100),
      discount: fc.constantFrom(null, null, 20_000, 31_500),
      currency: fc.constantFrom('EUR', 'USD'),
      isCancelled: fc.boolean(),
    })
    .map(({ isCancelled, ...order }): OrderEvent[] => [
      { ...order, name: 'Order Completed', orderId },
      ...(isCancelled
        ? [{ ...order, at: order.at + minute, name: 'Order Cancelled' as const, orderId, discount: null }]
        : []),
    ]);
const redemption = fc.record({
  code: fc.constantFrom(...codeNames),
  at,
  orderId: fc.constantFrom(...orderNames, 'unseen'),
});

const world = fc.record({
  codes: fc.tuple(...codeNames.map(aCode)),
  // One redemption is noted for a code: the shop's server is told when it is used.
  redemptions: fc.uniqueArray(redemption, { maxLength: 4, selector: ({ code }) => code }),
  orders: fc.tuple(...orderNames.map(anOrder)).map((orders) => orders.flat()),
});

const units = (sums: readonly { currency: string; amount: string }[]): Record<string, number> =>
  Object.fromEntries(sums.map(({ currency, amount }) => [currency, Math.round(Number(amount) * 10_000)]));

test('the report says of generated codes and orders what counting them one by one says', {
  timeout: 240_000,
}, async () => {
  const made = { sites: 0 };
  await fc.assert(
    fc.asyncProperty(world, async (history) => {
      const site = `site-${made.sites++}`;
      await storeCodes(site, history.codes, history.redemptions);
      const rows = history.orders.map(eventRow);
      // A message that stands twice in the table counts once.
      await store(warehouse(), site, [...rows, ...rows.slice(0, 2)]);
      const report = await discountReport(warehouse(), { id: site, currency: 'EUR' }, range, { now });
      const shown = ({ issued, redeemed, expired, givenUnknown, revenue, given }: typeof report.total) => ({
        issued,
        redeemed,
        expired,
        givenUnknown,
        revenue: units(revenue),
        given: units(given),
      });
      expect(shown(report.total)).toEqual(discountFigures(history, { from, to, now }));
      for (const part of report.byAutomation) {
        const codes = history.codes.filter(({ automation }) => automation === part.automation);
        expect(shown(part)).toEqual(discountFigures({ ...history, codes }, { from, to, now }));
      }
      const issued = (parts: readonly { issued: number }[]) => parts.reduce((sum, part) => sum + part.issued, 0);
      expect([issued(report.byAutomation), issued(report.byBenefit)]).toEqual([
        report.total.issued,
        report.total.issued,
      ]);
      expect(report.redemptions).toHaveLength(report.total.redeemed);
    }),
    { numRuns: runs(20) },
  );
});

test('a redeemed code is shown with its order, what it brought and what was given, and when', async () => {
  const code: IssuedCode = {
    code: 'SAVE-9',
    at: from,
    expiresAt: now + minute,
    automation: 'rescue',
    kind: 'percent',
    percent: 10,
    amount: 0,
  };
  await storeCodes('one', [code, { ...code, code: 'SAVE-8' }], [{ code: 'SAVE-9', at: from + 90_000, orderId: 'o9' }]);
  const order = {
    at: from + 100_000,
    orderId: 'o9',
    coupon: 'SAVE-9',
    revenue: 900_000,
    discount: null,
    currency: 'EUR',
  };
  await store(warehouse(), 'one', [eventRow({ ...order, name: 'Order Completed' })]);
  const report = await discountReport(warehouse(), { id: 'one', currency: 'EUR' }, range, { now });
  expect(report.total).toMatchObject({ issued: 2, redeemed: 1, open: 1, rate: 0.5, medianSeconds: 90 });
  expect(report.byBenefit).toMatchObject([
    { benefit: { kind: 'percent', percent: 10, amount: null }, pool: '', issued: 2 },
  ]);
  expect(report.redemptions).toEqual([
    {
      code: 'SAVE-9',
      automation: 'rescue',
      issuedAt: new Date(from).toISOString(),
      redeemedAt: new Date(from + 90_000).toISOString(),
      orderId: 'o9',
      revenue: { currency: 'EUR', amount: '90.00' },
      given: { currency: 'EUR', amount: '10.00' },
      isCancelled: false,
    },
  ]);
  const empty = await discountReport(warehouse(), { id: 'none', currency: 'EUR' }, range, { now });
  expect(empty).toMatchObject({ total: { issued: 0, rate: null, revenue: [] }, byAutomation: [], redemptions: [] });
});
