import { SegmentedControl, Select } from '@mantine/core';
import type { queryLifecycle, queryRetention } from '../../../schemas/api/retention.ts';
import { useAnswer } from '../ask.ts';
import { CohortGrid } from '../charts/cohorts.tsx';
import { LifecycleBars } from '../charts/lifecycle.tsx';
import '../charts/charts.css';
import { useNow } from '../clock.ts';
import { EventField, useEventNames } from '../parts/event-picker.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { RefreshFault, Renewed, Shown, State } from '../parts/states.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readChoice, readEvent, readNumber } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const intervals = ['day', 'week', 'month'] as const;
const kinds = ['classic', 'unbounded', 'rolling'] as const;
const cohortKinds = ['firstEver', 'firstMatching', 'recurring'] as const;
const windows = ['calendar', 'elapsed'] as const;
const anyEvent = { event: '*', where: [] };

const kindOptions = [
  { value: 'classic', label: 'in that interval' },
  { value: 'unbounded', label: 'then or later' },
  { value: 'rolling', label: 'last seen then or later' },
];
const cohortOptions = [
  { value: 'firstEver', label: 'for the first time ever' },
  { value: 'firstMatching', label: 'for the first time like this' },
  { value: 'recurring', label: 'each time again' },
];
const windowOptions = [
  { value: 'calendar', label: 'of the calendar' },
  { value: 'elapsed', label: 'of 24 hours, from each start' },
];

const read = (raw: Raw) => ({
  ...readRange(raw, '90d'),
  interval: readChoice(raw['interval'], intervals, 'week'),
  kind: readChoice(raw['kind'], kinds, 'classic'),
  cohorts: readChoice(raw['cohorts'], cohortKinds, 'firstEver'),
  windows: readChoice(raw['windows'], windows, 'calendar'),
  columns: readNumber(raw['columns'], 8, { least: 1, most: 60 }),
  start: readEvent(raw['start'], anyEvent),
  back: readEvent(raw['back'], anyEvent),
});
type Search = ReturnType<typeof read>;
type Change = (changes: Partial<Search>) => void;

export const RetentionPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const now = useNow(60_000);
  const { from, to } = instantsOf(search, site, now);
  const { interval, kind, cohorts, windows: own, columns, start, back } = search;
  const answer = useAnswer<typeof queryRetention>(
    { method: 'POST', path: '/api/sites/:site/retention/query' },
    {
      params: { site: site.id },
      body: { from, to, interval, intervals: columns, windows: own, kind, cohorts, start, return: back },
    },
  );
  const life = useAnswer<typeof queryLifecycle>(
    { method: 'POST', path: '/api/sites/:site/retention/lifecycle' },
    { params: { site: site.id }, body: { from, to, interval, ...start } },
  );
  return (
    <div className="page">
      <PageHead title="Retention">
        <SegmentedControl
          aria-label="Interval"
          data={intervals.map((value) => ({ value, label: `By ${value}` }))}
          value={interval}
          onChange={(value) => setSearch({ interval: readChoice(value, intervals, 'week') })}
        />
        <RangePicker value={search} timeZone={site.timeZone} onChange={setSearch} />
      </PageHead>
      <Tile title="Who came back to what">
        <Editor search={search} change={setSearch} />
      </Tile>
      <Tile
        title="Cohorts"
        aside={<span className="small soft">Dashed: not complete yet, and left out of the average</span>}
      >
        <Shown
          answer={answer}
          height={420}
          empty={({ cohorts: rows }) =>
            rows.some(({ size }) => size > 0) ? null : (
              <State title="Nobody started in this period" minHeight={420}>
                Choose a longer period, or another event to start with.
              </State>
            )
          }
        >
          {(data) => (
            <Renewed answer={answer}>
              <CohortGrid answer={data} interval={interval} timeZone={site.timeZone} />
            </Renewed>
          )}
        </Shown>
        <RefreshFault answer={answer} />
      </Tile>
      <Tile title="New, returning, staying away">
        <Shown answer={life} height={280}>
          {(data) => <LifecycleBars answer={data} timeZone={site.timeZone} />}
        </Shown>
      </Tile>
    </div>
  );
};

const Editor = ({ search, change }: { search: Search; change: Change }) => {
  const names = useEventNames();
  return (
    <div className="stack">
      <EventField label="Started" value={search.start} names={names} change={(start) => change({ start })} />
      <EventField label="Returned" value={search.back} names={names} change={(back) => change({ back })} />
      <div className="fields">
        <Select
          label="A start counts"
          data={cohortOptions}
          value={search.cohorts}
          allowDeselect={false}
          w={220}
          onChange={(value) => change({ cohorts: readChoice(value, cohortKinds, 'firstEver') })}
        />
        <Select
          label="Back means"
          data={kindOptions}
          value={search.kind}
          allowDeselect={false}
          w={200}
          onChange={(value) => change({ kind: readChoice(value, kinds, 'classic') })}
        />
        <Select
          label="Intervals are"
          data={windowOptions}
          value={search.windows}
          allowDeselect={false}
          w={230}
          onChange={(value) => change({ windows: readChoice(value, windows, 'calendar') })}
        />
        <Select
          label="Columns"
          data={[...new Set([4, 8, 12, 30, 60, search.columns])].sort((a, b) => a - b).map(String)}
          value={String(search.columns)}
          allowDeselect={false}
          w={100}
          onChange={(value) => change({ columns: Number(value ?? 8) })}
        />
      </div>
    </div>
  );
};
