import type { PathLink, PathNode, PathsQuery } from '../../../schemas/api/paths.ts';
import type { Column } from './columns.ts';
import type { Direction } from './walkers.ts';

/** By column. */
export type Shown = readonly (readonly Column['candidates'][number][])[];

const exitNames: Record<Direction, string> = { forward: '(exit)', backward: '(entry)', between: '(arrived)' };

/** Of each column the most walked of the candidates that are on a way that is shown. */
export const shownPrefixes = (columns: readonly Column[], limit: number): Shown => {
  const shown: Column['candidates'][] = [];
  for (const { step, candidates } of columns) {
    const before = new Set(shown[step - 1]?.map(({ prefix }) => prefix));
    shown.push(candidates.filter(({ parent }) => step === 0 || before.has(parent)).slice(0, limit));
  }
  return shown;
};

type Tree = {
  columns: readonly Column[];
  shown: Shown;
  entries: number;
};

const sumOf = (counts: readonly { count: number }[]): number => counts.reduce((sum, { count }) => sum + count, 0);
const walkingAt = ({ columns }: Tree, step: number): number => columns[step]?.walking ?? 0;
const othersAt = (tree: Tree, step: number): number => walkingAt(tree, step) - sumOf(tree.shown[step] ?? []);
const exitsAt = (tree: Tree, step: number): number => tree.entries - walkingAt(tree, step);
const pendingAt = ({ columns }: Tree, step: number): number =>
  columns.filter((column) => column.step < step).reduce((sum, { open }) => sum + open, 0);

const byName = (a: PathNode, b: PathNode): number => (a.name < b.name ? -1 : 1);

const nodesAt = (tree: Tree, step: number, names: ReadonlyMap<string, string>, exitName: string): PathNode[] => {
  const events = (tree.shown[step] ?? []).map(
    ({ prefix, name, count }): PathNode => ({
      id: `${step}:${prefix}`,
      step,
      name: names.get(name) ?? '',
      kind: 'event',
      count,
      pending: 0,
    }),
  );
  const rest: PathNode[] = [
    { id: `${step}:other`, step, name: '(other)', kind: 'other', count: othersAt(tree, step), pending: 0 },
    {
      id: `${step}:exit`,
      step,
      name: exitName,
      kind: 'exit',
      count: exitsAt(tree, step),
      pending: pendingAt(tree, step),
    },
  ];
  return [...events.sort((a, b) => b.count - a.count || byName(a, b)), ...rest.filter(({ count }) => count > 0)];
};

/** From a column to the next. Each node's walkers go on to shown prefixes, to the others, or their path ends: so links out add up to the node. */
const linksFrom = (tree: Tree, step: number): PathLink[] => {
  const next = step + 1;
  const fromShown = (tree.shown[step] ?? []).flatMap(({ prefix, count, ended }): PathLink[] => {
    const from = `${step}:${prefix}`;
    const children = (tree.shown[next] ?? []).filter(({ parent }) => parent === prefix);
    return [
      ...children.map((child) => ({ from, to: `${next}:${child.prefix}`, count: child.count })),
      { from, to: `${next}:other`, count: count - ended - sumOf(children) },
      { from, to: `${next}:exit`, count: ended },
    ];
  });
  const intoOthers = sumOf(fromShown.filter(({ to }) => to === `${next}:other`));
  const stayOthers = othersAt(tree, next) - intoOthers;
  return [
    ...fromShown,
    { from: `${step}:other`, to: `${next}:other`, count: stayOthers },
    { from: `${step}:other`, to: `${next}:exit`, count: othersAt(tree, step) - stayOthers },
    { from: `${step}:exit`, to: `${next}:exit`, count: exitsAt(tree, step) },
  ].filter(({ count }) => count > 0);
};

/** Nodes and links of a Sankey. Every column adds up to the entries, every node to its links. */
export const treeOf = (
  columns: readonly Column[],
  shown: Shown,
  names: ReadonlyMap<string, string>,
  { maxSteps }: Pick<PathsQuery, 'maxSteps'>,
  direction: Direction,
): { entries: number; nodes: PathNode[]; links: PathLink[] } => {
  const tree: Tree = { columns, shown, entries: columns[0]?.walking ?? 0 };
  // A column after the last step shows where all paths have ended.
  const width = tree.entries === 0 ? 0 : Math.min(maxSteps, columns.length + 1);
  const steps = Array.from({ length: width }, (_, step) => step);
  return {
    entries: tree.entries,
    nodes: steps.flatMap((step) => nodesAt(tree, step, names, exitNames[direction])),
    links: steps.slice(0, -1).flatMap((step) => linksFrom(tree, step)),
  };
};
