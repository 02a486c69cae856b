import { expect, test } from 'vitest';
import type { Action } from '../../schemas/action.ts';
import type { Discount } from '../../schemas/automation.ts';
import { insertRows } from '../../test/support/rows.ts';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { createTokens } from '../platform/tokens.ts';
import { createDiscounts, type Discounts } from './discounts.ts';

const start = Date.parse('2026-11-01T00:00:00Z');
const action: Action = {
  v: 1,
  id: 'a1',
  site: 'shop',
  automation: 'basket-rescue',
  automationVersion: 1,
  step: 1,
  person: '1',
  userId: 'ada',
  email: 'ada@example.com',
  addressee: { firstName: 'Ada', lastName: '' },
  occasion: 'c@1',
  requestedAt: new Date(start).toISOString(),
  stepId: '1',
  variant: 0,
  kind: 'email',
  purpose: 'marketing',
  event: null,
  basket: {
    of: 'cart',
    cartId: 'c',
    items: [],
    removed: [],
    value: '1.00',
    currency: 'EUR',
    lastActivity: new Date(start).toISOString(),
  },
};

const tenPercent: Discount = { kind: 'percent', percent: 10, validSeconds: 3600 };
const issue = async (discounts: Discounts, to: Action, discount: Discount) =>
  (await discounts.issue(to, discount)) ?? expect.fail('no code');

test('a code is personal, the same on a retry, good once, and over when it is over', async () => {
  const warehouse = await openWarehouse();
  const time = { now: start };
  const clock = { now: () => time.now, sleep: async () => undefined };
  const discounts = createDiscounts({
    warehouse,
    tokens: createTokens('a secret key of thirty-two letters', clock),
    now: clock.now,
  });
  const issued = await issue(discounts, action, tenPercent);
  expect(await issue(discounts, action, tenPercent)).toEqual(issued);
  expect((await issue(discounts, { ...action, id: 'a2' }, tenPercent)).code).not.toBe(issued.code);
  expect(await discounts.look('shop', issued.code.toLowerCase())).toMatchObject({ redeemable: true, percent: 10 });
  await expect(discounts.look('other', issued.code), 'another site').rejects.toMatchObject({ code: 'not_found' });

  const tries = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => discounts.redeem('shop', issued.code, `order-${index}`)),
  );
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const { orderId } = await discounts.look('shop', issued.code);
  await expect(discounts.redeem('shop', issued.code, orderId), 'the same order again').resolves.toMatchObject({
    orderId,
  });
  await expect(discounts.redeem('shop', issued.code, 'another')).rejects.toMatchObject({ code: 'already_redeemed' });

  const other = await issue(discounts, { ...action, id: 'a3' }, tenPercent);
  time.now = start + 3_600_001;
  await expect(discounts.redeem('shop', other.code, 'o')).rejects.toMatchObject({ code: 'expired' });
});

test('a code that is issued again, since its mail could not go, has all of its time again', async () => {
  const warehouse = await openWarehouse();
  const time = { now: start };
  const clock = { now: () => time.now, sleep: async () => undefined };
  const tokens = createTokens('a secret key of thirty-two letters', clock);
  const discounts = createDiscounts({ warehouse, tokens, now: clock.now });
  const rows = [['shop', 'p', 'SPRING', 'Spring', '2026-11-01 00:00:00.000']];
  const lines = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  await warehouse.insert('pool_codes', ['site', 'pool', 'code', 'printed', 'at'], lines);
  for (const discount of [tenPercent, { ...tenPercent, pool: 'p' }]) {
    time.now = start;
    const first = await issue(discounts, action, discount);
    time.now = start + 3 * 86_400_000;
    const again = await issue(discounts, action, discount);
    expect(again).toEqual({ ...first, expiresAt: new Date(time.now + 3_600_000).toISOString() });
    expect(await discounts.look('shop', again.code)).toMatchObject({ redeemable: true, expiresAt: again.expiresAt });
  }
});

test('an order that names the code uses it up as well', async () => {
  const warehouse = await openWarehouse();
  const clock = { now: () => start, sleep: async () => undefined };
  const discounts = createDiscounts({
    warehouse,
    tokens: createTokens('a secret key of thirty-two letters', clock),
    now: clock.now,
  });
  const { code } = await issue(discounts, action, tenPercent);
  const row = ['shop', '2026-11-01 00:00:00.000', 'Order Completed', 'track', 'm', 'ada', code.toLowerCase(), 'o-9'];
  await warehouse.insert(
    'events',
    ['site', 'timestamp', 'event', 'type', 'message_id', 'user_id', 'coupon', 'order_id'],
    Buffer.from(`${JSON.stringify(row)}\n`),
  );
  await expect(discounts.redeem('shop', code, 'o-10')).rejects.toMatchObject({ code: 'already_redeemed' });
  await expect(discounts.redeem('shop', code, 'o-9')).resolves.toMatchObject({ percent: 10 });
});

test('an order without an id uses its code up, and what anybody tells later does not take a redemption back', async () => {
  const warehouse = await openWarehouse();
  const clock = { now: () => start, sleep: async () => undefined };
  const tokens = createTokens('a secret key of thirty-two letters', clock);
  const discounts = createDiscounts({ warehouse, tokens, now: clock.now });
  const ordered = (code: string, order: string, at: string) =>
    insertRows(
      warehouse,
      'events',
      ['site', 'timestamp', 'event', 'type', 'message_id', 'user_id', 'coupon', 'order_id'],
      [['shop', at, 'Order Completed', 'track', `m-${code}`, 'ada', code, order]],
    );
  const { code: nameless } = await issue(discounts, action, tenPercent);
  await ordered(nameless, '', '2026-11-01 00:00:00.000');
  expect(await discounts.look('shop', nameless)).toMatchObject({ redeemable: false, reason: 'already used' });
  await expect(discounts.redeem('shop', nameless, 'another')).rejects.toMatchObject({ code: 'already_redeemed' });

  const { code } = await issue(discounts, { ...action, id: 'a2' }, tenPercent);
  await discounts.redeem('shop', code, 'mine');
  await ordered(code, 'theirs', '2026-10-31 23:59:00.000');
  await expect(discounts.redeem('shop', code, 'mine'), 'again, e.g. after a time-out').resolves.toMatchObject({
    orderId: 'mine',
  });
  await expect(discounts.redeem('shop', code, 'theirs')).rejects.toMatchObject({ code: 'already_redeemed' });
});

test('a code says what it is good for', async () => {
  const warehouse = await openWarehouse();
  const clock = { now: () => start, sleep: async () => undefined };
  const tokens = createTokens('a secret key of thirty-two letters', clock);
  const discounts = createDiscounts({ warehouse, tokens, now: clock.now });
  const minimumOrder = { amount: '40.00', currency: 'EUR' };
  const said: [Discount, object][] = [
    [
      { kind: 'amount', amount: '7.50', currency: 'EUR', validSeconds: 60, minimumOrder },
      { kind: 'amount', percent: null, amount: { amount: '7.50', currency: 'EUR' }, minimumOrder },
    ],
    [
      { kind: 'free-shipping', validSeconds: 60, minimumOrder },
      { kind: 'free-shipping', percent: null, amount: null, minimumOrder },
    ],
    [
      { kind: 'percent', percent: 15, validSeconds: 60 },
      { kind: 'percent', percent: 15, amount: null, minimumOrder: null },
    ],
  ];
  for (const [discount, benefit] of said) {
    const { code } = await issue(discounts, { ...action, id: discount.kind }, discount);
    expect(await discounts.look('shop', code)).toMatchObject({ ...benefit, redeemable: true });
    expect(await discounts.redeem('shop', code, 'o')).toMatchObject({ ...benefit, orderId: 'o' });
  }
});

test('a code that is redeemed on two machines in the same moment is used for one order', async () => {
  const warehouse = await openWarehouse();
  const clock = { now: () => start, sleep: async () => undefined };
  const tokens = createTokens('a secret key of thirty-two letters', clock);
  const machine = () => createDiscounts({ warehouse, tokens, now: clock.now });
  const machines = [machine(), machine(), machine()];
  for (let run = 0; run < 10; run += 1) {
    const { code } = await issue(machine(), { ...action, id: `run-${run}` }, tenPercent);
    const tries = await Promise.allSettled(machines.map((each, index) => each.redeem('shop', code, `${run}-${index}`)));
    const won = tries.filter((each) => each.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(won[0]?.value.orderId).toBe((await machine().look('shop', code)).orderId);
    for (const each of tries)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'already_redeemed' });
  }
});
