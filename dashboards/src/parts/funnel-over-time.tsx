import { SegmentedControl } from '@mantine/core';
import type { FunnelTrendAnswer, queryFunnelTrend } from '../../../schemas/api/funnels.ts';
import { useAnswer } from '../ask.ts';
import { Lines } from '../charts/lines.tsx';
import { useNow } from '../clock.ts';
import { count, day, plural } from '../format.ts';
import { intervals, rateLine, unfinishedOf } from '../funnel-insights.ts';
import { readChoice } from '../search.ts';
import { useSite } from '../session.ts';
import type { InsightProps } from './funnel-insights.tsx';
import { RefreshFault, Renewed, Shown, State } from './states.tsx';

/** Pixels of the lines with their key, their note and the way to their table, on a phone too. */
const height = 434;

/** Conversion by day, week or month of the first step. */
export const OverTime = ({ asked, search: { interval }, change }: InsightProps) => {
  const site = useSite();
  const answer = useAnswer<typeof queryFunnelTrend>(
    { method: 'POST', path: '/api/sites/:site/funnels/trend' },
    { params: { site: site.id }, body: { ...asked, interval } },
  );
  return (
    <div style={{ marginTop: 14 }}>
      <SegmentedControl
        aria-label="Interval"
        size="xs"
        data={intervals.map((value) => ({ value, label: `By ${value}` }))}
        value={interval}
        onChange={(value) => change({ interval: readChoice(value, intervals, 'day') })}
      />
      <div style={{ marginTop: 10, minHeight: height }}>
        <Renewed answer={answer}>
          <Shown
            answer={answer}
            height={height}
            empty={({ points }) =>
              points.some(({ entered }) => entered > 0) ? null : (
                <State title="Nobody entered in this period" minHeight={height}>
                  Choose a longer period, or another first step.
                </State>
              )
            }
          >
            {({ points }) => <Chart points={points} interval={interval} until={asked.to} />}
          </Shown>
        </Renewed>
        <RefreshFault answer={answer} />
      </div>
    </div>
  );
};

const Chart = ({
  points,
  interval,
  until,
}: {
  points: FunnelTrendAnswer['points'];
  interval: string;
  until: string;
}) => {
  const { timeZone } = useSite();
  const unfinished = unfinishedOf(points, Date.parse(until) <= useNow(60_000));
  const isOpen = (place: number): boolean => place >= points.length - unfinished;
  return (
    <>
      <Lines
        title={`Conversion by ${interval} of the first step`}
        places={points.map(({ at, entered, converted, pending }, place) => ({
          at,
          name: day(at, timeZone),
          also: {
            Entered: count(entered),
            'Made it': count(converted),
            'May still': count(pending),
            Complete: isOpen(place) ? 'not yet' : 'yes',
          },
        }))}
        unfinished={unfinished}
        lines={[rateLine(points)]}
        sayTick={(share) => `${Math.round(share * 1000) / 10}%`}
      />
      <p className="small soft" style={{ marginTop: 6 }}>
        {unfinished === 0
          ? 'Everybody in this period had the whole conversion window.'
          : `The last ${plural(unfinished, interval)}, dotted, may still rise: somebody who entered then has time left to convert.`}
      </p>
    </>
  );
};
