import { Button } from '@mantine/core';
import { RotateCcw } from 'lucide-react';
import type { FunnelAnswer, FunnelBucket, queryFunnel } from '../../../schemas/api/funnels.ts';
import type { listSegments } from '../../../schemas/api/segments.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { FunnelBars, type Unit } from '../charts/funnel-bars.tsx';
import { FunnelBreakdown } from '../charts/funnel-breakdown.tsx';
import { useNow } from '../clock.ts';
import { percent } from '../format.ts';
import {
  definitionOf,
  type FunnelChange,
  type FunnelSearch,
  followsAnother,
  readFunnel,
  searchOf,
  timeBefore,
} from '../funnel-search.ts';
import { useEventNames } from '../parts/event-picker.tsx';
import { FunnelInsights } from '../parts/funnel-insights.tsx';
import { FunnelOptions } from '../parts/funnel-options.tsx';
import { FunnelPeople } from '../parts/funnel-people.tsx';
import { Saved } from '../parts/funnel-saved.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { RefreshFault, Renewed, Shown, State } from '../parts/states.tsx';
import { StepsEditor } from '../parts/steps-editor.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf } from '../range.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const units: Record<FunnelSearch['count'], Unit> = {
  person: ['person', 'people'],
  session: ['session', 'sessions'],
  entry: ['entry', 'entries'],
  property: ['value', 'values'],
};

export const FunnelPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(readFunnel);
  const { from, to } = instantsOf(search, site, useNow(60_000));
  const query = definitionOf(search);
  const { breakdown: _breakdown, ...whole } = query;
  const answer = useAnswer<typeof queryFunnel>(
    { method: 'POST', path: '/api/sites/:site/funnels/query' },
    {
      params: { site: site.id },
      body: { ...query, from, to, ...(search.isCompared ? { compareTo: timeBefore({ from, to }) } : {}) },
    },
  );
  const names = useEventNames();
  const saved = useAnswer<typeof listSegments>(
    { method: 'GET', path: '/api/sites/:site/segments' },
    { params: { site: site.id } },
  );
  const segments = saved.data?.segments.map(({ id, segment }) => ({ id, name: segment.name })) ?? [];
  const rowName = (value: string): string =>
    search.segments.length === 0 ? value : (segments.find(({ id }) => id === value)?.name ?? value);
  return (
    <div className="page">
      <PageHead title="Funnel">
        <Saved site={site} query={query} load={(funnel) => setSearch(searchOf(funnel.query))} />
        <RangePicker value={search} timeZone={site.timeZone} onChange={setSearch} />
      </PageHead>
      <DropOff answer={answer} search={search} change={setSearch} />
      <ByRow answer={answer} search={search} rowName={rowName} change={setSearch} />
      <FunnelInsights asked={{ ...whole, from, to }} search={search} change={setSearch} />
      <Tile
        title="Steps"
        aside={
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<RotateCcw size={14} />}
            onClick={() => {
              const { range: _range, from: _from, to: _to, ...fresh } = readFunnel({});
              setSearch(fresh);
            }}
          >
            Start over
          </Button>
        }
      >
        <StepsEditor
          steps={search.steps}
          names={names}
          followsAnother={(index) => followsAnother(search.order, index)}
          change={(steps) => setSearch({ steps, who: null })}
        />
      </Tile>
      <FunnelOptions search={search} names={names} segments={segments} change={setSearch} />
      <FunnelPeople
        who={search.who}
        label={answer.data?.steps[search.who?.step ?? 0]?.label ?? ''}
        rowName={rowName}
        query={{ ...query, from, to }}
        close={() => setSearch({ who: null })}
      />
    </div>
  );
};

/** Pixels of the bars with what is told about them: what stands in for them is as high, so that nothing below jumps. */
const chartHeight = 564;

type PartProps = { answer: Answer<FunnelAnswer>; search: FunnelSearch; change: FunnelChange };

const DropOff = ({ answer, search, change }: PartProps) => {
  const lastStep = answer.data?.steps.at(-1);
  return (
    <Tile
      title="Drop-off"
      aside={
        lastStep === undefined ? undefined : (
          <span className="soft num" aria-live="polite">
            <strong style={{ color: 'var(--ink)' }}>{percent(lastStep.fromStart)}</strong> make it to the end · answered
            in {Math.round(answer.data?.queryMs ?? 0)} ms
          </span>
        )
      }
    >
      <Renewed answer={answer}>
        <Shown
          answer={answer}
          height={chartHeight}
          empty={({ steps }) =>
            (steps[0]?.count ?? 0) > 0 ? null : (
              <State title={`Nobody did “${steps[0]?.label ?? ''}” in this period`} minHeight={chartHeight}>
                Choose a longer period, or another first step below.
              </State>
            )
          }
        >
          {({ steps, comparison }) => (
            <FunnelBars
              steps={steps}
              before={comparison?.steps ?? []}
              unit={units[search.count]}
              show={(step, outcome) => change({ who: { step, outcome } })}
            />
          )}
        </Shown>
      </Renewed>
      <RefreshFault answer={answer} />
    </Tile>
  );
};

const ByRow = ({ answer, search, rowName, change }: PartProps & { rowName: (value: string) => string }) => {
  const isBySegment = search.segments.length > 0;
  if (!isBySegment && search.by === '') return null;
  const heading = isBySegment ? 'segment' : search.by;
  const nameOf = ({ kind, value }: FunnelBucket): string =>
    kind === 'value' ? rowName(value) : kind === 'none' ? 'nothing known' : 'all others';
  return (
    <Tile flush title={`By ${heading}`}>
      <Renewed answer={answer}>
        <Shown
          answer={answer}
          height={240}
          empty={({ breakdown = [] }) => (breakdown.length > 0 ? null : <State title="Nothing to break down" />)}
        >
          {(data) => (
            <FunnelBreakdown
              answer={data}
              heading={heading}
              nameOf={nameOf}
              show={(step, bucket) => change({ who: { step, outcome: 'reached', bucket } })}
            />
          )}
        </Shown>
      </Renewed>
    </Tile>
  );
};
