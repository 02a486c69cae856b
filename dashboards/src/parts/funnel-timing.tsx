import { Select } from '@mantine/core';
import type { FunnelTimingAnswer, queryFunnelTiming } from '../../../schemas/api/funnels.ts';
import { useAnswer } from '../ask.ts';
import { Histogram } from '../charts/histogram.tsx';
import { duration, plural } from '../format.ts';
import { spanOf, stepName } from '../funnel-insights.ts';
import type { FunnelSearch } from '../funnel-search.ts';
import { useSite } from '../session.ts';
import type { InsightProps } from './funnel-insights.tsx';
import { RefreshFault, Renewed, Shown, State } from './states.tsx';

/** Pixels of what is said, the bars, and the way to their table, on a phone too. */
const height = 366;
const bins = 20;

/** How long people took between two steps that are chosen. */
export const TimeToConvert = ({ asked, search, change }: InsightProps) => {
  const site = useSite();
  const { fromStep, toStep } = spanOf(search, search.steps.length);
  const answer = useAnswer<typeof queryFunnelTiming>(
    { method: 'POST', path: '/api/sites/:site/funnels/timing' },
    { params: { site: site.id }, body: { ...asked, bins, fromStep, ...(toStep === 0 ? {} : { toStep }) } },
  );
  return (
    <div style={{ marginTop: 14 }}>
      <Span search={search} change={change} />
      <div style={{ marginTop: 14, minHeight: height }}>
        <Renewed answer={answer}>
          <Shown
            answer={answer}
            height={height}
            empty={({ count }) =>
              count > 0 ? null : (
                <State title="Nobody did both steps in this period" minHeight={height}>
                  Choose a longer period, or other steps.
                </State>
              )
            }
          >
            {(data) => <Chart answer={data} />}
          </Shown>
        </Renewed>
        <RefreshFault answer={answer} />
      </div>
    </div>
  );
};

/** A step that is chosen moves the other out of its way. */
const Span = ({ search, change }: Pick<InsightProps, 'search' | 'change'>) => {
  const { fromStep, toStep } = spanOf(search, search.steps.length);
  const options = (from: number, to: number) =>
    search.steps.flatMap((_, index) =>
      index < from || index > to ? [] : [{ value: String(index), label: nameOf(search, index) }],
    );
  const last = search.steps.length - 1;
  return (
    <div className="fields">
      <Select
        label="From"
        data={options(0, last - 1)}
        value={String(fromStep)}
        allowDeselect={false}
        w={230}
        onChange={(value) => {
          const from = Number(value);
          change({ fromStep: from, toStep: toStep > from ? search.toStep : from + 1 });
        }}
      />
      <Select
        label="To"
        data={options(1, last)}
        value={String(toStep)}
        allowDeselect={false}
        w={230}
        onChange={(value) => {
          const to = Number(value);
          change({ toStep: to, fromStep: fromStep < to ? fromStep : to - 1 });
        }}
      />
    </div>
  );
};

const nameOf = ({ steps, order }: FunnelSearch, index: number): string => stepName(steps, order, index);

const Chart = ({ answer }: { answer: FunnelTimingAnswer }) => (
  <>
    <p style={{ marginBottom: 10 }}>
      Half of the {plural(answer.count, 'way')} took at most <strong>{duration(answer.medianSeconds)}</strong> (median);
      the average is {duration(answer.averageSeconds)}, the quickest {duration(answer.minSeconds)}, the slowest{' '}
      {duration(answer.maxSeconds)}.
    </p>
    <Histogram title="Time between the steps" bins={answer.bins} medianSeconds={answer.medianSeconds ?? 0} />
  </>
);
