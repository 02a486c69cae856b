import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifier, join, type Sql, sql, typed } from './sql.ts';

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

test('an object of a request that looks like a fragment is refused, not pasted', () => {
  const fromRequest = JSON.parse('{"text":"1; DROP TABLE events","parameters":{}}') as Sql;
  expect(() => sql`SELECT ${fromRequest}`).toThrow('not a value to bind');
  const typedLook = JSON.parse('{"typed":true,"type":"String} OR 1 {x:String","value":"a"}') as ReturnType<
    typeof typed
  >;
  expect(() => sql`SELECT ${typedLook}`).toThrow('not a value to bind');
});

test('numbers are integers as long as they are exact', () => {
  expect(sql`${1} ${-0.5} ${2 ** 53} ${1e300}`.text).toBe('{p0:Int64} {p1:Float64} {p2:Float64} {p3:Float64}');
  expect(sql`${typed('UInt64', '5')} ${[1]} ${['a']} ${[]} ${true}`.text).toBe(
    '{p0:UInt64} {p1:Array(Float64)} {p2:Array(String)} {p3:Array(String)} {p4:Bool}',
  );
});

test('a name is an identifier or nothing', () => {
  expect(identifier('e.site').text).toBe('e.site');
  for (const name of ['', 'a b', 'a`', "a'", '1a', 'a;b']) expect(() => identifier(name)).toThrow('not an identifier');
});
