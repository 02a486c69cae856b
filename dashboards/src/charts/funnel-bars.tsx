import { useState } from 'react';
import type { FunnelAnswer } from '../../../schemas/api/funnels.ts';
import './charts.css';
import { count, duration, percent, plural } from '../format.ts';
import { useWidth } from '../width.ts';
import { BehindChart } from './behind.tsx';

export type Step = FunnelAnswer['steps'][number];

/** Narrower than this for each step, columns would not be readable: rows instead. */
const leastColumnPixels = 128;

const share = (value: number, of: number): number => (of === 0 ? 0 : (value / of) * 100);

const sentence = (step: Step, previous: Step | undefined): string =>
  previous === undefined
    ? `${plural(step.count, 'person', 'people')} entered with “${step.label}”.`
    : `Of ${plural(previous.count, 'person', 'people')} at “${previous.label}”, ${count(step.count)} (${percent(step.fromPrevious)}) went on to “${step.label}”, ${count(step.dropped)} stopped${step.pending === 0 ? '' : ` and ${count(step.pending)} may still get there`}.`;

/** What each step kept, lost and may still get. Every bar is a button that tells its story in words. */
export const FunnelBars = ({ steps }: { steps: readonly Step[] }) => {
  const { ref, width } = useWidth();
  const [chosen, setChosen] = useState<number | null>(null);
  const first = steps[0]?.count ?? 0;
  const worst = steps.slice(1).toSorted((one, other) => other.dropped - one.dropped)[0];
  const told = steps.find(({ index }) => index === chosen) ?? worst ?? steps[0];
  const asRows = width > 0 && width < leastColumnPixels * steps.length && width < 700;
  const StepShown = asRows ? RowStep : ColumnStep;
  return (
    <figure>
      <section ref={ref} className={asRows ? 'rows-funnel' : 'funnel'} aria-label="Funnel by step">
        {width > 0 &&
          steps.map((step, index) => (
            <StepShown
              key={step.index}
              step={step}
              previous={steps[index - 1]}
              next={steps[index + 1]}
              first={first}
              number={index + 1}
              isChosen={told === step}
              choose={() => setChosen(step.index)}
            />
          ))}
      </section>
      <div className="row wrap" style={{ gap: 14, marginTop: 10 }}>
        <span className="key">reached</span>
        <span className="key lost">stopped</span>
        <span className="key pending">may still get there</span>
      </div>
      {told !== undefined && (
        <p aria-live="polite" style={{ marginTop: 10 }}>
          {told === worst && chosen === null && <strong>Most are lost here: </strong>}
          {sentence(told, steps[steps.indexOf(told) - 1])}
        </p>
      )}
      <BehindChart
        caption="The funnel's steps"
        head={['Step', 'People', 'From start', 'From previous', 'Stopped', 'Pending', 'Median', 'Average']}
        rows={steps.map((step, index) => [
          `${index + 1}. ${step.label}`,
          count(step.count),
          percent(step.fromStart),
          percent(step.fromPrevious),
          count(step.dropped),
          count(step.pending),
          duration(step.medianSeconds),
          duration(step.averageSeconds),
        ])}
      />
    </figure>
  );
};

type StepProps = {
  step: Step;
  previous: Step | undefined;
  next: Step | undefined;
  first: number;
  number: number;
  isChosen: boolean;
  choose: () => void;
};

const ColumnStep = ({ step, previous, next, first, number, isChosen, choose }: StepProps) => {
  const reached = share(step.count, first);
  const pending = share(step.pending, first);
  const lost = share(step.dropped, first);
  return (
    <button
      type="button"
      className="funnel-step"
      aria-pressed={isChosen}
      aria-label={sentence(step, previous)}
      onClick={choose}
    >
      <span className="head">
        <span className="label clip" style={{ display: 'block' }}>
          {number}. {step.label}
        </span>
        <span className="count">{count(step.count)}</span>
      </span>
      <span className="funnel-bar" style={{ display: 'block' }}>
        <span className="lost" style={{ bottom: `${reached + pending}%`, height: `${lost}%` }} />
        <span className="pending" style={{ bottom: `${reached}%`, height: `${pending}%` }} />
        <span className="reached" style={{ height: `${Math.max(reached, step.count > 0 ? 0.6 : 0)}%` }} />
        {next !== undefined && (
          <svg className="funnel-flow" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
            <polygon points={`0,${100 - reached} 100,${100 - share(next.count, first)} 100,100 0,100`} />
          </svg>
        )}
      </span>
      <span className="foot">
        <span>
          <b>{percent(step.fromStart)}</b> of all
        </span>
        {previous !== undefined && (
          <>
            <span>
              <b>{percent(step.fromPrevious)}</b> of step before
            </span>
            <span>
              <b>{count(step.dropped)}</b> stopped
            </span>
            {step.pending > 0 && (
              <span>
                <b>{count(step.pending)}</b> may still
              </span>
            )}
            <span title={`average ${duration(step.averageSeconds)}`}>
              <b>{duration(step.medianSeconds)}</b> median
            </span>
          </>
        )}
      </span>
    </button>
  );
};

const RowStep = ({ step, previous, first, number, isChosen, choose }: StepProps) => {
  const reached = share(step.count, first);
  const pending = reached + share(step.pending, first);
  const lost = pending + share(step.dropped, first);
  return (
    <button
      type="button"
      className="rows-step"
      aria-pressed={isChosen}
      aria-label={sentence(step, previous)}
      onClick={choose}
    >
      <span className="row apart">
        <span className="clip" style={{ fontWeight: 600 }}>
          {number}. {step.label}
        </span>
        <span className="num">
          <strong>{count(step.count)}</strong> <span className="soft">{percent(step.fromStart)}</span>
        </span>
      </span>
      <span className="track">
        <span className="lost" style={{ width: `${lost}%` }} />
        <span className="pending" style={{ width: `${pending}%` }} />
        <span className="reached" style={{ width: `${Math.max(reached, step.count > 0 ? 1 : 0)}%` }} />
      </span>
      {previous !== undefined && (
        <span className="small soft">
          {percent(step.fromPrevious)} of step before · {count(step.dropped)} stopped · {duration(step.medianSeconds)}{' '}
          median
        </span>
      )}
    </button>
  );
};
