import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AbandonmentQuery, type BasketBreakdownRow, RemovedProductsQuery } from '../../../schemas/api/abandonment.ts';
import type { Money } from '../../../schemas/primitives.ts';
import {
  type OracleBasket,
  type OracleEvent,
  type OracleRules,
  oracleBaskets,
  oracleRemovals,
  oracleShares,
  oracleSource,
} from '../../../test/oracle/basket.ts';
import { type BasketShop, categoryOf, storeBaskets } from '../../../test/support/baskets.ts';
import { runs } from '../../../test/support/runs.ts';
import { startWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { toUnits } from '../money.ts';
import { abandonment } from './abandonment.ts';
import { removedProducts } from './removed.ts';

const opened: { engine?: Awaited<ReturnType<typeof startWarehouse>> } = {};
beforeAll(async () => {
  opened.engine = await startWarehouse();
});
afterAll(() => opened.engine?.close());
const warehouse = () => opened.engine?.warehouse ?? expect.fail('no engine');

const start = Date.parse('2026-10-10T00:00:00Z');
const hour = 3_600_000;
const rules = { idleSeconds: 3600, recoverySeconds: 5 * 3600, assistSeconds: 2 * 3600 };

const variant = fc.constantFrom('', '', 's', 'm');
const price = fc.constantFrom(1, 199_000, 1_200_033, undefined);
const productId = fc.constantFrom('tent', 'lamp', 'mug');
const quantity = fc.constantFrom(0, 1, 2, 3, undefined);
const product = fc.record({ productId, variant, quantity, price });
const products = fc.array(product, { maxLength: 3 });
const currency = fc.constantFrom('', 'EUR', 'EUR', 'USD');
const orderId = fc.constantFrom('', 'first', 'first', 'second');
/** The same words, so that a checkout which is called like a cart is none. */
const cartId = fc.constantFrom('', '', 'a', 'b');
const checkoutId = fc.constantFrom('', '', 'a', 'b', 'undefined');
/** Steps of half an hour, so that pauses of exactly the idle time and the recovery time occur. */
const at = fc.integer({ min: 0, max: 30 }).map((half) => start + (half * hour) / 2);
const what = (event: string, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ at, event: fc.constant(event), currency, ...more }) as fc.Arbitrary<Omit<OracleEvent, 'messageId'>>;
const maybeProducts = fc.option(products, { nil: undefined });
const kinds = {
  add: what('Product Added', { product, cartId }),
  addSeveral: what('Product Added', { products }),
  remove: what('Product Removed', { product, cartId }),
  change: what('Product Quantity Changed', { product }),
  viewCart: what('Cart Viewed', { products: maybeProducts, cartId }),
  updateCart: what('Cart Updated', { products }),
  clear: what('Cart Cleared'),
  checkout: what('Checkout Started', { products, total: price, cartId, checkoutId }),
  pay: what('Payment Info Entered'),
  order: what('Order Completed', { products: maybeProducts, orderId, total: price, cartId, checkoutId }),
  update: what('Order Updated', { orderId, total: price, products: maybeProducts }),
  look: what('Product Viewed', { product }),
  mail: what('Email Sent'),
  click: what('Email Link Clicked'),
  cancel: what('Order Cancelled', { orderId }),
  refund: what('Order Refunded', { orderId, total: price, products: maybeProducts }),
  campaign: what('Page Viewed', {
    at: fc.oneof(
      at,
      fc.constantFrom(-31, -30, -29).map((days) => start + days * 24 * hour),
    ),
    source: fc.constantFrom('newsletter', 'search'),
    session: fc.constantFrom('', 'one', 'one', 'two'),
  }),
};
type Kind = keyof typeof kinds;
const all = Object.keys(kinds) as Kind[];
/** Nothing in particular, and journeys in which things happen that seldom meet by chance. */
const stories: Kind[][] = [
  ['add', 'order', 'mail', 'mail', 'click', 'refund'],
  ['add', 'order', 'refund', 'refund', 'cancel'],
  ['add', 'order', 'order', 'update', 'update', 'refund'],
  ['add', 'checkout', 'order', 'order', 'order'],
  ['add', 'add', 'checkout', 'order', 'order', 'order'],
  ['look', 'look', 'add', 'order', 'order', 'mail'],
  ['look', 'look', 'look', 'add', 'order', 'cancel', 'refund'],
  ['add', 'remove', 'change', 'order', 'viewCart'],
  ['campaign', 'campaign', 'campaign', 'look', 'look', 'add'],
  ['campaign', 'campaign', 'campaign', 'campaign', 'add', 'add'],
  [],
];
const person = fc.record({
  events: fc
    .tuple(fc.constantFrom(...stories), fc.array(fc.constantFrom(...all), { maxLength: 6 }))
    .chain(([story, more]) => fc.tuple(...[...story, ...more].map((kind) => kinds[kind]))),
  devices: fc.array(fc.constantFrom('phone', 'laptop', 'account', 'account', 'office'), {
    minLength: 13,
    maxLength: 13,
  }),
  isJoined: fc.boolean(),
  repeats: fc.nat({ max: 2 }),
});
type Person = typeof person extends fc.Arbitrary<infer P> ? P : never;

/** Events of a generated person as they lie in the table, and by who they are resolved to. */
const eventsOf = (people: readonly Person[]) => {
  const shop: BasketShop = { events: [], links: [] };
  const persons = new Map<string, OracleEvent[]>();
  people.forEach(({ events, devices, isJoined, repeats }, index) => {
    const user = `user-${index}`;
    events.forEach((each, place) => {
      const device = devices[place] ?? 'account';
      // What becomes of an order is often told by the shop's own people.
      const isOffice = device === 'office' && /Cancelled|Refunded|Updated/.test(each.event);
      const own: OracleEvent = {
        ...each,
        messageId: `${index}-${place}`,
        ...(each.orderId ? { orderId: `${each.orderId}-${index}` } : {}),
        // Two people share one at times.
        ...(each.cartId ? { cartId: `${each.cartId}-${index >> 1}` } : {}),
        ...(each.checkoutId && each.checkoutId !== 'undefined'
          ? { checkoutId: `${each.checkoutId}-${index >> 1}` }
          : {}),
        ...(each.session ? { session: `${each.session}-${index}` } : {}),
      };
      const isAccount = device === 'account' || device === 'office';
      const who = isOffice
        ? { user: 'office', device: '' }
        : isAccount
          ? { user, device: '' }
          : { user: '', device: `${device}-${user}` };
      const owner = isOffice ? 'office' : isAccount || isJoined ? user : who.device;
      persons.set(owner, [...(persons.get(owner) ?? []), own]);
      for (let times = 0; times <= (place === 0 ? repeats : 0); times += 1) shop.events.push({ ...who, event: own });
    });
    if (isJoined)
      for (const device of ['phone', 'laptop']) shop.links.push({ device: `${device}-${user}`, user, active: true });
  });
  shop.events = shop.events
    .map((each, index) => ({ each, key: (index * 7919) % 10_007 }))
    .sort((a, b) => a.key - b.key)
    .map(({ each }) => each);
  return { shop, persons: [...persons.values()] };
};

const insert = async (site: string, shop: BasketShop): Promise<void> => {
  await storeBaskets(warehouse(), site, shop);
  await warehouse().command(sql`SYSTEM RELOAD DICTIONARY identity`);
};

const currencyOfSite = 'CHF';
const siteCurrency = (name: string): string => (name === 'site' ? currencyOfSite : name);
const added = (sums: readonly Record<string, number>[]): Record<string, number> => {
  const all: Record<string, number> = {};
  for (const sum of sums)
    for (const [name, amount] of Object.entries(sum)) all[siteCurrency(name)] = (all[siteCurrency(name)] ?? 0) + amount;
  return all;
};
const amounts = (money: readonly Money[]): Record<string, number> =>
  Object.fromEntries(money.map(({ currency: name, amount }) => [name, Number(toUnits(amount))]));

type Part = Pick<OracleBasket, 'status' | 'recovery' | 'values'> & { recovered: Record<string, number> };
const partOf = (basket: OracleBasket): Part => ({
  ...basket,
  recovered: basket.recovered === null ? {} : { [basket.recovered.currency]: basket.recovered.amount },
});
/** The figures that an answer must show for these baskets. */
const figures = (parts: readonly Part[]) => {
  const of = (status: string) => parts.filter((part) => part.status === status);
  const left = of('abandoned').length + of('recovered').length + of('lost').length;
  const assisted = of('recovered').filter(({ recovery }) => recovery !== 'organic');
  const all = left + of('completed').length;
  return {
    open: of('open').length,
    abandoned: of('abandoned').length,
    recovered: of('recovered').length,
    lost: of('lost').length,
    completed: of('completed').length,
    assisted: assisted.length,
    rate: all === 0 ? null : left / all,
    valueAtRisk: added(of('abandoned').map(({ values }) => values)),
    recoveredValue: added(of('recovered').map(({ recovered }) => recovered)),
    assistedValue: added(assisted.map(({ recovered }) => recovered)),
  };
};
const shownFigures = (answer: Omit<BasketBreakdownRow, 'value' | 'name'>) => ({
  open: answer.open,
  abandoned: answer.abandoned,
  recovered: answer.recovered,
  lost: answer.lost,
  completed: answer.completed,
  assisted: answer.assisted,
  rate: answer.rate,
  valueAtRisk: amounts(answer.valueAtRisk),
  recoveredValue: amounts(answer.recoveredValue),
  assistedValue: amounts(answer.assistedValue),
});

/** Rows of a breakdown by brute force; every value is within the limit. */
const rowsBy = (
  by: 'product' | 'category' | 'source',
  baskets: readonly (OracleBasket & { source: string })[],
): Record<string, ReturnType<typeof figures>> => {
  const rows = new Map<string, Part[]>();
  for (const basket of baskets) {
    const parts = new Map<string, Part>();
    if (by === 'source') parts.set(basket.source, partOf(basket));
    else
      for (const [id, share] of oracleShares(basket)) {
        const key = by === 'product' || id === '(none)' ? id : categoryOf(id);
        const known = parts.get(key);
        const recovered: Record<string, number> =
          basket.recovered === null ? {} : { [basket.recovered.currency]: share.recovered };
        parts.set(key, {
          ...basket,
          values: added([known?.values ?? {}, share.values]),
          recovered: added([known?.recovered ?? {}, recovered]),
        });
      }
    for (const [key, part] of parts) rows.set(key, [...(rows.get(key) ?? []), part]);
  }
  return Object.fromEntries([...rows].map(([key, parts]) => [key, figures(parts)]));
};

const described = (basket: {
  status: string;
  lastActivity: number;
  since: number;
  recovery: string | null;
  isCancelled: boolean;
  lines: readonly { productId: string; variant: string; quantity: number }[];
  removed: readonly string[];
}): string =>
  [
    basket.status,
    basket.since,
    basket.lastActivity,
    basket.recovery,
    basket.isCancelled,
    basket.lines.map((line) => `${line.quantity}×${line.productId}/${line.variant}`).sort(),
    basket.removed.toSorted(),
  ].join(' ');

type Range = { from: number; to: number };
const isoRange = ({ from, to }: Range) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });

const check = async (
  site: string,
  persons: readonly (readonly OracleEvent[])[],
  range: Range,
  asked: OracleRules & { personsAtOnce: number } & { breakdown: 'product' | 'category' | 'source' },
): Promise<void> => {
  const everybody = persons.flat();
  const expected = persons
    .flatMap((events) =>
      oracleBaskets(events, everybody, asked).map((basket) => ({
        ...basket,
        source: oracleSource(events, basket.since),
      })),
    )
    .filter(({ lastActivity }) => lastActivity >= range.from && lastActivity < range.to)
    .filter((basket) => (asked.kind === 'checkout' ? basket.hasCheckout : basket.lines.length > 0));
  const { asOf, personsAtOnce, ...query } = asked;
  const answer = await abandonment(
    warehouse(),
    { id: site, currency: currencyOfSite },
    AbandonmentQuery.parse({ ...query, ...isoRange(range), limit: 500 }),
    { now: asOf, personsAtOnce },
  );
  expect(shownFigures(answer)).toEqual(figures(expected.map(partOf)));
  expect(
    answer.carts
      .map((cart) =>
        described({
          ...cart,
          since: Date.parse(cart.since),
          lastActivity: Date.parse(cart.lastActivity),
          isCancelled: cart.cancelledAt !== null,
          lines: cart.items,
          removed: cart.removed.map((line) => line.productId),
        }),
      )
      .sort(),
  ).toEqual(
    expected
      .filter(({ status }) => status !== 'completed')
      .map(described)
      .sort(),
  );
  expect(Object.fromEntries((answer.breakdown ?? []).map((row) => [row.value, shownFigures(row)]))).toEqual(
    rowsBy(asked.breakdown, expected),
  );
};

const checkRemovals = async (
  site: string,
  persons: readonly (readonly OracleEvent[])[],
  range: Range,
  asked: OracleRules & { personsAtOnce: number },
): Promise<void> => {
  const expected = persons.flatMap((events, index) =>
    oracleRemovals(events, persons.flat(), asked)
      .filter((removal) => removal.at >= range.from && removal.at < range.to)
      .map((removal) => ({ ...removal, person: index })),
  );
  const { idleSeconds, recoverySeconds, asOf } = asked;
  const answer = await removedProducts(
    warehouse(),
    { id: site, currency: currencyOfSite },
    RemovedProductsQuery.parse({ idleSeconds, recoverySeconds, ...isoRange(range) }),
    { now: asOf, personsAtOnce: asked.personsAtOnce },
  );
  expect(
    Object.fromEntries(
      answer.products.map(({ name: _name, category: _category, lastRemovedAt, ...row }) => [
        row.productId,
        { ...row, value: amounts(row.value), lastRemovedAt: Date.parse(lastRemovedAt) },
      ]),
    ),
  ).toEqual(
    Object.fromEntries(
      [...new Set(expected.map((removal) => removal.productId))].map((id) => {
        const own = expected.filter((removal) => removal.productId === id);
        const row = {
          productId: id,
          removals: own.length,
          quantity: own.reduce((sum, removal) => sum + removal.quantity, 0),
          persons: new Set(own.map((removal) => removal.person)).size,
          value: added(own.map((removal) => ({ [removal.currency]: removal.value }))),
          bought: own.filter(({ outcome }) => outcome === 'bought').length,
          pending: own.filter(({ outcome }) => outcome === 'pending').length,
          lastRemovedAt: Math.max(...own.map((removal) => removal.at)),
        };
        return [id, row];
      }),
    ),
  );
};

test('baskets, checkouts and looks are right against brute force: devices joined or not, shuffled, repeated, cancelled, refunded, late', {
  timeout: 600_000,
}, async () => {
  const run = { number: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 50, maxLength: 50 }),
      fc.integer({ min: 8, max: 50 }).map((halves) => start + (halves * hour) / 2),
      fc.constantFrom({ from: -1, to: 100 }, { from: 2, to: 8 }),
      fc.constantFrom(7, 1000),
      async (people, asOf, { from, to }, personsAtOnce) => {
        run.number += 1;
        const site = `site-${run.number}`;
        const { shop, persons } = eventsOf(people);
        await insert(site, shop);
        const range = { from: start + from * hour, to: start + to * hour };
        const asked = { ...rules, asOf, personsAtOnce };
        await check(site, persons, range, { ...asked, kind: 'cart', breakdown: 'product' });
        await check(site, persons, range, { ...asked, kind: 'checkout', breakdown: 'category' });
        await check(site, persons, range, { ...asked, kind: 'browse', breakdown: 'source' });
        await check(site, persons, range, { ...asked, kind: 'cart', breakdown: 'source' });
        await checkRemovals(site, persons, range, { ...asked, kind: 'cart' });
      },
    ),
    { numRuns: runs(8), endOnFailure: true },
  );
});
