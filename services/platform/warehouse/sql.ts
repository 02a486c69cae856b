/** SQL text with typed placeholders and the values that go into them. Build it with the `sql` tag only. */
export type Sql = { readonly text: string; readonly parameters: Readonly<Record<string, unknown>> };

type Typed = { readonly typed: true; readonly type: string; readonly value: unknown };
type Part = Sql | Typed | string | number | boolean | Date | readonly string[] | readonly number[];

/**
 * What the functions of this file made. Known by identity, not by shape: `{"text": "1; DROP …"}` parsed from a request must never pass
 * for a fragment.
 */
const fragments = new WeakSet<object>();
const typedValues = new WeakSet<object>();

const fragment = (text: string, parameters: Sql['parameters']): Sql => {
  const made: Sql = { text, parameters };
  fragments.add(made);
  return made;
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isSql = (value: unknown): value is Sql => isObject(value) && fragments.has(value);
const isTyped = (value: unknown): value is Typed => isObject(value) && typedValues.has(value);

/**
 * A value with its ClickHouse type, where the default for its JavaScript type does not fit.
 * @example sql`SELECT ${typed('UInt64', person)}`
 */
export const typed = (type: string, value: unknown): Typed => {
  const made: Typed = { typed: true, type, value };
  typedValues.add(made);
  return made;
};

const typeOf = (value: Exclude<Part, Sql | Typed>): string => {
  if (typeof value === 'string') return 'String';
  if (typeof value === 'boolean') return 'Bool';
  // Beyond 2^53 a number is no exact integer any more, and from 2^63 on no Int64.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'Int64' : 'Float64';
  if (value instanceof Date) return "DateTime64(3, 'UTC')";
  if (!Array.isArray(value)) throw new TypeError(`not a value to bind: ${JSON.stringify(value)}`);
  const list: readonly unknown[] = value;
  return list.length > 0 && list.every((item) => typeof item === 'number') ? 'Array(Float64)' : 'Array(String)';
};

/**
 * `sql\`… ${value} …\``: another `sql` fragment enters as text (its values renumbered), anything else only as a bound
 * parameter `{pN:Type}`. There is no way to paste a value into the text.
 */
export function sql(strings: TemplateStringsArray, ...parts: Part[]): Sql {
  const parameters: Record<string, unknown> = {};
  let text = strings[0] ?? '';
  let count = 0;
  parts.forEach((part, index) => {
    if (isSql(part)) {
      // One pass, so that a renumbered name cannot be renamed again.
      text += part.text.replace(/\{p(\d+):/g, (_, old: string) => {
        const name = `p${count + Number(old)}`;
        parameters[name] = part.parameters[`p${old}`];
        return `{${name}:`;
      });
      count += Object.keys(part.parameters).length;
    } else {
      const { type, value } = isTyped(part) ? part : { type: typeOf(part), value: part };
      const name = `p${count++}`;
      parameters[name] = value;
      text += `{${name}:${type}}`;
    }
    text += strings[index + 1] ?? '';
  });
  return fragment(text, parameters);
}

/** Joins fragments, e.g. conditions with ` AND `. An empty list gives `empty`. */
export const join = (
  parts: readonly Sql[],
  separator: ', ' | ' AND ' | ' OR ' | '\n' | ',\n' | ' UNION ALL ',
  empty: Sql = sql``,
): Sql => (parts.length === 0 ? empty : parts.reduce((left, right) => sql`${left}${fragment(separator, {})}${right}`));

/** Bound values for a literal list: `event IN (${listed(names)})`, by which the engine can prune. */
export const listed = (names: readonly string[]): Sql =>
  join(
    names.map((name) => sql`${name}`),
    ', ',
  );

/** Names that we wrote ourselves (columns, aliases, numbers of steps); refuses anything but identifiers and dots. */
export const identifier = (name: string): Sql => {
  if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)) throw new Error(`not an identifier: ${JSON.stringify(name)}`);
  return fragment(name, {});
};
