import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Environment } from '../../schemas/config.ts';
import { problems } from '../../schemas/problem.ts';

const read = (file: string): string => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
const codesIn = (text: string): string[] =>
  [...text.matchAll(/^\| `([A-Za-z_]+)` +\|/gm)].map((match) => match[1] ?? '');

test('docs/errors.md lists exactly the codes of the API', () => {
  const section = read('errors.md')
    .split('\n## ')
    .find((part) => part.startsWith('Of the API'));
  expect(codesIn(section ?? '').sort()).toEqual(Object.keys(problems).sort());
});

test('docs/configuration.md lists exactly the variables', () => {
  expect(codesIn(read('configuration.md')).sort()).toEqual(Object.keys(Environment.shape).sort());
});
