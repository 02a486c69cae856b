import type { PathLink, PathNode, PathsAnswer } from '../../../schemas/api/paths.ts';
import { count, percent, plural } from '../format.ts';
import { useWidth } from '../width.ts';
import { BehindChart } from './behind.tsx';
import './charts.css';
import './sankey.css';
import { layOut, nodeWidth, type Placed } from './sankey-layout.ts';

/** A node by its id, or a link by both its ends with `>` between: as it stands in the address. */
export type Chosen = string;
export const linkId = ({ from, to }: Pick<PathLink, 'from' | 'to'>): Chosen => `${from}>${to}`;

/** Narrower than this, columns are no columns: a list instead. */
const leastPixels = 640;
const height = 470;
/** A node that is lower has no room for its name; its count is in the table and in what it says. */
const leastLabelPixels = 15;
const twoLinesPixels = 32;
/** WCAG 2.2: what is pressed is no smaller. */
const leastButtonPixels = 24;

type Drawn = { answer: PathsAnswer; chosen: Chosen; choose: (chosen: Chosen) => void };

const sentence = ({ name, count: walkers, step, pending }: PathNode, entries: number): string =>
  `Step ${step + 1}, ${name}: ${count(walkers)} of ${count(entries)} (${percent(entries === 0 ? null : walkers / entries)})${pending > 0 ? `, ${count(pending)} of them may still go on` : ''}`;

/** Ways as a flow from column to column; on a phone as a list under each other. Every node is a button that shows who is there. */
export const Sankey = (drawn: Drawn) => {
  const { ref, width } = useWidth();
  const { nodes, links, entries } = drawn.answer;
  const names = new Map(nodes.map((node) => [node.id, node]));
  return (
    <figure>
      <section ref={ref} aria-label="Ways by step">
        {width >= leastPixels && <Flow {...drawn} width={width} />}
        {width > 0 && width < leastPixels && <WalkList {...drawn} />}
      </section>
      <div className="row wrap" style={{ gap: 14, marginTop: 12 }}>
        <span className="key step-key">a step</span>
        <span className="key other-key">another step</span>
        <span className="key lost">the way ends</span>
      </div>
      <BehindChart
        caption="Ways by step"
        head={['From', 'To', 'Walkers', 'Of all']}
        rows={links.map(({ from, to, count: walkers }) => [
          `${(names.get(from)?.step ?? 0) + 1}. ${names.get(from)?.name ?? ''}`,
          `${(names.get(to)?.step ?? 0) + 1}. ${names.get(to)?.name ?? ''}`,
          count(walkers),
          percent(walkers / entries),
        ])}
      />
    </figure>
  );
};

const Flow = ({ answer, chosen, choose, width }: Drawn & { width: number }) => {
  const { nodes, links, pitch } = layOut(answer.nodes, answer.links, answer.entries, { width, height });
  return (
    <div className="sankey" style={{ height }}>
      <svg width={width} height={height} aria-hidden>
        {links.map((link) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; the buttons of the nodes, and of what follows them, do the same
          <path
            key={linkId(link)}
            className={chosen === linkId(link) ? 'chosen' : link.kind}
            d={link.path}
            onClick={() => choose(linkId(link))}
          >
            <title>{plural(link.count, 'walker')}</title>
          </path>
        ))}
      </svg>
      {nodes.map((node) => {
        const place = {
          left: node.x,
          top: node.y,
          height: Math.max(3, node.height),
          width:
            node.height < leastLabelPixels
              ? nodeWidth
              : Math.max(nodeWidth, Math.min((pitch || width) - 14, width - node.x)),
        };
        const said = sentence(node, answer.entries);
        // Too low to be hit with a finger: chosen from the list of what follows instead, and told by the table.
        if (node.height < leastButtonPixels)
          return (
            <span key={node.id} className={`sankey-node low ${node.kind}`} style={place} title={said} aria-hidden>
              <Label node={node} entries={answer.entries} />
            </span>
          );
        return (
          <button
            key={node.id}
            type="button"
            className={`sankey-node ${node.kind}`}
            aria-pressed={chosen === node.id}
            aria-label={said}
            title={said}
            style={place}
            onClick={() => choose(node.id)}
          >
            <Label node={node} entries={answer.entries} />
          </button>
        );
      })}
    </div>
  );
};

const Label = ({ node, entries }: { node: Placed; entries: number }) =>
  node.height < leastLabelPixels ? null : (
    <>
      <span className="label clip">{node.name}</span>
      {node.height >= twoLinesPixels && (
        <span className="num soft">
          {count(node.count)} · {percent(node.count / entries)}
        </span>
      )}
    </>
  );

/** Node after node in the order of the ways, each under what it came from. */
const WalkList = ({ answer, chosen, choose }: Drawn) => {
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const rowsUnder = (link: PathLink): { link: PathLink; node: PathNode }[] => {
    const node = nodes.get(link.to);
    if (node === undefined) return [];
    if (node.kind !== 'event') return [{ link, node }];
    const out = answer.links.filter(({ from }) => from === node.id);
    return [{ link, node }, ...out.flatMap(rowsUnder)];
  };
  const roots = answer.nodes
    .filter(({ step }) => step === 0)
    .flatMap((node) => rowsUnder({ from: '', to: node.id, count: node.count }));
  return (
    <ul className="walk-list">
      {roots.map(({ link, node }) => {
        const id = node.kind === 'event' || link.from === '' ? node.id : linkId(link);
        return (
          <li key={linkId(link)} className={node.kind} style={{ paddingLeft: node.step * 14 }}>
            <button type="button" aria-pressed={chosen === id} onClick={() => choose(id)}>
              <span className="row apart">
                <span className="clip">{node.name}</span>
                <span className="num small">
                  <strong>{count(link.count)}</strong>{' '}
                  <span className="soft">{percent(link.count / answer.entries)}</span>
                </span>
              </span>
              <span className="track" aria-hidden>
                <span style={{ width: `${Math.max(1, (link.count / answer.entries) * 100)}%` }} />
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
};
