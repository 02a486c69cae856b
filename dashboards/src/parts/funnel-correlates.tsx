import { SegmentedControl } from '@mantine/core';
import type { FunnelCorrelate, FunnelCorrelationAnswer, queryFunnelCorrelation } from '../../../schemas/api/funnels.ts';
import { useAnswer } from '../ask.ts';
import { BehindChart } from '../charts/behind.tsx';
import { count, plural } from '../format.ts';
import { compared, toldOf, tooFew } from '../funnel-insights.ts';
import { readChoice } from '../search.ts';
import { useSite } from '../session.ts';
import type { InsightProps } from './funnel-insights.tsx';
import { Meter } from './meter.tsx';
import { RefreshFault, Renewed, Shown, State } from './states.tsx';
import { TableHead } from './table-head.tsx';
import { Tag } from './tile.tsx';

const choices = [
  { value: 'events', label: 'What they did' },
  { value: 'properties', label: 'Where they came from, what it was' },
];
/** What is listed of each kind; charts.css keeps room for as many while they are on their way. */
const limit = 6;
const height = 620;

/** Which events or values those who converted have more often than those who dropped out, and the other way round. */
export const Correlates = ({ asked, search: { compare }, change }: InsightProps) => {
  const site = useSite();
  const answer = useAnswer<typeof queryFunnelCorrelation>(
    { method: 'POST', path: '/api/sites/:site/funnels/correlation' },
    { params: { site: site.id }, body: { ...asked, of: compare, limit } },
  );
  return (
    <div style={{ marginTop: 14 }}>
      <SegmentedControl
        aria-label="What is compared"
        size="xs"
        withItemsBorders={false}
        className="insights-choice"
        data={choices}
        value={compare}
        onChange={(value) => change({ compare: readChoice(value, compared, 'events') })}
      />
      <div className="insights-found">
        <Renewed answer={answer}>
          <Shown
            answer={answer}
            height={height}
            empty={({ converted, dropped }) =>
              converted + dropped > 0 ? null : (
                <State title="Nobody to compare yet" minHeight={height}>
                  Nobody in this period has converted or run out of time. Choose a longer period, or a shorter
                  conversion window.
                </State>
              )
            }
          >
            {(data) => <Found answer={data} />}
          </Shown>
        </Renewed>
        <RefreshFault answer={answer} />
      </div>
    </div>
  );
};

const Found = ({ answer }: { answer: FunnelCorrelationAnswer }) => {
  const { converted, dropped, pending, converting, dropping } = answer;
  const few = tooFew(answer);
  return (
    <div className="stack">
      <p>
        {plural(converted, 'person', 'people')} who made it to the end compared with {count(dropped)} who dropped out
        {pending > 0 && `; ${count(pending)} who may still convert are left out`}. What goes together need not be the
        cause.
      </p>
      {few !== '' && (
        <p role="note">
          <Tag tone="warn">Too little data</Tag> {few}
        </p>
      )}
      <div className="columns even">
        <List title="Goes with converting" rows={converting} goesWith="converting" />
        <List title="Goes with dropping out" rows={dropping} goesWith="dropping out" />
      </div>
      <BehindChart
        caption="What goes with converting and with dropping out"
        head={[
          'What',
          'Converted with it',
          'Converted without',
          'Dropped with it',
          'Dropped without',
          'Odds ratio',
          '95% from',
          '95% to',
        ]}
        rows={[...converting, ...dropping].map((one) => [
          toldOf(one, 'converting').name,
          ...[one.convertedWith, one.convertedWithout, one.droppedWith, one.droppedWithout].map(count),
          ...[one.oddsRatio, one.low, one.high].map((ratio) => String(Number(ratio.toPrecision(3)))),
        ])}
      />
    </div>
  );
};

const List = ({
  title,
  rows,
  goesWith,
}: {
  title: string;
  rows: readonly FunnelCorrelate[];
  goesWith: 'converting' | 'dropping out';
}) => (
  <section aria-label={title}>
    <h3 className="insights-title">{title}</h3>
    {rows.length === 0 ? (
      <p className="soft">Nothing that people did on their way.</p>
    ) : (
      <div className="table-box">
        <table className="table insights">
          <caption className="unseen">{title}</caption>
          <TableHead columns={[['On their way'], ['Converted with it', 'right'], ['Without it', 'right']]} />
          <tbody>
            {rows.map((row) => {
              const { name, had, odds, withIt, withoutIt, isMaybeChance } = toldOf(row, goesWith);
              return (
                <tr key={name}>
                  <th scope="row" className="name">
                    {name} {isMaybeChance && <Tag tone="warn">may be chance</Tag>}
                    <div className="small soft" style={{ fontWeight: 400 }}>
                      {had}; {odds}
                    </div>
                  </th>
                  <td className="right">
                    <Meter share={withIt} tone={goesWith === 'converting' ? 'good' : 'bad'} />
                  </td>
                  <td className="right">
                    <Meter share={withoutIt} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    )}
  </section>
);
