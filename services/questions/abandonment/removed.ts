import type { RemovedProduct, RemovedProductsAnswer, RemovedProductsQuery } from '../../../schemas/api/abandonment.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { moneyOf } from '../money.ts';
import { sumUp, worthOf } from './figures.ts';
import type { Journey } from './fold.ts';
import { journeys } from './journeys.ts';
import type { Removal } from './lines.ts';
import { partsOf } from './parts.ts';
import { fatesOf } from './settle.ts';

type Taken = Removal & {
  person: string;
  currency: string;
  /** bought: the same person ordered the product later. pending: not yet, and the time is not over. */
  outcome: 'bought' | 'pending' | 'gone';
};

const totals = (removals: readonly Taken[]) => ({
  removals: removals.length,
  quantity: removals.reduce((sum, { line }) => sum + line.quantity, 0),
  persons: new Set(removals.map(({ person }) => person)).size,
  value: moneyOf(sumUp(removals.map(({ line, currency }) => new Map([[currency, worthOf(line)]])))),
  bought: removals.filter(({ outcome }) => outcome === 'bought').length,
  pending: removals.filter(({ outcome }) => outcome === 'pending').length,
});

const byProduct = (removals: readonly Taken[]): RemovedProduct[] => {
  const groups = new Map<string, Taken[]>();
  for (const removal of removals) {
    const group = groups.get(removal.line.productId);
    if (group === undefined) groups.set(removal.line.productId, [removal]);
    else group.push(removal);
  }
  return [...groups]
    .map(([productId, group]) => {
      // Removals come newest first.
      const name = group.find(({ line }) => line.name !== '')?.line.name ?? '';
      const category = group.find(({ line }) => line.category !== '')?.line.category ?? '';
      return { productId, name, category, ...totals(group), lastRemovedAt: new Date(group[0]?.at ?? 0).toISOString() };
    })
    .sort((a, b) => b.removals - a.removals || (a.productId < b.productId ? -1 : 1));
};

/** What was taken out of baskets in the range, and whether the same person bought it after all. README.md, rules 4 and 12. */
export const removedProducts = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  query: RemovedProductsQuery,
  options: { now: number; personsAtOnce?: number },
): Promise<RemovedProductsAnswer> => {
  const { idleSeconds, recoverySeconds } = query;
  const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
  const asOf = query.asOf === undefined ? options.now : Date.parse(query.asOf);
  const rules = { kind: 'cart' as const, idleSeconds, recoverySeconds, assistSeconds: 1, asOf };
  const { parts, ...counted } = await partsOf(warehouse, { site: site.id, from, to, rules }, options.personsAtOnce);
  const costs: { queryMs: number; rowsRead: number }[] = [counted];
  const settled = await fatesOf(warehouse, site, { from, asOf });

  const isBought = ({ orders }: Journey, { at, line }: Removal): boolean =>
    orders.some(
      (order) =>
        order.at >= at &&
        order.at - at <= recoverySeconds * 1000 &&
        order.productIds.includes(line.productId) &&
        (settled.fates.get(order.orderId)?.cancelledAt ?? null) === null,
    );
  const fateOf = (journey: Journey, removal: Removal): Taken['outcome'] => {
    if (isBought(journey, removal)) return 'bought';
    return removal.at + recoverySeconds * 1000 > asOf ? 'pending' : 'gone';
  };
  const takenBy = ({ person, journey }: { person: string; journey: Journey }): Taken[] =>
    journey.removals
      .filter(({ at }) => at >= from && at < to)
      .map((removal) => ({
        ...removal,
        person,
        currency: removal.line.currency || site.currency,
        outcome: fateOf(journey, removal),
      }));
  const found: Taken[][] = [];
  for (const part of parts) {
    const { persons, ...cost } = await journeys(warehouse, part);
    costs.push(cost);
    found.push(persons.flatMap(takenBy));
  }
  const removals = found.flat().sort((a, b) => b.at - a.at || (a.person < b.person ? 1 : -1));
  const products = byProduct(removals);
  return {
    ...totals(removals),
    products: products.slice(0, query.limit),
    productCount: products.length,
    queryMs: costs.reduce((sum, { queryMs }) => sum + queryMs, settled.queryMs),
    rowsRead: costs.reduce((sum, { rowsRead }) => sum + rowsRead, settled.rowsRead),
  };
};
