/** What the endpoint in front of the engine makes of a request that @clickhouse/client (or a BI tool) sends to a server. */
export type EngineRequest =
  | { kind: 'ping' }
  | { kind: 'insert'; table: string; columns: string[]; format: string; values: Buffer }
  | { kind: 'query'; text: string; format: string; parameters: Record<string, unknown> };

/** Settings that a caller may give by URL; others are dropped, as ClickHouse's own ones for HTTP mean nothing here. */
const takenSettings = new Set([
  'max_execution_time',
  'max_memory_usage',
  'max_result_rows',
  'result_overflow_mode',
  'readonly',
  'max_threads',
  'date_time_output_format',
  'prefer_column_name_to_alias',
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_decimals',
  'optimize_aggregation_in_order',
  'max_bytes_before_external_group_by',
]);

const unescapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '0': '\0', b: '\b', f: '\f' };

/** Undoes the backslash escapes of ClickHouse's text formats. */
export const unescapeText = (text: string): string =>
  text.replace(/\\(.)/gs, (_, character: string) => unescapes[character] ?? character);

/** `['a\'b',1,NULL]` as a JavaScript array: texts, numbers and nulls; no nesting. */
export const parseArray = (text: string): (string | number | null)[] => {
  const items: (string | number | null)[] = [];
  const pattern = /'((?:[^'\\]|\\.)*)'|(NULL)|([^,[\]\s]+)/gs;
  for (const [, quoted, isNull, bare] of text.matchAll(pattern)) {
    if (quoted !== undefined) items.push(unescapeText(quoted));
    else items.push(isNull === undefined ? Number(bare) : null);
  }
  return items;
};

/** The engine binds JavaScript values and escapes them itself, so what comes escaped for a server is unescaped first. */
const parameterValue = (type: string, raw: string): unknown => {
  if (raw === '\\N') return null;
  if (type.startsWith('Array(')) return parseArray(raw);
  return unescapeText(raw);
};

const parametersOf = (search: URLSearchParams, text: string): Record<string, unknown> => {
  const types = new Map([...text.matchAll(/\{(\w+):([^{}]+)\}/g)].map(([, name, type]) => [name, type ?? 'String']));
  const parameters: Record<string, unknown> = {};
  for (const [key, raw] of search)
    if (key.startsWith('param_')) {
      const name = key.slice('param_'.length);
      parameters[name] = parameterValue(types.get(name) ?? 'String', raw);
    }
  return parameters;
};

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);

const settingsOf = (search: URLSearchParams): string =>
  [...search]
    .filter(([name, value]) => takenSettings.has(name) && /^[a-z0-9_.]*$/i.test(value))
    .map(([name, value]) => `${name} = ${isNumber(value) ? value : `'${value}'`}`)
    .join(', ');

const withSettings = (text: string, settings: string): string => {
  if (settings === '' || !/^\s*(?:--[^\n]*\n\s*)*(?:SELECT|WITH)\b/i.test(text)) return text;
  return /\bSETTINGS\s+[\w\s=.,']*$/i.test(text) ? `${text}, ${settings}` : `${text}\nSETTINGS ${settings}`;
};

const insertPattern = /^\s*INSERT\s+INTO\s+([\w.]+)\s*(?:\(([^)]*)\))?\s*FORMAT\s+(\w+)\s*$/is;
const formatPattern = /\s+FORMAT\s+(\w+)\s*;?\s*$/i;

/** `body` holds the rows when the statement is in the URL, else the statement. */
export const parseEngineRequest = (
  pathname: string,
  search: URLSearchParams,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): EngineRequest => {
  if (pathname === '/ping') return { kind: 'ping' };
  const fromUrl = search.get('query');
  const insert = insertPattern.exec(fromUrl ?? '');
  if (insert !== null && body.length > 0) {
    const [, table = '', columns = '', format = ''] = insert;
    const names = columns.split(',').map((name) => name.trim().replaceAll('`', ''));
    return { kind: 'insert', table, columns: names.filter((name) => name !== ''), format, values: body };
  }
  const whole = fromUrl === null ? body.toString('utf8') : `${fromUrl}\n${body.toString('utf8')}`;
  const isValuesInsert = /^\s*INSERT\b/i.test(whole);
  const clause = isValuesInsert ? null : formatPattern.exec(whole);
  const format =
    clause?.[1] ?? search.get('default_format') ?? headers['x-clickhouse-format']?.toString() ?? 'TabSeparated';
  const text = clause === null ? whole : whole.slice(0, clause.index);
  return {
    kind: 'query',
    text: withSettings(text, settingsOf(search)),
    format,
    parameters: parametersOf(search, text),
  };
};
