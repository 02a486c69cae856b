import type { BasketLine } from '../../../schemas/api/abandonment.ts';
import type { SaidProduct } from './products.ts';

export type RemovedLine = BasketLine & { removedAt: string };
/** So many pieces of a line were taken out at a time. */
export type Removal = { at: number; line: BasketLine };

/** What is in a basket, by product and variant, in the order in which it came in; and what was taken out of it, by product. */
export type Contents = { lines: Map<string, Map<string, BasketLine>>; removed: Map<string, RemovedLine> };

type LineName = Pick<BasketLine, 'productId' | 'variant'>;

export const emptyContents = (): Contents => ({ lines: new Map(), removed: new Map() });

export const linesOf = ({ lines }: Contents): BasketLine[] =>
  [...lines.values()].flatMap((variants) => [...variants.values()]);

/** Shops name the variant in some events and not in others: a product without one means its first line, and a line without one is meant by all. */
const find = (lines: Contents['lines'], { productId, variant }: LineName): BasketLine | undefined => {
  const variants = lines.get(productId);
  return variants?.get(variant) ?? (variant === '' ? variants?.values().next().value : variants?.get(''));
};

const put = (lines: Contents['lines'], line: BasketLine): void => {
  const variants = lines.get(line.productId) ?? new Map<string, BasketLine>();
  lines.set(line.productId, variants.set(line.variant, line));
};

const drop = (lines: Contents['lines'], { productId, variant }: LineName): void => {
  const variants = lines.get(productId);
  if (variants?.delete(variant) && variants.size === 0) lines.delete(productId);
};

/** What is said now, and where nothing is, what was said before. A price goes with its currency. */
const lineOf = (said: SaidProduct, before: BasketLine | undefined, quantity: number): BasketLine => ({
  productId: said.productId,
  variant: said.variant,
  name: said.name || (before?.name ?? ''),
  category: said.category || (before?.category ?? ''),
  quantity,
  price: said.price ?? before?.price ?? null,
  currency: said.price === null && before !== undefined ? before.currency : said.currency,
  imageUrl: said.imageUrl || (before?.imageUrl ?? ''),
  url: said.url || (before?.url ?? ''),
});

/** Remembers what was taken out until more of the product is put in again. */
const remember = ({ removed }: Contents, line: BasketLine, taken: number, at: number): Removal => {
  const earlier = removed.get(line.productId)?.quantity ?? 0;
  removed.delete(line.productId);
  removed.set(line.productId, { ...line, quantity: earlier + taken, removedAt: new Date(at).toISOString() });
  return { at, line: { ...line, quantity: taken } };
};

/** So many pieces of a product are in it from now on; answers what was taken out by that. `quantity` is made from the number before. */
export const change = (
  contents: Contents,
  said: SaidProduct,
  quantity: (before: number) => number,
  at: number,
): Removal[] => {
  const before = find(contents.lines, said);
  const had = before?.quantity ?? 0;
  const has = quantity(had);
  const line = lineOf({ ...said, variant: before?.variant ?? said.variant }, before, has);
  if (has > 0) put(contents.lines, line);
  else drop(contents.lines, line);
  if (has > had) contents.removed.delete(line.productId);
  return before !== undefined && has < had ? [remember(contents, before, had - has, at)] : [];
};

/**
 * The shop says what is in the basket: that wins over what was counted. Answers what is there no more; where `isTakenOut` is false that counts
 * as left aside, not as taken out (a checkout of a part of the basket).
 */
export const replace = (
  contents: Contents,
  list: readonly SaidProduct[],
  at: number,
  isTakenOut: boolean,
): Removal[] => {
  const before = contents.lines;
  const next: Contents['lines'] = new Map();
  for (const said of list) {
    const same = next.get(said.productId)?.get(said.variant);
    const quantity = (same?.quantity ?? 0) + (said.quantity ?? 1);
    put(next, lineOf(said, same ?? find(before, said), quantity));
  }
  const old = linesOf(contents);
  contents.lines = next;
  for (const line of linesOf(contents)) if (line.quantity === 0) drop(next, line);
  for (const line of linesOf(contents))
    if (line.quantity > (find(before, line)?.quantity ?? 0)) contents.removed.delete(line.productId);
  if (!isTakenOut) return [];
  return old.flatMap((line) => {
    const taken = line.quantity - (find(next, line)?.quantity ?? 0);
    return taken > 0 ? [remember(contents, line, taken, at)] : [];
  });
};
