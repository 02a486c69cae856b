import { expect, test } from 'vitest';
import type { PathNode } from '../../../schemas/api/paths.ts';
import { layOut } from './sankey-layout.ts';

const node = (id: string, count: number, kind: PathNode['kind'] = 'event'): PathNode => ({
  id,
  step: Number(id.split(':')[0]),
  name: id,
  kind,
  count,
  pending: 0,
});
const nodes = [node('0:1', 60), node('0:2', 40), node('1:exit', 30, 'exit'), node('1:3', 50), node('1:4', 20)];
const links = [
  { from: '0:2', to: '1:4', count: 20 },
  { from: '0:2', to: '1:exit', count: 20 },
  { from: '0:1', to: '1:3', count: 50 },
  { from: '0:1', to: '1:exit', count: 10 },
];

test('a walker is as thick everywhere, steps stand under what they came from, who is gone at the bottom', () => {
  const { nodes: placed } = layOut(nodes, links, 100, { width: 800, height: 214 });
  const columns = [0, 1].map((step) => placed.filter((each) => each.step === step));
  expect(columns.map((column) => column.map(({ id }) => id))).toEqual([
    ['0:1', '0:2'],
    ['1:3', '1:4', '1:exit'],
  ]);
  expect(placed.map(({ height, count }) => height / count)).toEqual(placed.map(() => 2));
  for (const column of columns)
    column.slice(1).forEach((each, place) => {
      const above = column[place];
      expect(each.y).toBe((above?.y ?? 0) + (above?.height ?? 0) + 7);
    });
});

test('links leave and reach a node side by side, and a link to nowhere is not drawn', () => {
  const { links: drawn } = layOut(nodes, [...links, { from: '0:1', to: '9:9', count: 1 }], 100, {
    width: 800,
    height: 214,
  });
  expect(drawn).toHaveLength(4);
  const starts = drawn
    .filter(({ from }) => from === '0:1')
    .map(({ path }) => Number(/^M[\d.]+,([\d.]+)/.exec(path)?.[1]));
  expect(starts).toEqual([0, 100]);
  expect(layOut([], [], 0, { width: 800, height: 214 })).toMatchObject({ nodes: [], links: [] });
});
