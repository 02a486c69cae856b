import type { Condition, EventFilter, PropertyCondition, SegmentCondition, Where } from '../../schemas/filters.ts';
import { Failure } from '../platform/failure.ts';
import { join, type Sql, sql, typed } from '../platform/warehouse/sql.ts';
import { isCalled } from './events.ts';
import { type Property, propertyOf } from './property.ts';
import { isOneOf } from './segments/criterion.ts';

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

/** A property that is missing equals nothing, matches nothing, and differs from everything. */
const propertySql = (condition: PropertyCondition): Sql => {
  const property = propertyOf(condition.property);
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

const segmentSql = ({ op, segment, people }: SegmentCondition): Sql => {
  if (people === undefined) throw new Error(`segment ${segment} was not resolved before the question was asked`);
  const isIn = isOneOf(people, conditions);
  return op === 'inSegment' ? isIn : sql`NOT ${isIn}`;
};

const isOnPerson = (condition: Condition): condition is SegmentCondition =>
  condition.op === 'inSegment' || condition.op === 'notInSegment';

const conditionSql = (condition: Condition): Sql =>
  isOnPerson(condition) ? segmentSql(condition) : propertySql(condition);

/** All must hold; an empty list holds for every event. */
export const conditions = (where: Where): Sql => join(where.map(conditionSql), ' AND ', sql`1`);

/** Whether a row is one of the events that are meant. */
export const isEvent = ({ event, where }: EventFilter): Sql => sql`(${isCalled(event)} AND ${conditions(where)})`;
