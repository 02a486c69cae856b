import type { Condition, Where } from '../../schemas/filters.ts';
import { Failure } from '../platform/failure.ts';
import { identifier, join, type Sql, sql, typed } from '../platform/warehouse/sql.ts';

/** A value of an event in the three forms that operators need. `isThere` is 1 where the event has the property. */
type Property = { text: Sql; number: Sql; isThere: Sql };

/** Properties with a column of their own: faster by far than the JSON. */
const textColumns: Readonly<Record<string, string>> = {
  product_id: 'product_id',
  category: 'category',
  brand: 'brand',
  variant: 'variant',
  seller: 'seller',
  currency: 'currency',
  coupon: 'coupon',
  order_id: 'order_id',
  cart_id: 'cart_id',
  checkout_id: 'checkout_id',
  query: 'query',
  'person.email': 'email',
  'person.userId': 'user_id',
  'person.user_id': 'user_id',
  'context.page.url': 'url',
  'context.page.path': 'path',
  'context.page.title': 'title',
  'context.page.referrer': 'referrer',
  'context.campaign.source': 'campaign_source',
  'context.campaign.medium': 'campaign_medium',
  'context.campaign.name': 'campaign_name',
  'context.locale': 'locale',
  'context.device': 'device',
  'context.browser': 'browser',
  'context.os': 'os',
  'context.country': 'country',
};
const numberColumns: Readonly<Record<string, string>> = {
  price: 'price',
  quantity: 'quantity',
  revenue: 'revenue',
  value: 'value',
  rating: 'rating',
  score: 'score',
};

/** RE2 patterns longer than this are refused. */
const longestPattern = 500;

const jsonProperty = (path: string): Property => {
  const segments = path.split('.');
  const [root = ''] = segments;
  const isRooted = ['context', 'traits', 'properties'].includes(root) && segments.length > 1;
  const column = identifier(isRooted ? root : 'properties');
  const keys = join(
    (isRooted ? segments.slice(1) : segments).map((segment) => sql`${segment}`),
    ', ',
  );
  const raw = sql`JSONExtractRaw(${column}, ${keys})`;
  const text = sql`if(startsWith(${raw}, '"'), JSONExtractString(${column}, ${keys}), ${raw})`;
  return { text, number: sql`toFloat64OrNull(${text})`, isThere: sql`(${raw} NOT IN ('', 'null', '""'))` };
};

const propertyOf = (path: string): Property => {
  const textColumn = textColumns[path];
  if (textColumn !== undefined) {
    const column = identifier(textColumn);
    return {
      text: sql`toString(${column})`,
      number: sql`toFloat64OrNull(toString(${column}))`,
      isThere: sql`(${column} != '')`,
    };
  }
  const numberColumn = numberColumns[path];
  if (numberColumn !== undefined) {
    const column = identifier(numberColumn);
    return {
      text: sql`ifNull(toString(${column}), '')`,
      number: sql`toFloat64(${column})`,
      isThere: sql`(${column} IS NOT NULL)`,
    };
  }
  return jsonProperty(path);
};

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

const pattern = (value: Scalar): string => {
  const text = String(value);
  if (text.length > longestPattern)
    throw new Failure(
      'bad_request',
      `matches: expected a pattern of at most ${longestPattern} characters, got ${text.length}`,
    );
  return text;
};

/** A property that is missing equals nothing, matches nothing, and differs from everything. */
const conditionSql = (condition: Condition): Sql => {
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
      return sql`match(${text}, ${pattern(condition.value)})`;
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

/** All must hold; an empty list holds for every event. */
export const conditions = (where: Where): Sql => join(where.map(conditionSql), ' AND ', sql`1`);
