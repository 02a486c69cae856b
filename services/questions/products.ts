import { identifier, type Sql, sql } from '../platform/warehouse/sql.ts';

/** What may be said of a product: by its column, the names that it has in a list of products. */
const keys = {
  product_id: ['product_id', 'sku', 'item_id'],
  category: ['category', 'item_category'],
  brand: ['brand', 'item_brand'],
  variant: ['variant', 'item_variant'],
  seller: ['seller', 'seller_id', 'vendor'],
} as const;
export type ProductColumn = keyof typeof keys;

/** The column of a path such as `category` or `properties.category`; null where it says nothing of a product. */
export const productColumn = (path: string): ProductColumn | null => {
  const name = path.replace(/^properties\./, '');
  return Object.hasOwn(keys, name) ? (name as ProductColumn) : null;
};

/** What a product in a list says under the first of these names that it has; ids are also sent as numbers. */
const said = (names: readonly string[]): Sql =>
  names.reduceRight((otherwise, key) => {
    const raw = sql`JSONExtractRaw(product, ${key})`;
    const text = sql`if(startsWith(${raw}, '"'), JSONExtractString(product, ${key}), if(match(${raw}, '^-?[0-9]'), ${raw}, ''))`;
    return sql`if(${text} != '', ${text}, ${otherwise})`;
  }, sql`''`);

/** What a row says of its products: its own column (the sink fills it where there is one product), or else what each of its list says. */
export const saidOfProducts = (column: ProductColumn): Sql => sql`
  if(
    ${identifier(column)} != '',
    [toString(${identifier(column)})],
    arrayFilter(word -> word != '', arrayMap(product -> ${said(keys[column])}, JSONExtractArrayRaw(products))))`;
