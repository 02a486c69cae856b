import { SegmentedControl, Select } from '@mantine/core';
import { useMemo } from 'react';
import type { listPathPersons, PathsAnswer, queryPaths } from '../../../schemas/api/paths.ts';
import { useAnswer } from '../ask.ts';
import { linkId, Sankey } from '../charts/sankey.tsx';
import { useNow } from '../clock.ts';
import { count, dayAndTime, percent, plural } from '../format.ts';
import { EventField, useEventNames } from '../parts/event-picker.tsx';
import { Pager } from '../parts/pager.tsx';
import { Avatar, PersonLink } from '../parts/person.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { RefreshFault, Renewed, Shown, State } from '../parts/states.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readChoice, readEvent, readNumber, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const ways = { from: 'From', to: 'To', between: 'Between' } as const;
const walkers = { person: 'person', session: 'session', visit: 'visit (pauses up to 30 min)' } as const;
const pageNames = { name: 'as “Page Viewed”', path: 'by their path' } as const;
const stepCounts = [3, 4, 5, 6, 7, 8];
const named = (event: string) => ({ event, where: [] });

const read = (raw: Raw) => ({
  ...readRange(raw),
  way: readChoice(raw['way'], ['from', 'to', 'between'], 'from'),
  start: readEvent(raw['start'], named('Product Viewed')),
  end: readEvent(raw['end'], named('Order Completed')),
  by: readChoice(raw['by'], ['person', 'session', 'visit'], 'person'),
  pages: readChoice(raw['pages'], ['name', 'path'], 'name'),
  steps: readNumber(raw['steps'], 5, { least: 2, most: 20 }),
  at: readText(raw['at']),
  cursor: readText(raw['cursor']),
});
type Search = ReturnType<typeof read>;
type Change = (changes: Partial<Search>) => void;

/** What the chart and the lists ask: the same, so that they count the same. */
const questionOf = ({ way, start, end, by, pages, steps }: Search, range: { from: string; to: string }) => ({
  from: range.from,
  to: range.to,
  ...(way === 'to' ? {} : { start }),
  ...(way === 'from' ? {} : { end }),
  countBy: by,
  steps: { pages },
  maxSteps: steps,
  limit: 8,
});

const choicesOf = <T extends string>(choices: Readonly<Record<T, string>>) =>
  (Object.entries(choices) as [T, string][]).map(([value, label]) => ({ value, label }));

export const PathsPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const now = useNow(60_000);
  const question = questionOf(search, instantsOf(search, site, now));
  const answer = useAnswer<typeof queryPaths>(
    { method: 'POST', path: '/api/sites/:site/paths/query' },
    { params: { site: site.id }, body: question },
  );
  const change: Change = (changes) => setSearch({ at: '', cursor: '', ...changes });
  return (
    <div className="page">
      <PageHead title="Paths">
        <RangePicker value={search} timeZone={site.timeZone} onChange={change} />
      </PageHead>
      <Tile title="Which ways">
        <Editor search={search} change={change} />
      </Tile>
      <Tile
        title="Ways"
        aside={
          answer.data === undefined ? undefined : (
            <span className="soft num" aria-live="polite">
              <strong style={{ color: 'var(--ink)' }}>{plural(answer.data.entries, search.by)}</strong> · answered in{' '}
              {Math.round(answer.data.queryMs)} ms
            </span>
          )
        }
      >
        <Renewed answer={answer}>
          <Shown
            answer={answer}
            height={540}
            empty={({ entries }) =>
              entries > 0 ? null : (
                <State title="Nobody walked this way in this period" minHeight={540}>
                  Choose a longer period, or other events above.
                </State>
              )
            }
          >
            {(data) => <Sankey answer={data} chosen={search.at} choose={(at) => setSearch({ at, cursor: '' })} />}
          </Shown>
        </Renewed>
        <RefreshFault answer={answer} />
      </Tile>
      {answer.data !== undefined && answer.data.entries > 0 && (
        <div className="columns even">
          <WholePaths answer={answer.data} />
          <Behind
            answer={answer.data}
            question={question}
            search={search}
            choose={(at) => setSearch({ at, cursor: '' })}
            turn={(cursor) => setSearch({ cursor })}
          />
        </div>
      )}
    </div>
  );
};

const Editor = ({ search, change }: { search: Search; change: Change }) => {
  const names = useEventNames();
  return (
    <div className="stack">
      <SegmentedControl
        aria-label="Direction"
        data={choicesOf(ways)}
        value={search.way}
        onChange={(way) => change({ way: readChoice(way, ['from', 'to', 'between'], 'from') })}
        style={{ justifySelf: 'start' }}
      />
      {search.way !== 'to' && (
        <EventField label="From" value={search.start} names={names} change={(start) => change({ start })} />
      )}
      {search.way !== 'from' && (
        <EventField label="To" value={search.end} names={names} change={(end) => change({ end })} />
      )}
      <div className="fields">
        <Select
          label="Each way is of a"
          data={choicesOf(walkers)}
          value={search.by}
          allowDeselect={false}
          w={230}
          onChange={(by) => change({ by: readChoice(by, ['person', 'session', 'visit'], 'person') })}
        />
        <Select
          label="Pages are called"
          data={choicesOf(pageNames)}
          value={search.pages}
          allowDeselect={false}
          w={180}
          onChange={(pages) => change({ pages: readChoice(pages, ['name', 'path'], 'name') })}
        />
        <Select
          label="Steps"
          data={[...new Set([...stepCounts, search.steps])].sort((a, b) => a - b).map(String)}
          value={String(search.steps)}
          allowDeselect={false}
          w={90}
          onChange={(steps) => change({ steps: Number(steps ?? 5) })}
        />
      </div>
    </div>
  );
};

const Trail = ({ steps }: { steps: readonly string[] }) => (
  <ol className="trail">
    {steps.map((step, place) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place; the same name may stand twice
      <li key={place}>{step}</li>
    ))}
  </ol>
);

const WholePaths = ({ answer }: { answer: PathsAnswer }) => (
  <Tile flush title="Most walked, whole">
    <ul className="list" style={{ paddingTop: 8 }}>
      {answer.paths.map(({ steps, count: walked, isOver }) => (
        <li key={JSON.stringify(steps)} className="line">
          <div className="grow">
            <Trail steps={isOver ? steps : [...steps, '…']} />
          </div>
          <span className="num" style={{ whiteSpace: 'nowrap' }}>
            <strong>{count(walked)}</strong> <span className="soft small">{percent(walked / answer.entries)}</span>
          </span>
        </li>
      ))}
    </ul>
  </Tile>
);

/** Who is at a node or on a link; without a choice those at the first node. */
const Behind = ({
  answer,
  question,
  search,
  choose,
  turn,
}: {
  answer: PathsAnswer;
  question: ReturnType<typeof questionOf>;
  search: Search;
  choose: (at: string) => void;
  turn: (cursor: string) => void;
}) => {
  const site = useSite();
  const nodes = useMemo(() => new Map(answer.nodes.map((node) => [node.id, node])), [answer]);
  const link = answer.links.find((each) => linkId(each) === search.at);
  const node = nodes.get(link?.to ?? search.at) ?? answer.nodes[0];
  const from = link === undefined ? undefined : nodes.get(link.from);
  const what = link === undefined ? { node: node?.id ?? '0:exit' } : { link: { from: link.from, to: link.to } };
  const people = useAnswer<typeof listPathPersons>(
    { method: 'POST', path: '/api/sites/:site/paths/persons' },
    {
      params: { site: site.id },
      body: { ...question, ...what, limitPersons: 10, ...(search.cursor === '' ? {} : { cursor: search.cursor }) },
    },
  );
  const next = link === undefined ? answer.links.filter((each) => each.from === node?.id) : [];
  return (
    <Tile flush title={`Who: ${from === undefined ? '' : `${from.name} → `}${node?.name ?? ''}`}>
      <div style={{ padding: '8px 18px 0' }}>
        <p className="soft small">
          {plural(link?.count ?? node?.count ?? 0, search.by)} at step {(node?.step ?? 0) + 1}. Choose another node
          above
          {next.length > 0 && ', or where they went'}.
        </p>
        {next.length > 0 && (
          <div className="row wrap" style={{ marginTop: 6 }}>
            {next.map((each) => (
              <button key={linkId(each)} type="button" className="quiet" onClick={() => choose(linkId(each))}>
                → {nodes.get(each.to)?.name} <strong className="num">{count(each.count)}</strong>
              </button>
            ))}
          </div>
        )}
      </div>
      <Shown answer={people} height={320}>
        {({ persons, nextCursor }) => (
          <>
            <ul className="list" style={{ opacity: people.isPlaceholderData ? 0.55 : 1, paddingTop: 8 }}>
              {persons.map((person) => (
                <li key={`${person.person} ${person.session} ${person.at}`} className="line">
                  <Avatar person={person} />
                  <div className="grow">
                    <div className="row apart">
                      <PersonLink id={person.person} person={person} />
                      <span className="small soft" style={{ whiteSpace: 'nowrap' }}>
                        {dayAndTime(person.at, site.timeZone)}
                      </span>
                    </div>
                    <Trail steps={person.steps} />
                  </div>
                </li>
              ))}
            </ul>
            <Pager cursor={search.cursor} nextCursor={nextCursor} onChange={turn} />
          </>
        )}
      </Shown>
    </Tile>
  );
};
