import type { FunnelStep } from '../../schemas/api/funnel-definition.ts';
import type { FunnelCorrelate, FunnelCorrelationAnswer, FunnelTrendAnswer } from '../../schemas/api/funnels.ts';
import type { Drawn } from './charts/lines.tsx';
import { count, percent } from './format.ts';
import { type Raw, readChoice, readNumber } from './search.ts';

export const insights = ['', 'trend', 'timing', 'correlation'] as const;
export const intervals = ['day', 'week', 'month'] as const;
export const compared = ['events', 'properties'] as const;
const placeLimits = { least: 0, most: 63 };

/** What more is looked at, and how: a part of the page's address. */
export const readInsight = (raw: Raw) => ({
  more: readChoice(raw['more'], insights, ''),
  interval: readChoice(raw['interval'], intervals, 'day'),
  fromStep: readNumber(raw['fromStep'], 0, placeLimits),
  /** 0: the last one, however many there are. */
  toStep: readNumber(raw['toStep'], 0, placeLimits),
  compare: readChoice(raw['compare'], compared, 'events'),
});
export type InsightSearch = ReturnType<typeof readInsight>;

/** Between which steps the time is taken. Steps that are not there (any more), or in the wrong order, count as not said. */
export const spanOf = (
  { fromStep, toStep }: Pick<InsightSearch, 'fromStep' | 'toStep'>,
  steps: number,
): { fromStep: number; toStep: number } => {
  const to = toStep > 0 && toStep < steps ? toStep : steps - 1;
  return { fromStep: fromStep < to ? fromStep : 0, toStep: to };
};

/** What a step is called. In any order there is no first: the second is "any two of them". */
export const stepName = (steps: readonly FunnelStep[], order: string, index: number): string =>
  order === 'unordered'
    ? `${index + 1} of ${steps.length} steps`
    : `${index + 1}. ${steps[index]?.label ?? steps[index]?.event ?? ''}`;

type Point = FunnelTrendAnswer['points'][number];

/** From the first interval on in which somebody may still convert, or that is not over: how many they are. */
export const unfinishedOf = (points: readonly Point[], isLastOver: boolean): number => {
  const first = points.findIndex(({ pending }) => pending > 0);
  return Math.max(first === -1 ? 0 : points.length - first, isLastOver ? 0 : Math.min(1, points.length));
};

export const rateLine = (points: readonly Point[]): Drawn => ({
  key: 'rate',
  label: 'Made it to the end',
  isBefore: false,
  color: 0,
  values: points.map(({ rate }) => rate),
  say: percent,
});

/** With fewer on either side, chance alone makes differences as large as these. */
const fewest = 20;

/** What a comparison cannot tell because too few are in it; '' where there are enough. */
export const tooFew = ({ converted, dropped, pending }: FunnelCorrelationAnswer): string => {
  const still = pending === 0 ? '' : ` ${count(pending)} more may still convert: a longer period has more to compare.`;
  const people = (number: number): string => (number === 1 ? '1 person' : `${count(number)} people`);
  if (converted < fewest)
    return `Only ${people(converted)} made it to the end: too few to be sure of anything.${still}`;
  if (dropped < fewest) return `Only ${people(dropped)} dropped out: too few to be sure of anything.${still}`;
  return '';
};

/** Beyond it the number says nothing more. */
const mostTimes = 1000;
const twoDigits = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 2 });

const timesAsHigh = (middle: number, least: number, most: number): string => {
  const said = middle > mostTimes ? `more than ${count(mostTimes)}` : twoDigits.format(middle);
  if (least > mostTimes) return `${said} times as high`;
  const between = most > mostTimes ? 'or more' : `to ${twoDigits.format(most)}`;
  return `${said} times as high (${twoDigits.format(least)} ${between})`;
};

/** How much an event or a value has to do with converting, in words; of what goes with dropping out, with that. */
export type Told = {
  name: string;
  /** Of those who had it, and of all others, how many converted; null of nobody. */
  withIt: number | null;
  withoutIt: number | null;
  /** How many had it, of how many. */
  had: string;
  odds: string;
  /** The interval of the odds holds "no difference" too. */
  isMaybeChance: boolean;
};

/** `context.campaign.source` is said as the campaign source. */
const propertyName = (path: string): string => path.replace(/^context\./, '').replaceAll('.', ' ');

const shareOf = (part: number, rest: number): number | null => (part + rest === 0 ? null : part / (part + rest));

export const toldOf = (one: FunnelCorrelate, goesWith: 'converting' | 'dropping out'): Told => {
  const { convertedWith, convertedWithout, droppedWith, droppedWithout, oddsRatio, low, high } = one;
  const had = convertedWith + droppedWith;
  const ratio = goesWith === 'converting' ? [oddsRatio, low, high] : [1 / oddsRatio, 1 / high, 1 / low];
  const [middle = 1, least = 1, most = 1] = ratio;
  return {
    name: one.event || `${propertyName(one.property)} is ${one.value}`,
    withIt: shareOf(convertedWith, droppedWith),
    withoutIt: shareOf(convertedWithout, droppedWithout),
    had: `${count(had)} of ${count(had + convertedWithout + droppedWithout)} people`,
    odds: `odds of ${goesWith} ${timesAsHigh(middle, least, most)}`,
    isMaybeChance: least <= 1 && most >= 1,
  };
};
