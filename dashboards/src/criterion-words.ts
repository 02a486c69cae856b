import type { Condition } from '../../schemas/filters.ts';
import type { Criterion } from '../../schemas/segment.ts';
import { count } from './format.ts';
import { operators } from './search.ts';

type Bounds = { atLeast?: number | undefined; atMost?: number | undefined; exactly?: number | undefined };
type When = Extract<Criterion, { kind: 'seen' }>['in'];
/** Of a segment by its id; the id itself while its name is not known. */
type NameOf = (segment: string) => string;

const boundsWords = ({ atLeast, atMost, exactly }: Bounds): string => {
  if (exactly !== undefined) return `exactly ${count(exactly)}`;
  if (atLeast !== undefined && atMost !== undefined) return `${count(atLeast)} to ${count(atMost)}`;
  return atLeast === undefined ? `at most ${count(atMost ?? 0)}` : `at least ${count(atLeast)}`;
};

const whenWords = (when: When | undefined): string => {
  if (when === undefined) return '';
  if (when.lastDays !== undefined) return ` in the last ${count(when.lastDays)} days`;
  const from = when.from === undefined ? '' : ` from ${when.from}`;
  return when.to === undefined ? from : `${from} up to ${when.to}`;
};

const conditionWords = (condition: Condition, nameOf: NameOf): string => {
  if ('segment' in condition)
    return `person ${condition.op === 'inSegment' ? 'in' : 'not in'} “${nameOf(condition.segment)}”`;
  const { property, op } = condition;
  const named = Object.hasOwn(operators, op) ? operators[op as keyof typeof operators] : op;
  if (!('value' in condition)) return `${property} ${named}`;
  return `${property} ${named} ${Array.isArray(condition.value) ? condition.value.join(', ') : condition.value}`;
};
const whereWords = (where: readonly Condition[], nameOf: NameOf): string =>
  where.length === 0 ? '' : ` where ${where.map((one) => conditionWords(one, nameOf)).join(' and ')}`;

const listWords = (all: readonly Criterion[], between: string, nameOf: NameOf): string =>
  all
    .map((one) => {
      const words = criterionWords(one, nameOf);
      return all.length > 1 && 'of' in one ? `(${words})` : words;
    })
    .join(between);

/** Whom a criterion means, as the end of "somebody who …". */
export const criterionWords = (criterion: Criterion, nameOf: NameOf): string => {
  switch (criterion.kind) {
    case 'did': {
      const { event, where, times, sum } = criterion;
      const times_ = times === undefined ? '' : ` ${boundsWords(times)} times`;
      const total = sum === undefined ? '' : ` with ${sum.property} of ${boundsWords(sum)} in all`;
      return `did “${event}”${whereWords(where ?? [], nameOf)}${times_}${total}${whenWords(criterion.in)}`;
    }
    case 'didNot':
      return `did not “${criterion.event}”${whereWords(criterion.where ?? [], nameOf)}${whenWords(criterion.in)}`;
    case 'is':
      return `has ${criterion.where.map((one) => conditionWords(one, nameOf)).join(' and ')}`;
    case 'seen':
      return `was ${criterion.which} seen${whenWords(criterion.in)}`;
    case 'rfm':
      return `is one of ${criterion.classes.join(', ')}`;
    case 'lifetimeValue':
      return `is worth ${boundsWords(criterion)} ${criterion.currency}`;
    case 'inSegment':
      return `is in “${nameOf(criterion.segment)}”`;
    case 'all':
      return listWords(criterion.of, ' and ', nameOf);
    case 'any':
      return listWords(criterion.of, ' or ', nameOf);
    default:
      return `not: ${listWords(criterion.of, ' or ', nameOf)}`;
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Has what words are made of. Whether it is right, the server says. */
const isSpeakable = (value: unknown): value is Criterion => {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'did':
    case 'didNot':
      return typeof value['event'] === 'string' && (value['where'] === undefined || areConditions(value['where']));
    case 'is':
      return areConditions(value['where']);
    case 'seen':
      return typeof value['which'] === 'string';
    case 'rfm':
      return Array.isArray(value['classes']);
    case 'lifetimeValue':
      return typeof value['currency'] === 'string';
    case 'inSegment':
      return typeof value['segment'] === 'string';
    case 'all':
    case 'any':
    case 'not':
      return Array.isArray(value['of']) && value['of'].every(isSpeakable);
    default:
      return false;
  }
};
const areConditions = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isRecord(one) && typeof one['op'] === 'string');

/** What was typed as JSON: a criterion, or what is wrong with it. */
export const readCriterion = (text: string): { criterion: Criterion } | { fault: string } => {
  try {
    const value: unknown = JSON.parse(text);
    return isSpeakable(value)
      ? { criterion: value }
      : {
          fault:
            'Not a condition: a "kind" of did, didNot, is, seen, rfm, lifetimeValue, inSegment, all, any or not, and what belongs to it',
        };
  } catch {
    return { fault: 'This is not JSON yet' };
  }
};
