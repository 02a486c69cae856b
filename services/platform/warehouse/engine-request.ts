/** What the endpoint in front of the engine makes of a request that @clickhouse/client (or a BI tool) sends to a server. */
export type EngineRequest =
  | { kind: 'ping' }
  /** The rows are the request's body. `head` is the statement without its format. */
  | { kind: 'insert'; database: string; head: string; format: string }
  /** `bindings` is a SET statement for the same connection, '' where nothing is bound. `name` finds it while it runs; '' where the caller gave none. */
  | { kind: 'query'; database: string; text: string; format: string; bindings: string; name: string }
  | { kind: 'refused'; code: number; reason: string };

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
  'log_comment',
]);

export const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;

/**
 * The values of placeholders, as they came: the engine reads them by the types in the statement, as a server does. Not chdb's own
 * binding: it holds one parametrised query at a time for the whole process, while these belong to a connection.
 */
const bindingsOf = (search: URLSearchParams): string => {
  const bindings = [...search].filter(([name]) => /^param_\w+$/.test(name));
  return bindings.length === 0 ? '' : `SET ${bindings.map(([name, raw]) => `${name} = ${quoted(raw)}`).join(', ')}`;
};

/** Where names without a database are looked up: as on a server, every request says so for itself. */
const databaseOf = (search: URLSearchParams): string => search.get('database') || 'default';

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);

const settingsOf = (search: URLSearchParams): string =>
  [...search]
    .filter(([name, value]) => takenSettings.has(name) && /^[a-z0-9_./-]*$/i.test(value))
    .map(([name, value]) => `${name} = ${isNumber(value) ? value : `'${value}'`}`)
    .join(', ');

/** What may stand before the first word of a statement. */
const lead = String.raw`^\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*[(\s]*`;
const selectPattern = new RegExp(String.raw`${lead}(?:SELECT|WITH)\b`, 'is');
const readPattern = new RegExp(String.raw`${lead}(?:SELECT|WITH|SHOW|DESC|DESCRIBE|EXPLAIN|EXISTS)\b`, 'is');

const withSettings = (statement: string, settings: string): string => {
  if (settings === '' || !selectPattern.test(statement)) return statement;
  const text = statement.replace(/[\s;]+$/, '');
  return /\bSETTINGS\s+[\w\s=.,']*$/i.test(text) ? `${text}, ${settings}` : `${text}\nSETTINGS ${settings}`;
};

const insertPattern = /^\s*(INSERT\s+INTO\s+[\w.`]+\s*(?:\([\w\s,`]*\))?)\s*FORMAT\s+(\w+)\s*$/i;
const formatPattern = /\s+FORMAT\s+(\w+)\s*;?\s*$/i;

/** An insert whose rows are the body: known before the body is read, so that it need not be held in memory. */
export const parseInsert = (search: URLSearchParams): (EngineRequest & { kind: 'insert' }) | null => {
  const found = insertPattern.exec(search.get('query') ?? '');
  if (found === null || Number(search.get('readonly') ?? 0) > 0) return null;
  const [, head = '', format = ''] = found;
  return { kind: 'insert', database: databaseOf(search), head, format };
};

/** `body` is the statement, or what follows the one in the URL. */
export const parseEngineRequest = (
  pathname: string,
  search: URLSearchParams,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): EngineRequest => {
  if (pathname === '/ping') return { kind: 'ping' };
  const fromUrl = search.get('query');
  const isReadOnly = Number(search.get('readonly') ?? 0) > 0;
  const whole = fromUrl === null ? body.toString('utf8') : `${fromUrl}\n${body.toString('utf8')}`;
  if (isReadOnly && !readPattern.test(whole))
    return {
      kind: 'refused',
      code: 164,
      reason: 'Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)',
    };
  const isValuesInsert = /^\s*INSERT\b/i.test(whole);
  const clause = isValuesInsert ? null : formatPattern.exec(whole);
  const format =
    clause?.[1] ?? search.get('default_format') ?? headers['x-clickhouse-format']?.toString() ?? 'TabSeparated';
  const text = clause === null ? whole : whole.slice(0, clause.index);
  return {
    kind: 'query',
    database: databaseOf(search),
    text: withSettings(text, settingsOf(search)),
    format,
    bindings: bindingsOf(search),
    name: search.get('log_comment') ?? '',
  };
};
