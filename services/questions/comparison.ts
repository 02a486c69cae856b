import type { PropertyCondition } from '../../schemas/filters.ts';
import { Failure } from '../platform/failure.ts';
import { join, type Sql, sql, typed } from '../platform/warehouse/sql.ts';
import type { Property } from './property.ts';

/** RE2 patterns longer than this are refused. */
const longestPattern = 500;

type Scalar = string | number | boolean;

/** A number compares as a number, so that 20, "20" and 20.0 are equal; anything else as text. */
const equals = ({ text, number }: Property, value: Scalar): Sql =>
  typeof value === 'number'
    ? sql`ifNull(${number} = ${typed('Float64', value)}, 0)`
    : sql`(${text} = ${String(value)})`;

const compares = ({ number, text }: Property, op: 'gt' | 'gte' | 'lt' | 'lte', value: Scalar): Sql => {
  const sign = { gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=` }[op];
  return typeof value === 'number'
    ? sql`ifNull(${number} ${sign} ${typed('Float64', value)}, 0)`
    : sql`(${text} != '' AND ${text} ${sign} ${String(value)})`;
};

export const patternOf = (value: Scalar): string => {
  const text = String(value);
  if (text.length > longestPattern)
    throw new Failure(
      'bad_request',
      `matches: expected a pattern of at most ${longestPattern} characters, got ${text.length}`,
    );
  return text;
};

/** Whether a value meets a condition. What is missing equals nothing, matches nothing, and differs from everything. */
export const meets = (property: Property, condition: PropertyCondition): Sql => {
  const { text, isThere } = property;
  switch (condition.op) {
    case 'eq':
      return equals(property, condition.value);
    case 'neq':
      return sql`NOT ${equals(property, condition.value)}`;
    case 'in':
      return sql`(${join(
        condition.value.map((value) => equals(property, value)),
        ' OR ',
      )})`;
    case 'notIn':
      return sql`NOT (${join(
        condition.value.map((value) => equals(property, value)),
        ' OR ',
      )})`;
    case 'contains':
      return sql`(positionCaseInsensitiveUTF8(${text}, ${String(condition.value)}) > 0)`;
    case 'notContains':
      return sql`(positionCaseInsensitiveUTF8(${text}, ${String(condition.value)}) = 0)`;
    case 'startsWith':
      return sql`startsWith(${text}, ${String(condition.value)})`;
    case 'matches':
      return sql`match(${text}, ${patternOf(condition.value)})`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compares(property, condition.op, condition.value);
    case 'between': {
      const [low, high] = condition.value;
      return sql`(${compares(property, 'gte', low)} AND ${compares(property, 'lte', high)})`;
    }
    case 'exists':
      return isThere;
    case 'notExists':
      return sql`NOT ${isThere}`;
    default:
      return condition satisfies never;
  }
};

/** Operators that hold where the property is missing, and what they deny. */
const denied = { neq: 'eq', notIn: 'in', notContains: 'contains', notExists: 'exists' } as const;
const isDenied = (op: PropertyCondition['op']): op is keyof typeof denied => Object.hasOwn(denied, op);

/** The condition that this one is the opposite of; null where it denies nothing. */
export const deniedBy = (condition: PropertyCondition): PropertyCondition | null =>
  isDenied(condition.op) ? ({ ...condition, op: denied[condition.op] } as PropertyCondition) : null;

/** One of several values, by the name that it has where they are looked at. */
const one: Property = {
  text: sql`oneValue`,
  number: sql`toFloat64OrNull(oneValue)`,
  decimal: sql`toDecimal64OrNull(oneValue, 4)`,
  isThere: sql`1`,
};

/** Whether one of several values meets a condition; where it denies something: whether none of them meets that. */
export const oneMeets = (values: Sql, condition: PropertyCondition): Sql => {
  const opposite = deniedBy(condition);
  return opposite === null
    ? sql`arrayExists(oneValue -> ${meets(one, condition)}, ${values})`
    : sql`(NOT ${oneMeets(values, opposite)})`;
};
