import type { AbandonmentAnswer, AbandonmentQuery, Basket } from '../../../schemas/api/abandonment.ts';
import { Failure } from '../../platform/failure.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { fromUnits, toUnits } from '../money.ts';
import { type Who, whoAre } from '../who.ts';
import type { FoldedBasket } from './basket.ts';
import { breakdownOf, figuresOf, lineSums, moneyOf, none, type Sums, type Valued } from './figures.ts';
import { type Asked, followedBackMilliseconds, journeys } from './journeys.ts';
import { fatesOf, type Settled, settle } from './settle.ts';
import { sourcesOf } from './sources.ts';

type Site = { id: string; currency: string };
type Cost = { queryMs: number; rowsRead: number };

const isAsked =
  ({ rules, from, to }: Asked) =>
  (basket: FoldedBasket): boolean =>
    basket.lastActivity >= from &&
    basket.lastActivity < to &&
    (rules.kind === 'checkout' ? basket.hasCheckout : basket.lines.length > 0);

/** Prices without a currency are in the basket's, and where no event said one, in the site's. */
const valued = (basket: Settled & { person: string; source: string }, site: Site): Valued => {
  const said = basket.currency || site.currency;
  const lines = basket.lines.map((line) => ({ ...line, currency: line.currency || said }));
  const { checkoutTotal, recovered } = basket;
  const total: Sums = new Map([[checkoutTotal?.currency || said, toUnits(checkoutTotal?.amount ?? '0')]]);
  // The basket's own currency is one that it has something in.
  const currency = lines.some((line) => line.currency === said) ? said : (lines[0]?.currency ?? [...total.keys()][0]);
  return {
    ...basket,
    lines,
    removed: basket.removed.map((line) => ({ ...line, currency: line.currency || said })),
    currency: currency ?? said,
    values: lines.length === 0 ? total : lineSums(lines),
    recovered: recovered === null ? null : { ...recovered, currency: recovered.currency || said },
  };
};

const passes = (filter: AbandonmentQuery['filter']) => {
  const has = (wanted: readonly string[] | undefined, values: readonly string[]): boolean =>
    wanted === undefined || values.some((value) => wanted.includes(value || none));
  return ({ lines, source }: Valued): boolean =>
    has(
      filter.product,
      lines.map(({ productId }) => productId),
    ) &&
    has(
      filter.category,
      lines.map(({ category }) => category),
    ) &&
    has(filter.source, [source]);
};

const newestFirst = (a: Valued, b: Valued): number =>
  b.lastActivity - a.lastActivity || (a.person < b.person ? 1 : -1) || b.since - a.since;

/** The baskets that a question is about, newest first. What became of orders and who brought whom is read only where it matters. */
const findBaskets = async (
  warehouse: Warehouse,
  site: Site,
  asked: Asked,
  needs: { fates: boolean; source: boolean },
): Promise<Cost & { baskets: Valued[] }> => {
  const isBrowse = asked.rules.kind === 'browse';
  const found = await journeys(warehouse, asked);
  const folded = found.persons.flatMap(({ person, journey }) =>
    (isBrowse ? journey.browses : journey.baskets).filter(isAsked(asked)).map((basket) => ({ ...basket, person })),
  );
  const nothing = { queryMs: 0, rowsRead: 0 };
  const times = { site: site.id, from: asked.from - followedBackMilliseconds, asOf: asked.rules.asOf };
  const hasRecovered = folded.some(({ status }) => status === 'recovered');
  const { fates, ...fateCost } =
    needs.fates && hasRecovered ? await fatesOf(warehouse, times) : { fates: new Map(), ...nothing };
  const { sourceOf, ...sourceCost } = needs.source
    ? await sourcesOf(warehouse, asked)
    : { sourceOf: () => '', ...nothing };
  const baskets = folded.map((basket) => {
    const { person, since } = basket;
    return valued({ ...settle(basket, fates, isBrowse), person, source: sourceOf(person, since) }, site);
  });
  const costs = [found, fateCost, sourceCost];
  return {
    baskets: baskets.sort(newestFirst),
    queryMs: costs.reduce((sum, { queryMs }) => sum + queryMs, 0),
    rowsRead: costs.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
  };
};

const shown = (basket: Valued, owner: Who | undefined): Basket => ({
  person: basket.person,
  userId: owner?.userId ?? '',
  email: owner?.email ?? '',
  cartId: basket.cartId,
  // Completed baskets are counted and never listed.
  status: basket.status === 'completed' ? 'recovered' : basket.status,
  items: basket.lines,
  removed: basket.removed,
  value: fromUnits(basket.values.get(basket.currency) ?? 0n),
  currency: basket.currency,
  values: moneyOf(basket.values),
  recovery: basket.recovery,
  recoveredValue: basket.recovered === null ? null : fromUnits(basket.recovered.units),
  recoveredCurrency: basket.recovered?.currency ?? '',
  orderId: basket.order?.orderId ?? '',
  cancelledAt: basket.cancelledAt === null ? null : new Date(basket.cancelledAt).toISOString(),
  lastActivity: new Date(basket.lastActivity).toISOString(),
  since: new Date(basket.since).toISOString(),
});

const personsOf = (baskets: readonly Valued[]): string[] => baskets.map(({ person }) => person);

const cursorOf = ({ lastActivity, person }: Valued): string => `${lastActivity}:${person}`;

const isAfter = (cursor: string | undefined) => {
  if (cursor === undefined) return () => true;
  const match = /^(\d{1,15}):(\d{1,20})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  const [at, person] = [Number(match[1]), match[2] ?? ''];
  return (basket: Valued) => basket.lastActivity < at || (basket.lastActivity === at && basket.person < person);
};

/** Baskets that were left: how many, worth what, whose, with what in them. README.md says what each word means. */
export const abandonment = async (
  warehouse: Warehouse,
  site: Site,
  query: AbandonmentQuery,
  options: { now: number },
): Promise<AbandonmentAnswer> => {
  const { kind, idleSeconds, recoverySeconds, assistSeconds, breakdown, filter } = query;
  const asOf = query.asOf === undefined ? options.now : Date.parse(query.asOf);
  const found = await findBaskets(
    warehouse,
    site,
    {
      site: site.id,
      from: Date.parse(query.from),
      to: Date.parse(query.to),
      rules: { kind, idleSeconds, recoverySeconds, assistSeconds, asOf },
    },
    { fates: true, source: breakdown === 'source' || filter.source !== undefined },
  );
  const baskets = found.baskets.filter(passes(filter));
  const listed = baskets
    .filter(({ status }) => status !== 'completed' && (query.status === undefined || status === query.status))
    .filter(isAfter(query.cursor));
  const page = listed.slice(0, query.limit);
  const who = await whoAre(warehouse, site.id, personsOf(page));
  const last = page.at(-1);
  return {
    ...figuresOf(baskets),
    ...(breakdown === undefined ? {} : { breakdown: breakdownOf(baskets, breakdown, query.breakdownLimit) }),
    carts: page.map((basket) => shown(basket, who.get(basket.person))),
    nextCursor: listed.length > page.length && last !== undefined ? cursorOf(last) : null,
    queryMs: found.queryMs,
    rowsRead: found.rowsRead,
  };
};

/**
 * Baskets (or checkouts, or looks) that were last touched in a time, and lie abandoned now; of one person where given. Touches events of that time and the month
 * before only.
 */
export const abandonedBaskets = async (
  warehouse: Warehouse,
  site: Site,
  options: {
    kind: AbandonmentQuery['kind'];
    idleSeconds: number;
    from: number;
    to: number;
    now: number;
    person?: string | undefined;
  },
): Promise<Basket[]> => {
  const { kind, idleSeconds, from, to, now, person } = options;
  // Asked of what is left now: it has until now to be recovered. A mail cannot have assisted what is not recovered.
  const recoverySeconds = Math.max(1, Math.ceil((now - from) / 1000));
  const rules = { kind, idleSeconds, recoverySeconds, assistSeconds: 1, asOf: now };
  const asked = { site: site.id, from, to, rules, person };
  // What became of an order never makes a basket an abandoned one.
  const { baskets } = await findBaskets(warehouse, site, asked, { fates: false, source: false });
  const abandoned = baskets.filter(({ status }) => status === 'abandoned');
  const who = await whoAre(warehouse, site.id, personsOf(abandoned));
  return abandoned.map((basket) => shown(basket, who.get(basket.person)));
};
