import type { LifecycleAnswer } from '../../../schemas/api/retention.ts';
import { count, day } from '../format.ts';
import { BehindChart } from './behind.tsx';
import './cohorts.css';

const active = ['new', 'resurrecting', 'returning'] as const;

/** Who is there above the line, who stayed away below it. */
export const LifecycleBars = ({ answer, timeZone }: { answer: LifecycleAnswer; timeZone: string }) => {
  const { intervals } = answer;
  const most = Math.max(
    1,
    ...intervals.flatMap((each) => [each.new + each.resurrecting + each.returning, each.dormant]),
  );
  const tall = (value: number) => ({ height: `${(value / most) * 100}%` });
  return (
    <figure>
      <ul className="life" aria-hidden>
        {intervals.map((each) => (
          <li key={each.at} title={`${day(each.at, timeZone)}${each.isComplete ? '' : ', so far'}`}>
            <div className="up" style={{ opacity: each.isComplete ? 1 : 0.55 }}>
              {active.map((kind) => (
                <span key={kind} className={kind} style={tall(each[kind])} />
              ))}
            </div>
            <div className="down" style={{ opacity: each.isComplete ? 1 : 0.55 }}>
              <span className="dormant" style={tall(each.dormant)} />
            </div>
          </li>
        ))}
      </ul>
      <div className="row wrap" style={{ gap: 14, marginTop: 10 }}>
        <span className="key new">new</span>
        <span className="key resurrecting">back after a pause</span>
        <span className="key returning">here before too</span>
        <span className="key dormant">stayed away</span>
      </div>
      <BehindChart
        caption="Who is new, returning, resurrecting and dormant"
        head={['From', 'New', 'Back after a pause', 'Here before too', 'Stayed away']}
        rows={intervals.map((each) => [
          `${day(each.at, timeZone)}${each.isComplete ? '' : ' (so far)'}`,
          count(each.new),
          count(each.resurrecting),
          count(each.returning),
          count(each.dormant),
        ])}
      />
    </figure>
  );
};
