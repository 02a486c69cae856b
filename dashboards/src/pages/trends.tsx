import { ActionIcon, Button, SegmentedControl, Select, Switch } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { Measure, queryTrend, TrendAnswer, TrendSeries } from '../../../schemas/api/trends.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { Lines } from '../charts/lines.tsx';
import { useNow } from '../clock.ts';
import { day, dayAndTime } from '../format.ts';
import { EventField, type EventName, useEventNames } from '../parts/event-picker.tsx';
import { commonGroups, PropertyInput } from '../parts/property-input.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { RefreshFault, Renewed, Shown, State } from '../parts/states.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readChoice, readEvent, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { drawnLines } from '../trend-lines.ts';
import { useUrlState } from '../url-state.ts';

const intervals = ['hour', 'day', 'week', 'month'] as const;
const measures: Readonly<Record<Measure, string>> = {
  count: 'how often',
  persons: 'people',
  sessions: 'sessions',
  orders: 'orders',
  net: 'net revenue of orders',
  sum: 'sum of',
  average: 'average of',
  min: 'least of',
  max: 'most of',
  median: 'median of',
  p90: '90th percentile of',
  p95: '95th percentile of',
  p99: '99th percentile of',
};
const measureNames = Object.keys(measures) as Measure[];
const numbers = ['revenue', 'price', 'value', 'quantity', 'rating', 'score'];
const groups = [...commonGroups, 'currency'];
const letters = ['A', 'B', 'C', 'D', 'E'];

type Series = Pick<TrendSeries, 'event' | 'where' | 'measure' | 'property'>;

const readSeries = (raw: unknown): Series[] =>
  Array.isArray(raw)
    ? raw.slice(0, letters.length).map((one: unknown) => {
        const given = (typeof one === 'object' && one !== null ? one : {}) as Raw;
        return {
          ...readEvent(given, { event: '*', where: [] }),
          measure: readChoice(given['measure'], measureNames, 'count'),
          property: readText(given['property']) || 'revenue',
        };
      })
    : [];

const first: Series[] = [{ event: '*', where: [], measure: 'persons', property: 'revenue' }];

const read = (raw: Raw) => {
  const series = readSeries(raw['series']);
  return {
    ...readRange(raw),
    interval: readChoice(raw['interval'], intervals, 'day'),
    series: series.length === 0 ? first : series,
    formula: /^[A-E] [-+*/] [A-E]$/.test(readText(raw['formula'])) ? readText(raw['formula']) : '',
    by: readText(raw['by']),
    isCompared: raw['isCompared'] === true,
  };
};
type Search = ReturnType<typeof read>;
type Change = (changes: Partial<Search>) => void;

const isOfProperty = (measure: Measure): boolean =>
  !['count', 'persons', 'sessions', 'orders', 'net'].includes(measure);

const queryOf = ({ series, formula, by, isCompared, interval }: Search, range: { from: string; to: string }) => {
  const length = Date.parse(range.to) - Date.parse(range.from);
  const isKnown =
    formula !== '' && [formula[0], formula[4]].every((name) => letters.indexOf(name ?? '') < series.length);
  return {
    ...range,
    interval,
    series,
    ...(isKnown ? { formula } : {}),
    ...(by === '' ? {} : { breakdown: { property: by, limit: 7 } }),
    ...(isCompared
      ? { compareTo: { from: new Date(Date.parse(range.from) - length).toISOString(), to: range.from } }
      : {}),
  };
};

export const TrendsPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const now = useNow(60_000);
  const { from, to } = instantsOf(search, site, now);
  const query = queryOf(search, { from, to });
  const answer = useAnswer<typeof queryTrend>(
    { method: 'POST', path: '/api/sites/:site/trends/query' },
    { params: { site: site.id }, body: query },
  );
  return (
    <div className="page">
      <PageHead title="Trends">
        <SegmentedControl
          aria-label="Interval"
          data={intervals.map((value) => ({ value, label: `By ${value}` }))}
          value={search.interval}
          onChange={(value) => setSearch({ interval: readChoice(value, intervals, 'day') })}
        />
        <RangePicker value={search} timeZone={site.timeZone} onChange={setSearch} />
      </PageHead>
      <Chart answer={answer} search={{ ...search, formula: query.formula ?? '' }} />
      <Tile title="What is drawn">
        <Editor search={search} change={setSearch} />
      </Tile>
    </div>
  );
};

const Chart = ({ answer, search }: { answer: Answer<TrendAnswer>; search: Search }) => {
  const site = useSite();
  const name = search.interval === 'hour' ? dayAndTime : day;
  return (
    <Tile
      title="Trend"
      aside={
        answer.data === undefined ? undefined : (
          <span className="soft num">answered in {Math.round(answer.data.queryMs)} ms</span>
        )
      }
    >
      <Renewed answer={answer}>
        <Shown
          answer={answer}
          height={400}
          empty={({ lines }) =>
            lines.some(({ points }) => points.some(({ value }) => value !== null && value !== 0)) ? null : (
              <State title="Nothing of this happened in this period" minHeight={400}>
                Choose a longer period, or other events below.
              </State>
            )
          }
        >
          {(data) => (
            <Lines
              title="Trend"
              places={data.points.map(({ at }) => ({ at, name: name(at, site.timeZone) }))}
              unfinished={data.points.at(-1)?.isPartial === true ? 1 : 0}
              lines={drawnLines(data, { formula: search.formula, breakdown: search.by }, site.currency)}
            />
          )}
        </Shown>
      </Renewed>
      <RefreshFault answer={answer} />
    </Tile>
  );
};

const Editor = ({ search, change }: { search: Search; change: Change }) => {
  const names = useEventNames();
  const { series } = search;
  const set = (place: number, next: Series) => change({ series: series.map((one, at) => (at === place ? next : one)) });
  const pairs = letters
    .slice(0, series.length)
    .flatMap((one) =>
      letters
        .slice(0, series.length)
        .flatMap((other) => (one === other ? [] : [`${one} / ${other}`, `${one} - ${other}`, `${one} + ${other}`])),
    );
  return (
    <div className="stack">
      {series.map((one, place) => (
        <SeriesRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place
          key={place}
          name={letters[place] ?? ''}
          series={one}
          names={names}
          change={(next) => set(place, next)}
          remove={
            series.length === 1 ? null : () => change({ series: series.filter((_, at) => at !== place), formula: '' })
          }
        />
      ))}
      <div className="fields">
        <Button
          variant="default"
          leftSection={<Plus size={15} />}
          disabled={series.length >= letters.length}
          onClick={() =>
            change({
              series: [...series, { event: 'Order Completed', where: [], measure: 'count', property: 'revenue' }],
            })
          }
        >
          Add a series
        </Button>
        {series.length > 1 && (
          <Select
            label="Formula"
            placeholder="none"
            clearable
            data={pairs}
            value={search.formula === '' ? null : search.formula}
            w={130}
            onChange={(formula) => change({ formula: formula ?? '' })}
          />
        )}
        <PropertyInput
          label="Broken down by"
          placeholder="nothing"
          value={search.by}
          data={groups}
          change={(by) => change({ by })}
        />
        <Switch
          label="Beside the period before"
          checked={search.isCompared}
          onChange={({ currentTarget }) => change({ isCompared: currentTarget.checked })}
          mb={8}
        />
      </div>
    </div>
  );
};

const SeriesRow = ({
  name,
  series,
  names,
  change,
  remove,
}: {
  name: string;
  series: Series;
  names: readonly EventName[];
  change: (series: Series) => void;
  remove: (() => void) | null;
}) => (
  <div className="step">
    <EventField
      label={`Series ${name}`}
      value={series}
      names={names}
      change={({ event, where }) => change({ ...series, event, where })}
    />
    <div className="fields" style={{ marginTop: 8 }}>
      <Select
        aria-label={`Series ${name}: measure`}
        data={measureNames.map((value) => ({ value, label: measures[value] }))}
        value={series.measure}
        allowDeselect={false}
        w={190}
        onChange={(measure) => change({ ...series, measure: readChoice(measure, measureNames, 'count') })}
      />
      {isOfProperty(series.measure) && (
        <PropertyInput
          label={`Series ${name}: property`}
          isLabelUnseen
          value={series.property}
          data={numbers}
          change={(property) => change({ ...series, property: property || 'revenue' })}
        />
      )}
      {remove !== null && (
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove series ${name}`} onClick={remove}>
          <X size={16} />
        </ActionIcon>
      )}
    </div>
  </div>
);
