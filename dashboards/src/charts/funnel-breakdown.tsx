import type { FunnelBucketChoice } from '../../../schemas/api/funnel-definition.ts';
import type { FunnelAnswer, FunnelBucket } from '../../../schemas/api/funnels.ts';
import './charts.css';
import { count, percent } from '../format.ts';
import { Meter } from '../parts/meter.tsx';
import { TableBox } from '../parts/table-box.tsx';
import { type Column, TableHead } from '../parts/table-head.tsx';
import { FunnelGroups } from './funnel-groups.tsx';

/** As a question about the people of this row names it. */
const choiceOf = ({ kind, value }: FunnelBucket, all: readonly FunnelBucket[]): FunnelBucketChoice => {
  if (kind === 'value') return { kind, value };
  if (kind === 'none') return { kind };
  return { kind, shown: all.filter((one) => one.kind === 'value').map((one) => one.value) };
};

/** The funnel of every value, drawn and under each other; a figure opens the people behind it. */
export const FunnelBreakdown = ({
  answer: { breakdown = [], overlapping = false },
  heading,
  nameOf,
  show,
}: {
  answer: FunnelAnswer;
  heading: string;
  nameOf: (row: FunnelBucket) => string;
  show: (index: number, bucket: FunnelBucketChoice) => void;
}) => {
  const labels = breakdown[0]?.steps.map(({ label }) => label) ?? [];
  const most = Math.max(0, ...breakdown.map(({ steps }) => steps.at(-1)?.fromStart ?? 0));
  const columns: Column[] = [
    ['Value'],
    ...labels.map(
      (label, index): Column => [
        `${index + 1}. ${label}`,
        index > 0 && index < labels.length - 1 ? 'right wide-only' : 'right',
      ],
    ),
    ['Made it', 'meter-head'],
  ];
  return (
    <>
      <FunnelGroups groups={breakdown} heading={heading} nameOf={nameOf} />
      <TableBox label={`The funnel by ${heading}`}>
        <table className="table snug">
          <caption className="unseen">The funnel by {heading}</caption>
          <TableHead columns={columns} />
          <tbody>
            {breakdown.map((row) => (
              <tr key={row.kind + row.value}>
                <th scope="row" className="name">
                  {nameOf(row)}
                </th>
                {row.steps.map((step, index) => (
                  <td key={step.index} className={index > 0 && index < labels.length - 1 ? 'right wide-only' : 'right'}>
                    <button
                      type="button"
                      className="plain-number"
                      aria-label={`${count(step.count)} at “${step.label}” of ${nameOf(row)}: show them`}
                      disabled={step.count === 0}
                      onClick={() => show(step.index, choiceOf(row, breakdown))}
                    >
                      {count(step.count)}
                    </button>
                    {index > 0 && <span className="small soft wide-only"> {percent(step.fromPrevious)}</span>}
                  </td>
                ))}
                <td style={{ minWidth: 90 }}>
                  <Meter share={row.steps.at(-1)?.fromStart ?? null} most={most} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      {overlapping && (
        <p className="small soft" style={{ padding: '10px 18px' }}>
          The same person may stand in several rows.
        </p>
      )}
    </>
  );
};
