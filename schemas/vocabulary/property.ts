import { z } from 'zod';

/** A value in a refusal, as the sender wrote it, cut so that no answer repeats a long text. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  // The cut may go through a surrogate pair; half of one could not be stored with the event that is refused.
  return text.length > 80 ? `${text.slice(0, 77).toWellFormed()}…"` : text;
};

const expected = (what: string) => ({
  error: (issue: { input?: unknown }) => `expected ${what}, got ${shown(issue.input)}`,
});

/** Numbers come as numbers or as decimal text (shops send prices as text so that no cent is lost). */
export const decimalPattern = /^\s*-?(\d+(\.\d*)?|\.\d+)\s*$/;

// The kinds of property. A property that is missing or null is not there; SDKs send null for "unknown".
export const Text = z.union([z.string(), z.number()], expected('text')).nullish();
export const Amount = z
  .union([z.number(), z.string().regex(decimalPattern, expected('a number'))], expected('a number'))
  .nullish();
export const Flag = z.union([z.boolean(), z.string(), z.number()], expected('true or false')).nullish();
/** Text or a structure: Segment lets a search be either. */
export const Anything = z.unknown().optional();

/** What a product has, alone or in a list. `seller` is ours; `item_…` are GA4's names. */
export const productShape = {
  product_id: Text,
  sku: Text,
  item_id: Text,
  name: Text,
  item_name: Text,
  category: Text,
  brand: Text,
  variant: Text,
  seller: Text,
  price: Amount,
  quantity: Amount,
  coupon: Text,
  position: Amount,
  url: Text,
  image_url: Text,
} as const;

const Product = z.looseObject(productShape, expected('an object with the product'));
/** Says what is wrong with the first bad product only: of a quarter of a million, the complaints would take 600 MB. */
export const Products = z
  .array(z.unknown(), expected('a list of products'))
  .check(({ value, issues }) => {
    for (const [index, product] of value.entries()) {
      const issue = Product.safeParse(product).error?.issues[0];
      if (issue === undefined) continue;
      issues.push({ ...issue, input: product, path: [index, ...issue.path] } as z.core.$ZodRawIssue);
      return;
    }
  })
  .nullish();

type PropertySchema = typeof Text | typeof Amount | typeof Flag | typeof Anything | typeof Products;
export type Shape = Readonly<Record<string, PropertySchema>>;

/** An event of the vocabulary. */
export type EventDefinition = {
  readonly name: string;
  /** Other names of the same event, any case; spaces, dashes and underscores are alike. */
  readonly aliases: readonly string[];
  readonly shape: Shape;
  /** Of each group at least one must be there: without them the event says nothing. */
  readonly needs: readonly (readonly string[])[];
  /** Checks `properties`; unknown properties pass. */
  readonly schema: z.ZodType;
};

/** Null, '' and an empty list say nothing. */
export const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

const listed = (names: readonly string[]): string => names.join(' or ');

export const defineEvent = (
  name: string,
  shape: Shape,
  more: { aliases?: readonly string[]; needs?: readonly (readonly string[])[] } = {},
): EventDefinition => {
  const needs = more.needs ?? [];
  const schema = z.looseObject(shape, expected('an object')).check((context) => {
    for (const group of needs) {
      if (group.some((property) => isGiven((context.value as Record<string, unknown>)[property]))) continue;
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [group[0] ?? ''],
        message: `expected ${listed(group)}, got ${group.length === 1 ? 'nothing' : 'none of them'}`,
      });
    }
  });
  return { name, aliases: more.aliases ?? [], shape, needs, schema };
};
