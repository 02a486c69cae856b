import type { Criterion } from '../../schemas/segment.ts';
import { rfmNames } from './rfm.ts';

type Raw = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const areConditions = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isRecord(one) && isText(one['op']));

/** Has what words are made of, down to its last part. Whether it is right, the server says. */
const isSpeakable = (value: unknown): value is Criterion => {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'did':
    case 'didNot':
      return isText(value['event']) && areConditions(value['where']);
    case 'is':
      return areConditions(value['where']);
    case 'seen':
      return isText(value['which']);
    case 'rfm':
      return Array.isArray(value['classes']) && value['classes'].every((one) => Object.hasOwn(rfmNames, String(one)));
    case 'lifetimeValue':
      return isText(value['currency']);
    case 'inSegment':
      return isText(value['segment']);
    case 'all':
    case 'any':
    case 'not':
      return Array.isArray(value['of']) && value['of'].every(isSpeakable);
    default:
      return false;
  }
};

/** Events without conditions may leave them out, as for the server. */
const completed = (value: unknown): unknown => {
  if (!isRecord(value)) return value;
  if (value['kind'] === 'did' || value['kind'] === 'didNot') return { ...value, where: value['where'] ?? [] };
  return Array.isArray(value['of']) ? { ...value, of: value['of'].map(completed) } : value;
};

const expected =
  'Not a condition: a "kind" of did, didNot, is, seen, rfm, lifetimeValue, inSegment, all, any or not, and what belongs to it';

/** What was typed as JSON: a criterion, or what is wrong with it. */
export const readCriterion = (text: string): { criterion: Criterion } | { fault: string } => {
  try {
    const value = completed(JSON.parse(text));
    return isSpeakable(value) ? { criterion: value } : { fault: expected };
  } catch {
    return { fault: 'This is not JSON yet' };
  }
};
