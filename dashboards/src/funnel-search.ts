import type { FunnelBucketChoice, FunnelStep } from '../../schemas/api/funnel-definition.ts';
import type { FunnelQuery, queryFunnel } from '../../schemas/api/funnels.ts';
import type { Where } from '../../schemas/filters.ts';
import type { CallInput } from './call.ts';
import { readInsight } from './funnel-insights.ts';
import { readRange } from './range.ts';
import {
  longestSeconds,
  type Raw,
  readChoice,
  readEvent,
  readNumber,
  readSteps,
  readText,
  readWhere,
} from './search.ts';

const purchase: FunnelStep[] = ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'].map(
  (event) => ({ event, where: [] }),
);
export const windowLimits = { least: 1, most: longestSeconds };
const week = 604_800;

export const orders = ['ordered', 'strict', 'unordered'] as const;
export const counted = ['person', 'session', 'entry', 'property'] as const;
export const attributions = ['first', 'last', 'all', 'step'] as const;
export const tries = ['best', 'first'] as const;
export const periods = ['entry', 'all'] as const;
export const effects = ['exclude', 'block'] as const;
export const mostSegments = 10;
export const mostExclusions = 5;
const outcomes = ['reached', 'dropped', 'pending'] as const;
export type Outcome = (typeof outcomes)[number];
/** Whose people are shown: at which step, and what became of them there. */
export type Who = { step: number; outcome: Outcome; bucket?: FunnelBucketChoice };

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null;
const readList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const readBucket = (raw: unknown): { bucket?: FunnelBucketChoice } => {
  if (!isRecord(raw)) return {};
  if (raw['kind'] === 'none') return { bucket: { kind: 'none' } };
  const shown = readList(raw['shown']).flatMap((one) => (typeof one === 'string' ? [one] : []));
  if (raw['kind'] === 'other') return { bucket: { kind: 'other', shown } };
  const value = readText(raw['value']);
  return value === '' ? {} : { bucket: { kind: 'value', value } };
};

/** Nobody stops at the first step, at an optional one, or at a step that is not there: then nobody is asked for. */
const readWho = (raw: unknown, steps: readonly FunnelStep[]): Who | null => {
  if (!isRecord(raw)) return null;
  const step = readNumber(raw['step'], -1, { least: -1, most: 63 });
  const outcome = readChoice(raw['outcome'], outcomes, 'reached');
  const isThere = step >= 0 && step < steps.length;
  const isPassed = step === 0 || steps[step]?.optional === true;
  if (!isThere || (isPassed && outcome !== 'reached')) return null;
  return { step, outcome, ...readBucket(raw['bucket']) };
};

/** Who does this on the way is not in the funnel. Between which steps, 0-based: from the first to the last unless said. */
export type Exclusion = { event: string; where: Where; after?: number | undefined; before?: number | undefined };

const readPlace = (raw: Raw, name: 'after' | 'before'): { after?: number; before?: number } =>
  raw[name] === undefined ? {} : { [name]: readNumber(raw[name], 0, { least: 0, most: 63 }) };
const readExclusion = (raw: unknown): Exclusion[] => {
  const { event, where } = readEvent(raw, { event: '', where: [] });
  if (event === '' || !isRecord(raw)) return [];
  return [{ event, where, ...readPlace(raw, 'after'), ...readPlace(raw, 'before') }];
};

/** The whole page in its address. */
export const readFunnel = (raw: Raw) => {
  const given = readSteps(raw['steps']);
  const steps = given.length === 0 ? purchase : given;
  return {
    ...readRange(raw),
    steps,
    window: readNumber(raw['window'], week, windowLimits),
    order: readChoice(raw['order'], orders, 'ordered'),
    count: readChoice(raw['count'], counted, 'person'),
    countProperty: readText(raw['countProperty']).slice(0, 200),
    reentry: readChoice(raw['reentry'], tries, 'best'),
    applies: readChoice(raw['applies'], periods, 'entry'),
    isOpen: raw['isOpen'] === true,
    where: readWhere(raw['where']),
    without: readList(raw['without']).slice(0, mostExclusions).flatMap(readExclusion),
    effect: readChoice(raw['effect'], effects, 'exclude'),
    constant: readText(raw['constant']).slice(0, 200),
    by: readText(raw['by']).slice(0, 200),
    whose: readChoice(raw['whose'], attributions, 'first'),
    whoseStep: readNumber(raw['whoseStep'], 0, { least: 0, most: 63 }),
    segments: readList(raw['segments'])
      .flatMap((id) => (typeof id === 'string' && /^[a-z0-9-]{1,60}$/.test(id) ? [id] : []))
      .slice(0, mostSegments),
    isCompared: raw['isCompared'] === true,
    who: readWho(raw['who'], steps),
    ...readInsight(raw),
  };
};
export type FunnelSearch = ReturnType<typeof readFunnel>;
export type FunnelChange = (changes: Partial<FunnelSearch>) => void;

/** Whether a step comes after another: never the first, and in any order none. Only then it can be left out, or held to a time after that one. */
export const followsAnother = (order: FunnelSearch['order'], index: number): boolean =>
  order !== 'unordered' && index > 0;

type Asked = CallInput<typeof queryFunnel>['body'];

const askedSteps = ({ steps, order }: FunnelSearch): FunnelStep[] =>
  steps.map(({ optional, withinSeconds, ...rest }, index) => ({
    ...rest,
    ...(optional === true && followsAnother(order, index) ? { optional } : {}),
    ...(withinSeconds !== undefined && followsAnother(order, index) ? { withinSeconds } : {}),
  }));

/** Steps between which an exclusion can lie: those that everybody does. */
export const fixedSteps = (steps: readonly FunnelStep[]): number[] =>
  steps.flatMap(({ optional }, index) => (optional === true && index > 0 ? [] : [index]));

/** Steps that are not there (any more), or cannot close a gap, count as not said: then it lies between the first and the last that everybody does. */
export const gapOf = ({ after = 0, before }: Exclusion, steps: readonly FunnelStep[]) => {
  const fixed = fixedSteps(steps);
  const last = fixed.at(-1) ?? 0;
  const closes = before !== undefined && fixed.includes(before) ? before : last;
  const opens = fixed.includes(after) && after < closes ? after : 0;
  return { after: opens, before: closes };
};

const askedExclusions = ({ without, order }: FunnelSearch, steps: readonly FunnelStep[]): Exclusion[] =>
  without.map((one) => {
    const { event, where } = one;
    const gap = gapOf(one, steps);
    // A funnel of which everybody does the first step only is refused by the server, who says why.
    if (order === 'unordered' || gap.before === 0) return { event, where };
    return {
      event,
      where,
      ...(gap.after === 0 ? {} : { after: gap.after }),
      ...(gap.before === steps.length - 1 ? {} : { before: gap.before }),
    };
  });

/** Segments win over a property: an answer has one breakdown. */
const askedBreakdown = ({ segments, by, whose, whoseStep, steps }: FunnelSearch): Pick<Asked, 'breakdown'> => {
  if (segments.length > 0)
    return { breakdown: { segments: segments.map((segment) => ({ segment, op: 'inSegment' as const })) } };
  if (by === '') return {};
  const attribution =
    whose === 'step'
      ? { attribution: whose, step: Math.min(whoseStep, steps.length - 1) }
      : whose === 'first'
        ? {}
        : { attribution: whose };
  return { breakdown: { property: by, limit: 8, ...attribution } };
};

const askedCount = ({ count, countProperty }: FunnelSearch): Asked['countBy'] =>
  count !== 'property' ? count : countProperty === '' ? 'person' : { property: countProperty };

/** What is asked besides the period: what a saved funnel keeps. An option that makes no sense beside the others is left out. */
export const definitionOf = (search: FunnelSearch): Omit<Asked, 'from' | 'to' | 'compareTo'> => {
  const steps = askedSteps(search);
  const { order, count, where, constant } = search;
  return {
    steps,
    windowSeconds: search.window,
    order,
    countBy: askedCount(search),
    exclusions: askedExclusions(search, steps),
    exclusionEffect: search.effect,
    where,
    rangeApplies: search.applies,
    reentry: count === 'entry' ? 'best' : search.reentry,
    open: search.isOpen && order !== 'unordered',
    ...(constant === '' ? {} : { constant }),
    ...askedBreakdown(search),
  };
};

/** As much time again, right before. */
export const timeBefore = ({ from, to }: { from: string; to: string }) => ({
  from: new Date(2 * Date.parse(from) - Date.parse(to)).toISOString(),
  to: from,
});

/** A saved funnel as the page shows it, whoever saved it. */
export const searchOf = (query: Omit<FunnelQuery, 'from' | 'to' | 'compareTo'>) => {
  const { countBy, breakdown } = query;
  return {
    steps: query.steps,
    window: query.windowSeconds,
    order: query.order,
    count: typeof countBy === 'string' ? countBy : ('property' as const),
    countProperty: typeof countBy === 'string' ? '' : countBy.property,
    reentry: query.reentry,
    applies: query.rangeApplies,
    isOpen: query.open,
    where: query.where,
    without: query.exclusions,
    effect: query.exclusionEffect,
    constant: query.constant ?? '',
    by: breakdown?.property ?? '',
    whose: breakdown?.attribution ?? ('first' as const),
    whoseStep: breakdown?.step ?? 0,
    segments: breakdown?.segments?.map(({ segment }) => segment) ?? [],
    who: null,
  };
};

/** How many options differ from what is usual: told beside "Options", so that none works unseen. */
export const optionsSet = (search: FunnelSearch): number => {
  const usual = readFunnel({});
  const choices = ['window', 'order', 'count', 'reentry', 'applies', 'isOpen', 'constant', 'isCompared'] as const;
  return [
    ...choices.map((name) => search[name] !== usual[name]),
    search.where.length > 0,
    search.without.length > 0,
    search.by !== '' || search.segments.length > 0,
  ].filter(Boolean).length;
};
