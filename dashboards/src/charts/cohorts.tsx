import type { CSSProperties } from 'react';
import type { RetentionAnswer } from '../../../schemas/api/retention.ts';
import { count, day, percent } from '../format.ts';
import './cohorts.css';
import { TableBox } from '../parts/table-box.tsx';

type Cell = RetentionAnswer['cohorts'][number]['cells'][number];

/** CSS reads the share from a property of its own. */
const shareStyle = (rate: number | null): CSSProperties => ({ '--share': rate ?? 0 }) as CSSProperties;

/** Cohorts as rows, intervals as columns, the average above them; what is not complete yet is dashed. It is a table, for eyes and for readers. */
export const CohortGrid = ({
  answer,
  interval,
  timeZone,
}: {
  answer: RetentionAnswer;
  interval: 'day' | 'week' | 'month';
  timeZone: string;
}) => {
  const { cohorts, average } = answer;
  const shown = cohorts.filter(({ cells }) => cells.length > 0);
  return (
    <TableBox label="Retention by cohort">
      <table className="cohorts">
        <thead>
          <tr>
            <th scope="col">Cohort</th>
            <th scope="col">People</th>
            {average.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an interval is its place
              <th key={index} scope="col">
                {interval} {index}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="average">
          <tr>
            <th scope="row">Average</th>
            <td>{count(average[0]?.persons ?? 0)}</td>
            {average.map(({ rate, count: came, persons }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an interval is its place
              <td key={index} title={`${count(came)} of ${count(persons)}, complete cells`}>
                {percent(rate)}
              </td>
            ))}
          </tr>
        </tbody>
        <tbody>
          {shown.map(({ at, size, cells }) => (
            <tr key={at}>
              <th scope="row">{day(at, timeZone)}</th>
              <td>{count(size)}</td>
              {cells.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: an interval is its place
                <CohortCell key={index} cell={cell} size={size} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
};

const CohortCell = ({ cell, size }: { cell: Cell; size: number }) => (
  <td
    className={cell.isComplete ? 'cell' : 'cell incomplete'}
    style={shareStyle(cell.rate)}
    title={`${count(cell.count)} of ${count(size)}${cell.isComplete ? '' : ', so far'}`}
  >
    {percent(cell.rate)}
    {!cell.isComplete && <span className="unseen"> so far</span>}
  </td>
);
