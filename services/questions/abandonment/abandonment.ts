import type { AbandonmentAnswer, AbandonmentQuery, Basket, BasketFigures } from '../../../schemas/api/abandonment.ts';
import { Failure } from '../../platform/failure.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { fromUnits, moneyOf, toUnits } from '../money.ts';
import { type Who, whoAre, whoToWriteTo } from '../who.ts';
import type { Asked } from './asked.ts';
import type { FoldedBasket } from './basket.ts';
import { createBreakdown, figuresOf, lineSums, none, type Sums, sumFigures, type Valued } from './figures.ts';
import { journeys } from './journeys.ts';
import { partsOf } from './parts.ts';
import { type Fates, fatesOf, type Settled, settle } from './settle.ts';
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
  const { checkoutTotal } = basket;
  const total: Sums = new Map([[checkoutTotal?.currency || said, toUnits(checkoutTotal?.amount ?? '0')]]);
  // The basket's own currency is one that it has something in.
  const currency = lines.some((line) => line.currency === said) ? said : (lines[0]?.currency ?? [...total.keys()][0]);
  return {
    ...basket,
    lines,
    removed: basket.removed.map((line) => ({ ...line, currency: line.currency || said })),
    currency: currency ?? said,
    values: lines.length === 0 ? total : lineSums(lines),
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

/** Baskets of a question in lots, each newest first: as many persons' at a time as can be held. */
type Lots = { each(take: (baskets: readonly Valued[]) => void): Promise<void>; cost(): Cost };

/** What became of orders and who brought whom is read only where it matters. `atOnce`: persons of a lot, for tests. */
const openBaskets = async (
  warehouse: Warehouse,
  site: Site,
  asked: Asked,
  options: { fates: boolean; source: boolean; atOnce?: number | undefined },
): Promise<Lots> => {
  const isBrowse = asked.rules.kind === 'browse';
  const { parts, ...counted } = await partsOf(warehouse, asked, options.atOnce);
  const cost = { ...counted };
  const pay = <Paid extends Cost>(paid: Paid): Paid => {
    cost.queryMs += paid.queryMs;
    cost.rowsRead += paid.rowsRead;
    return paid;
  };
  const settled: { fates?: Fates } = {};
  const fates = async (): Promise<Fates> => {
    settled.fates ??= pay(await fatesOf(warehouse, site, { from: asked.from, asOf: asked.rules.asOf })).fates;
    return settled.fates;
  };
  const read = async (part: Asked): Promise<Valued[]> => {
    const { persons } = pay(await journeys(warehouse, part));
    const folded = persons.flatMap(({ person, journey }) =>
      (isBrowse ? journey.browses : journey.baskets).filter(isAsked(asked)).map((basket) => ({ ...basket, person })),
    );
    const needsFates = options.fates && folded.some(({ status }) => status === 'recovered');
    const known: Fates = needsFates ? await fates() : new Map();
    const sourceOf = options.source ? pay(await sourcesOf(warehouse, part)).sourceOf : () => '';
    return folded
      .map((basket) => {
        const { person, since } = basket;
        return valued(
          { ...settle(basket, known, isBrowse, site.currency), person, source: sourceOf(person, since) },
          site,
        );
      })
      .sort(newestFirst);
  };
  // What is one lot is kept for who goes through it again; several are read again, since not all of them can be held.
  const only: { lot?: Valued[] } = {};
  const each: Lots['each'] = async (take) => {
    for (const part of parts) {
      const lot = only.lot ?? (await read(part));
      if (parts.length === 1) only.lot = lot;
      take(lot);
    }
  };
  return { each, cost: () => cost };
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
  options: { now: number; personsAtOnce?: number },
): Promise<AbandonmentAnswer> => {
  const { kind, idleSeconds, recoverySeconds, assistSeconds, filter, limit } = query;
  const asOf = query.asOf === undefined ? options.now : Date.parse(query.asOf);
  const lots = await openBaskets(
    warehouse,
    site,
    {
      site: site.id,
      from: Date.parse(query.from),
      to: Date.parse(query.to),
      rules: { kind, idleSeconds, recoverySeconds, assistSeconds, asOf },
    },
    {
      fates: true,
      source: query.breakdown === 'source' || filter.source !== undefined,
      atOnce: options.personsAtOnce,
    },
  );
  const breakdown = query.breakdown === undefined ? null : createBreakdown(query.breakdown, query.breakdownLimit);
  const figures: BasketFigures[] = [];
  const top: { carts: Valued[] } = { carts: [] };
  const isListed = ({ status }: Valued): boolean =>
    status !== 'completed' && (query.status === undefined || status === query.status);
  const isOnPage = isAfter(query.cursor);
  await lots.each((lot) => {
    const baskets = lot.filter(passes(filter));
    figures.push(figuresOf(baskets));
    breakdown?.count(baskets);
    const listed = baskets.filter((basket) => isListed(basket) && isOnPage(basket)).slice(0, limit + 1);
    top.carts = [...top.carts, ...listed].sort(newestFirst).slice(0, limit + 1);
  });
  if (breakdown !== null) await lots.each((lot) => breakdown.sum(lot.filter(passes(filter))));
  const page = top.carts.slice(0, limit);
  const who = await whoAre(warehouse, site.id, personsOf(page));
  const last = page.at(-1);
  return {
    ...sumFigures(figures),
    ...(breakdown === null ? {} : { breakdown: breakdown.rows() }),
    carts: page.map((basket) => shown(basket, who.get(basket.person))),
    nextCursor: top.carts.length > page.length && last !== undefined ? cursorOf(last) : null,
    ...lots.cost(),
  };
};

/** `changedAt`: since when it is what it is, whoever has looked at it since. */
export type LeftBasket = Basket & { changedAt: string };

/**
 * Baskets (or checkouts, or looks) that were last touched in a time, and lie abandoned now, or also those that were touched just now, with whom to write to; of these persons where given, who are not
 * named then. Touches events of that time and the month before only.
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
    persons?: readonly string[] | undefined;
    withOpen?: boolean;
  },
): Promise<LeftBasket[]> => {
  const { kind, idleSeconds, from, to, now, persons, withOpen = false } = options;
  // Asked of what is left now: it has until now to be recovered. A mail cannot have assisted what is not recovered.
  const recoverySeconds = Math.max(1, Math.ceil((now - from) / 1000));
  const rules = { kind, idleSeconds, recoverySeconds, assistSeconds: 1, asOf: now };
  const asked = { site: site.id, from, to, rules, ...(persons === undefined ? {} : { persons }) };
  // What became of an order never makes a basket an abandoned one.
  const lots = await openBaskets(warehouse, site, asked, { fates: false, source: false });
  const found: Valued[][] = [];
  const isMeant = ({ status }: Valued): boolean => status === 'abandoned' || (withOpen && status === 'open');
  await lots.each((lot) => found.push(lot.filter(isMeant)));
  const abandoned = found.flat().sort(newestFirst);
  const who = await whoToWriteTo(warehouse, site.id, persons === undefined ? personsOf(abandoned) : []);
  return abandoned.map((basket) => ({
    ...shown(basket, who.get(basket.person)),
    changedAt: new Date(basket.changedAt).toISOString(),
  }));
};
