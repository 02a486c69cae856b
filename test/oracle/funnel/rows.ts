/**
 * Funnels by brute force, written from docs/funnels.md alone; no code of the product is used. This file: which rows there are and what they match.
 */
export type OracleRow = {
  time: number;
  event: string;
  messageId: string;
  channel?: string;
  price?: number;
  session?: string;
  product?: string;
  /** Ids of the products that it lists. */
  products?: readonly string[];
  source?: string;
};
/** `product`: one of its products has this id, or (`isNot`) none has. */
export type OracleMatch = { event: string; minimumPrice?: number; product?: { id: string; isNot: boolean } };
export type OracleStep = OracleMatch & {
  optional?: boolean;
  withinSeconds?: number;
  firstEver?: boolean;
  firstMatching?: boolean;
};
export type OracleExclusion = OracleMatch & { after: number; before: number };
export type OracleFunnel = {
  steps: readonly OracleStep[];
  exclusions: readonly OracleExclusion[];
  exclusionEffect: 'exclude' | 'block';
  order: 'ordered' | 'strict' | 'unordered';
  open: boolean;
  from: number;
  to: number;
  windowSeconds: number;
  rangeApplies: 'entry' | 'all';
  reentry: 'best' | 'first';
  countBy: 'person' | 'session' | 'entry';
  /** Lowest price that a row must have to be in the funnel at all. */
  leastPrice?: number;
  constant?: 'product' | 'product_id' | 'properties.product_id';
  now: number;
};

export type OracleBreakdown = {
  attribution: 'first' | 'last' | 'all' | 'step';
  step: number;
  limit: number;
  none: boolean;
};

/** A row and which steps it may fill, which exclusions it is. */
export type Marked = OracleRow & { steps: readonly number[]; exclusions: readonly number[] };

const holds = (row: OracleRow, least: number | undefined): boolean =>
  least === undefined || (row.price ?? Number.NEGATIVE_INFINITY) >= least;
const matches = (row: OracleRow, { event, minimumPrice, product }: OracleMatch): boolean =>
  row.event === event &&
  holds(row, minimumPrice) &&
  (product === undefined || (row.products ?? []).includes(product.id) !== product.isNot);

/** Rule 17: values of what is to be constant. An event of several products has several. */
export const heldOf = ({ product, products = [] }: OracleRow, { constant }: OracleFunnel): string[] => {
  if (constant === undefined) return [];
  if (constant === 'product') return product === undefined ? [] : [product];
  return [...new Set(products)];
};

const earlier = (one: OracleRow, other: OracleRow): number =>
  one.time - other.time || (one.messageId < other.messageId ? -1 : 1);

/** Rule 1: a message counts once. */
const once = (rows: readonly OracleRow[]): OracleRow[] =>
  [...new Map(rows.map((row) => [row.messageId, row])).values()].sort(earlier);

/** Rule 15: with `firstEver` or `firstMatching` one row of all of history is left. */
const isOfStep = (row: OracleRow, step: OracleStep, history: readonly OracleRow[], funnel: OracleFunnel): boolean => {
  if (!matches(row, step)) return false;
  const first = (isCandidate: (each: OracleRow) => boolean) => history.find(isCandidate)?.messageId === row.messageId;
  if (step.firstMatching) return first((each) => matches(each, step) && holds(each, funnel.leastPrice));
  if (step.firstEver) return first((each) => each.event === step.event);
  return true;
};

export const isInRange = ({ time }: OracleRow, { from, to }: OracleFunnel): boolean => time >= from && time < to;

/** What we did counts where the funnel names it. */
const isSeen = ({ event, channel }: OracleRow, { steps, exclusions }: OracleFunnel): boolean =>
  channel !== 'internal' || [...steps, ...exclusions].some((each) => each.event === event);

/** A person's rows that the funnel sees, in order, each with what it matches. */
export const markedRows = (all: readonly OracleRow[], funnel: OracleFunnel): Marked[] => {
  const history = once(all);
  const until = funnel.rangeApplies === 'all' ? funnel.to : funnel.to + funnel.windowSeconds * 1000;
  return history
    .filter((row) => isSeen(row, funnel))
    .filter((row) => row.time >= funnel.from && row.time < until && holds(row, funnel.leastPrice))
    .map((row) => ({
      ...row,
      steps: funnel.steps.flatMap((step, index) => (isOfStep(row, step, history, funnel) ? [index] : [])),
      exclusions: funnel.exclusions.flatMap((exclusion, index) => (matches(row, exclusion) ? [index] : [])),
    }));
};
