import { identifier, join, type Sql, sql } from '../platform/warehouse/sql.ts';
import { productColumn, saidOfProducts } from './products.ts';

/**
 * A value of an event in the forms that operators and measures need: `number` and `decimal` (exact, four decimals) are null where it is none. `isThere` is 1 where
 * the event has the property.
 */
export type Property = { text: Sql; number: Sql; decimal: Sql; isThere: Sql };

/** Properties with a column of their own: faster by far than the JSON. */
const textColumns: Readonly<Record<string, string>> = {
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
/** Kept in 32 bits: 4.7 is 4.699999809 there, and only its text says what was sent. */
const isNarrow: ReadonlySet<string> = new Set(['rating', 'score']);

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
  return {
    text,
    number: sql`toFloat64OrNull(${text})`,
    decimal: sql`toDecimal64OrNull(${text}, 4)`,
    isThere: sql`(${raw} NOT IN ('', 'null', '""'))`,
  };
};

/**
 * A property by its path as filters, breakdowns and measures name it: a column where there is one, else out of the JSON. Of the products of a list it says nothing:
 * `valuesOf` does.
 */
export const propertyOf = (path: string): Property => {
  const textColumn = productColumn(path) ?? textColumns[path];
  if (textColumn !== undefined) {
    const column = identifier(textColumn);
    return {
      text: sql`toString(${column})`,
      number: sql`toFloat64OrNull(toString(${column}))`,
      decimal: sql`toDecimal64OrNull(toString(${column}), 4)`,
      isThere: sql`(${column} != '')`,
    };
  }
  const numberColumn = numberColumns[path];
  if (numberColumn !== undefined) {
    const column = identifier(numberColumn);
    return {
      text: sql`ifNull(toString(${column}), '')`,
      number: isNarrow.has(numberColumn) ? sql`toFloat64(toString(${column}))` : sql`toFloat64(${column})`,
      decimal: sql`toDecimal64OrNull(toString(${column}), 4)`,
      isThere: sql`(${column} IS NOT NULL)`,
    };
  }
  return jsonProperty(path);
};

/** A property as text, '' where the row does not have it. */
export const textOf = (path: string): Sql => {
  const { text, isThere } = propertyOf(path);
  return sql`if(${isThere}, ${text}, '')`;
};

/** Its values as a list, each once: none where the row does not have it, several where it is said of several products. */
export const valuesOf = (path: string): Sql => {
  const column = productColumn(path);
  if (column !== null) return sql`arrayDistinct(${saidOfProducts(column)})`;
  const { text, isThere } = propertyOf(path);
  return sql`if(${isThere}, [${text}], emptyArrayString())`;
};
