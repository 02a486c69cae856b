import type { Condition, Where } from '../../schemas/filters.ts';
import type { Criterion, When } from '../../schemas/segment.ts';
import { money } from './format.ts';
import { rfmNames } from './rfm.ts';
import { operators } from './search.ts';

type Bounds = { atLeast?: number | undefined; atMost?: number | undefined; exactly?: number | undefined };

const during = (when: When | undefined): string => {
  if (when === undefined) return '';
  if (when.lastDays !== undefined) return ` in the last ${when.lastDays} days`;
  const [from, to] = [when.from?.slice(0, 10), when.to?.slice(0, 10)];
  return `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` before ${to}`}`;
};

const bounds = ({ atLeast, atMost, exactly }: Bounds, shown: (value: number) => string = String): string => {
  if (exactly !== undefined) return `exactly ${shown(exactly)}`;
  return [
    ...(atLeast === undefined ? [] : [`at least ${shown(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${shown(atMost)}`]),
  ].join(' and ');
};

const eventName = (event: string): string => (event === '*' ? 'anything' : `“${event}”`);

/** One condition: `price more than 5`. */
const conditionWords = (condition: Condition, nameOf: (id: string) => string): string => {
  if ('segment' in condition)
    return `person ${condition.op === 'inSegment' ? 'in' : 'not in'} “${nameOf(condition.segment)}”`;
  return `${condition.property} ${operators[condition.op]}${'value' in condition ? ` ${[condition.value].flat().join(', ')}` : ''}`;
};

/** Who belongs to a segment, in a sentence. `nameOf` tells what other segments are called. */
export const segmentWords = (is: Criterion, nameOf: (id: string) => string): string => {
  const filtered = (where: Where): string =>
    where.length === 0 ? '' : ` (${where.map((one) => conditionWords(one, nameOf)).join(' and ')})`;
  const many = (of: readonly Criterion[], word: string): string =>
    of
      .map((one) =>
        one.kind === 'all' || one.kind === 'any' ? `(${segmentWords(one, nameOf)})` : segmentWords(one, nameOf),
      )
      .join(` ${word} `);
  switch (is.kind) {
    case 'did': {
      const times =
        is.sum !== undefined
          ? `, ${is.sum.property}${is.sum.currency === undefined ? '' : ` in ${is.sum.currency}`} in all ${bounds(is.sum)}`
          : is.times === undefined || is.times.atLeast === 1
            ? ''
            : ` ${bounds(is.times)} times`;
      return `did ${eventName(is.event)}${filtered(is.where)}${times}${during(is.in)}`;
    }
    case 'didNot':
      return `did not do ${eventName(is.event)}${filtered(is.where)}${during(is.in)}`;
    case 'is':
      return is.where.map((one) => conditionWords(one, nameOf)).join(' and ');
    case 'seen':
      return `was ${is.which} here${during(is.in)}`;
    case 'rfm':
      return `is as a buyer: ${is.classes.map((one) => rfmNames[one].toLowerCase()).join(' or ')}${during(is.in)}`;
    case 'lifetimeValue':
      return `is worth ${bounds(is, (value) => money(String(value), is.currency))}`;
    case 'inSegment':
      return is.segment === '' ? 'is in a segment that is to be chosen' : `is in “${nameOf(is.segment)}”`;
    case 'not': {
      const [only, ...more] = is.of;
      if (only?.kind === 'inSegment' && more.length === 0)
        return segmentWords(only, nameOf).replace(/^is in/, 'is not in');
      return `not: ${many(is.of, 'nor')}`;
    }
    case 'all':
      return many(is.of, 'and');
    case 'any':
      return many(is.of, 'or');
    default:
      return is satisfies never;
  }
};
