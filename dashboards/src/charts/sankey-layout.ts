import type { PathLink, PathNode } from '../../../schemas/api/paths.ts';

export type Placed = PathNode & { x: number; y: number; height: number };
export type Ribbon = PathLink & { path: string; kind: PathNode['kind'] };
export type Size = { width: number; height: number };

export const nodeWidth = 10;
/** Beside the last column, for its labels. */
const labelRoom = 150;
const gap = 7;

const kindRank = { event: 0, other: 1, exit: 2 } as const;

/** Columns from the first; in each the events under what they came from, then the others, then who is gone. */
const inColumns = (nodes: readonly PathNode[], links: readonly PathLink[]): PathNode[][] => {
  const parents = new Map(links.map(({ from, to }) => [to, from]));
  const columns: PathNode[][] = [];
  for (let step = 0; nodes.some((node) => node.step === step); step += 1) {
    const places = new Map(columns.at(-1)?.map(({ id }, place) => [id, place]));
    const placeOf = ({ id }: PathNode): number => places.get(parents.get(id) ?? '') ?? 0;
    columns.push(
      nodes
        .filter((node) => node.step === step)
        .sort(
          (one, other) =>
            kindRank[one.kind] - kindRank[other.kind] ||
            (one.kind === 'event' ? placeOf(one) - placeOf(other) : 0) ||
            other.count - one.count,
        ),
    );
  }
  return columns;
};

const ribbon = (from: { x: number; y: number }, to: { x: number; y: number }, thickness: number): string => {
  const middle = (from.x + to.x) / 2;
  const [a, b] = [from.y + thickness, to.y + thickness];
  return `M${from.x},${from.y}C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}L${to.x},${b}C${middle},${b} ${middle},${a} ${from.x},${a}Z`;
};

/** Where nodes and links are drawn. One walker is as thick everywhere, so every column is equally much. */
export const layOut = (
  nodes: readonly PathNode[],
  links: readonly PathLink[],
  entries: number,
  { width, height }: Size,
): { nodes: Placed[]; links: Ribbon[]; pitch: number } => {
  const columns = inColumns(nodes, links);
  const most = Math.max(1, ...columns.map((column) => column.length));
  const scale = entries === 0 ? 0 : Math.max(0, height - gap * (most - 1)) / entries;
  const pitch = columns.length < 2 ? 0 : (width - labelRoom - nodeWidth) / (columns.length - 1);
  const placed = columns.flatMap((column, step) => {
    let y = 0;
    return column.map((node): Placed => {
      const own = { ...node, x: step * pitch, y, height: Math.max(1, node.count * scale) };
      y += own.height + gap;
      return own;
    });
  });
  const byId = new Map(placed.map((node) => [node.id, node]));
  const used = { out: new Map<string, number>(), in: new Map<string, number>() };
  const take = (of: Map<string, number>, id: string, thickness: number): number => {
    const before = of.get(id) ?? 0;
    of.set(id, before + thickness);
    return before;
  };
  const drawn = links
    .map((link) => ({ link, from: byId.get(link.from), to: byId.get(link.to) }))
    .sort((one, other) => (one.to?.y ?? 0) - (other.to?.y ?? 0) || (one.from?.y ?? 0) - (other.from?.y ?? 0))
    .flatMap(({ link, from, to }): Ribbon[] => {
      if (from === undefined || to === undefined) return [];
      const thickness = Math.max(1, link.count * scale);
      const start = { x: from.x + nodeWidth, y: from.y + take(used.out, from.id, thickness) };
      const end = { x: to.x, y: to.y + take(used.in, to.id, thickness) };
      return [{ ...link, path: ribbon(start, end, thickness), kind: to.kind }];
    });
  return { nodes: placed, links: drawn, pitch };
};
