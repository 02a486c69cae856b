/**
 * What broken code sends instead of an id. Each would join thousands of strangers into one person; the list is made of what other
 * products met in practice.
 */
const junkIds: ReadonlySet<string> = new Set([
  '0',
  '-1',
  '[object object]',
  'anonymous',
  'anonymous_id',
  'anonymousid',
  'anon',
  'backend',
  'customer',
  'distinct_id',
  'distinctid',
  'email',
  'example@example.com',
  'false',
  'guest',
  'id',
  'infinity',
  'n/a',
  'nan',
  'nil',
  'none',
  'not_authenticated',
  'null',
  'server',
  'system',
  'true',
  'undefined',
  'unknown',
  'user',
  'user_id',
  'userid',
  '{}',
  '[]',
  '""',
  "''",
]);

const nilUuid = '00000000-0000-0000-0000-000000000000';
/** Real ids are mostly UUIDs: they are not worth a look into the list. */
const longestJunk = 24;

export const isJunkId = (id: string): boolean => {
  if (id.length > longestJunk) return id === nilUuid || id.trim() === '';
  const plain = id.trim().toLowerCase();
  return plain === '' || junkIds.has(plain);
};
