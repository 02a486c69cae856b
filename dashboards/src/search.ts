import type { FunnelStep } from '../../schemas/api/funnel-definition.ts';
import type { Condition, EventFilter, Where } from '../../schemas/filters.ts';

/** What stands behind the `?` of an address, parsed but not trusted: anybody may have typed it. */
export type Raw = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
export const readText = (value: unknown, fallback = ''): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 500) : fallback;
export const readChoice = <T extends string>(value: unknown, choices: readonly T[], fallback: T): T =>
  choices.find((choice) => choice === value) ?? fallback;
export const readNumber = (value: unknown, fallback: number, limits: { least: number; most: number }): number => {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? Math.min(limits.most, Math.max(limits.least, Math.round(number)))
    : fallback;
};

export const operators = {
  eq: 'is',
  neq: 'is not',
  contains: 'contains',
  notContains: 'does not contain',
  startsWith: 'starts with',
  matches: 'matches',
  gt: 'more than',
  gte: 'at least',
  lt: 'less than',
  lte: 'at most',
  between: 'is between',
  in: 'is one of',
  notIn: 'is none of',
  exists: 'is there',
  notExists: 'is missing',
} as const;
export type Operator = keyof typeof operators;
const isOperator = (value: unknown): value is Operator => typeof value === 'string' && Object.hasOwn(operators, value);

const readScalar = (value: unknown): string | number | boolean | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;

const readCondition = (raw: unknown): Condition[] => {
  if (!isRecord(raw)) return [];
  const { property, op, value, segment } = raw;
  if ((op === 'inSegment' || op === 'notInSegment') && typeof segment === 'string') return [{ op, segment }];
  if (typeof property !== 'string' || property === '' || property.length > 200 || !isOperator(op)) return [];
  if (op === 'exists' || op === 'notExists') return [{ property, op }];
  if (op === 'in' || op === 'notIn') {
    const list = (Array.isArray(value) ? value : [value]).flatMap((one) => readScalar(one) ?? []).slice(0, 100);
    return list.length === 0 ? [] : [{ property, op, value: list }];
  }
  if (op === 'between') {
    const [least, most, ...more] = Array.isArray(value) ? value : [];
    const isRange = typeof least === 'number' && typeof most === 'number' && more.length === 0;
    return isRange ? [{ property, op, value: [least, most] }] : [];
  }
  const scalar = readScalar(value);
  return scalar === null ? [] : [{ property, op, value: scalar }];
};
export const readWhere = (raw: unknown): Where => (Array.isArray(raw) ? raw.slice(0, 20).flatMap(readCondition) : []);

/** A leap year: what the server takes at most. */
export const longestSeconds = 366 * 86_400;

const readStep = (raw: unknown): FunnelStep[] => {
  if (!isRecord(raw) || typeof raw['event'] !== 'string' || raw['event'] === '') return [];
  const label = readText(raw['label']).slice(0, 100);
  const where = readWhere(raw['where']);
  return [
    {
      event: raw['event'].slice(0, 200),
      where,
      ...(label === '' ? {} : { label }),
      ...(raw['optional'] === true ? { optional: true } : {}),
      ...(raw['withinSeconds'] === undefined
        ? {}
        : { withinSeconds: readNumber(raw['withinSeconds'], longestSeconds, { least: 1, most: longestSeconds }) }),
      ...(raw['firstEver'] === true ? { firstEver: true } : {}),
      ...(raw['firstMatching'] === true ? { firstMatching: true } : {}),
    },
  ];
};
/** An event with its conditions; `*` is any. */
export const readEvent = (raw: unknown, fallback: EventFilter): EventFilter => {
  const [step] = readStep(raw);
  return step === undefined ? fallback : { event: step.event, where: step.where };
};
export const readSteps = (raw: unknown): FunnelStep[] => (Array.isArray(raw) ? raw.slice(0, 64).flatMap(readStep) : []);

const comparing: readonly Operator[] = ['gt', 'gte', 'lt', 'lte', 'between'];

/** Properties that are numbers, however they are written. */
const numbers: ReadonlySet<string> = new Set(['price', 'value', 'revenue', 'quantity', 'rating', 'score']);

/**
 * What was typed beside a property and an operator: `price is 19.90` and `size more than 7.50` compare numbers. Elsewhere only what is written as numbers are
 * is one, so that an article 0123 is not 123 and a version 1.10 not 1.1.
 */
export const typedValue = (text: string, property: string, op: Operator): string | number => {
  const trimmed = text.trim();
  const isNumber = /^-?\d{1,15}(\.\d+)?$/.test(trimmed);
  const isCompared = numbers.has(property) || comparing.includes(op);
  return isNumber && (isCompared || String(Number(trimmed)) === trimmed) ? Number(trimmed) : text;
};

/** Only what differs from the default stands in the address. */
export const withoutDefaults = (state: Raw, defaults: Raw): Raw =>
  Object.fromEntries(
    Object.entries(state).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name])),
  );
