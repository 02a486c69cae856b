import fc from 'fast-check';
import { expect, test } from 'vitest';
import { join, type Sql, sql } from './sql.ts';

/** The value behind each placeholder, in the order of the text. */
const values = ({ text, parameters }: Sql): unknown[] =>
  [...text.matchAll(/\{(p\d+):/g)].map(([, name]) => parameters[name ?? '']);

test('a value never becomes text', () => {
  const { text, parameters } = sql`SELECT ${"'; DROP TABLE events"} WHERE a = ${5}`;
  expect(text).toBe('SELECT {p0:String} WHERE a = {p1:Int64}');
  expect(parameters).toEqual({ p0: "'; DROP TABLE events", p1: 5 });
});

test('fragments nest to any depth and every placeholder keeps its value', () => {
  const tree = fc.letrec<{ node: unknown[] }>((tie) => ({
    node: fc.array(fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), tie('node')), { maxLength: 14 }),
  })).node;
  const build = (node: unknown[]): Sql =>
    join(
      node.map((item) => (Array.isArray(item) ? build(item) : sql`f(${item as string})`)),
      ', ',
    );
  fc.assert(
    fc.property(tree, (node) => {
      expect(values(build(node))).toEqual((node as unknown[]).flat(Number.POSITIVE_INFINITY));
    }),
  );
});
