import type { FunnelBucketChoice, FunnelStep } from '../../schemas/api/funnel-definition.ts';
import type { FunnelQuery } from '../../schemas/api/funnels.ts';
import { readRange } from './range.ts';
import { type Raw, readChoice, readEvent, readNumber, readSteps, readText } from './search.ts';

const purchase: FunnelStep[] = ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'].map(
  (event) => ({ event, where: [] }),
);
export const windowLimits = { least: 1, most: 366 * 86_400 };
const week = 604_800;

export const orders = ['ordered', 'strict', 'unordered'] as const;
export const counted = ['person', 'session', 'entry'] as const;
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
    without: readList(raw['without'])
      .slice(0, mostExclusions)
      .map((one) => readEvent(one, { event: '', where: [] }))
      .filter(({ event }) => event !== ''),
    constant: readText(raw['constant']).slice(0, 200),
    by: readText(raw['by']).slice(0, 200),
    segments: readList(raw['segments'])
      .flatMap((id) => (typeof id === 'string' && /^[a-z0-9-]{1,60}$/.test(id) ? [id] : []))
      .slice(0, mostSegments),
    isCompared: raw['isCompared'] === true,
    who: readWho(raw['who'], steps),
  };
};
export type FunnelSearch = ReturnType<typeof readFunnel>;
export type FunnelChange = (changes: Partial<FunnelSearch>) => void;

/** Whether a step can be left out on the way: never the first, and where no step waits for another nothing is. */
export const canBeOptional = (order: FunnelSearch['order'], index: number): boolean =>
  order !== 'unordered' && index > 0;

const askedSteps = ({ steps, order }: FunnelSearch): FunnelStep[] =>
  steps.map((step, index) => {
    const { optional, ...rest } = step;
    return optional === true && canBeOptional(order, index) ? step : rest;
  });

/** Up to the last step; where that is optional, up to the last that everybody does. */
const askedExclusions = ({ without }: FunnelSearch, steps: readonly FunnelStep[]) => {
  const before = steps.findLastIndex(({ optional }) => optional !== true);
  return before === steps.length - 1 || before === 0 ? without : without.map((one) => ({ ...one, before }));
};

/** What is asked besides the period: what a saved funnel keeps. Segments win over a property: an answer has one breakdown. */
export const definitionOf = (search: FunnelSearch) => {
  const steps = askedSteps(search);
  return {
    steps,
    windowSeconds: search.window,
    order: search.order,
    countBy: search.count,
    exclusions: askedExclusions(search, steps),
    ...(search.constant === '' ? {} : { constant: search.constant }),
    ...(search.segments.length > 0
      ? { breakdown: { segments: search.segments.map((segment) => ({ segment, op: 'inSegment' as const })) } }
      : search.by === ''
        ? {}
        : { breakdown: { property: search.by, limit: 8 } }),
  };
};

/** As much time again, right before. */
export const timeBefore = ({ from, to }: { from: string; to: string }) => ({
  from: new Date(2 * Date.parse(from) - Date.parse(to)).toISOString(),
  to: from,
});

/** A saved funnel as the page shows it. What the page cannot show (a property that is counted by, gaps of exclusions) it leaves out. */
export const searchOf = (
  query: Pick<FunnelQuery, 'steps' | 'windowSeconds' | 'order' | 'countBy' | 'exclusions' | 'breakdown' | 'constant'>,
) => ({
  steps: query.steps,
  window: query.windowSeconds,
  order: query.order,
  count: typeof query.countBy === 'string' ? query.countBy : ('person' as const),
  without: query.exclusions.map(({ event, where }) => ({ event, where })),
  constant: query.constant ?? '',
  by: query.breakdown?.property ?? '',
  segments: query.breakdown?.segments?.map(({ segment }) => segment) ?? [],
  who: null,
});

/** How many options differ from what is usual: told beside "Options", so that none works unseen. */
export const optionsSet = (search: FunnelSearch): number => {
  const usual = readFunnel({});
  return [
    search.window !== usual.window,
    search.order !== usual.order,
    search.count !== usual.count,
    search.without.length > 0,
    search.constant !== '',
    search.by !== '' || search.segments.length > 0,
    search.isCompared,
  ].filter(Boolean).length;
};
