import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventTables } from './page.ts';

/** The formatter aligns the columns of tables. */
const plain = (table: string): string => table.replaceAll(/ +/g, ' ').replaceAll(/-{2,}/g, '---').trim();

test('docs/events.md lists the vocabulary as it is', () => {
  const text = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  expect(plain(text.slice(text.indexOf('## Shopping')))).toBe(plain(eventTables()));
});
