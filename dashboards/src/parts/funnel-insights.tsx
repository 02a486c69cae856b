import { SegmentedControl } from '@mantine/core';
import type { queryFunnelTrend } from '../../../schemas/api/funnels.ts';
import type { CallInput } from '../call.ts';
import { insights } from '../funnel-insights.ts';
import type { FunnelChange, FunnelSearch } from '../funnel-search.ts';
import { readChoice } from '../search.ts';
import { Correlates } from './funnel-correlates.tsx';
import { OverTime } from './funnel-over-time.tsx';
import { TimeToConvert } from './funnel-timing.tsx';
import { Tile } from './tile.tsx';

/** The funnel as all questions about it take it, in a period. */
export type Asked = Omit<CallInput<typeof queryFunnelTrend>['body'], 'interval' | 'bucket' | 'breakdown'>;
export type InsightProps = { asked: Asked; search: FunnelSearch; change: FunnelChange };

const choices = [
  { value: 'trend', label: 'Over time' },
  { value: 'timing', label: 'Time to convert' },
  { value: 'correlation', label: 'What goes with converting' },
];
const parts = { trend: OverTime, timing: TimeToConvert, correlation: Correlates };

/** What else the same people tell. Each is a question of its own: only what is chosen is asked. */
export const FunnelInsights = (props: InsightProps) => {
  const { search, change } = props;
  const Part = search.more === '' ? null : parts[search.more];
  return (
    <Tile title="More about this funnel">
      <SegmentedControl
        aria-label="What to look at"
        data={choices}
        value={search.more}
        withItemsBorders={false}
        className="insights-choice"
        onChange={(more) => change({ more: readChoice(more, insights, '') })}
      />
      {Part === null ? (
        <p className="soft small" style={{ marginTop: 10 }}>
          How conversion changes, how long it takes, and what those who convert do that others do not.
        </p>
      ) : (
        <Part {...props} />
      )}
    </Tile>
  );
};
