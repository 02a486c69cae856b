import { Button } from '@mantine/core';
import { Users } from 'lucide-react';
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

/** What is counted, as one says it. */
export type Unit = readonly [one: string, many: string];
const people: Unit = ['person', 'people'];

const sentence = (step: Step, previous: Step | undefined, unit: Unit): string =>
  previous === undefined
    ? `${plural(step.count, ...unit)} entered with “${step.label}”.`
    : `Of ${plural(previous.count, ...unit)} at “${previous.label}”, ${count(step.count)} (${percent(step.fromPrevious)}) went on to “${step.label}”, ${count(step.dropped)} stopped${step.pending === 0 ? '' : ` and ${count(step.pending)} may still get there`}.`;

/** What each step kept, lost and may still get. Every bar is a button that tells its story in words. */
export const FunnelBars = ({
  steps,
  before: earlier = [],
  unit = people,
  show,
}: {
  steps: readonly Step[];
  /** The same steps in the time before. */
  before?: readonly Step[];
  unit?: Unit;
  /** Opens the people behind a bar. */
  show?: (index: number, outcome: 'reached' | 'dropped' | 'pending') => void;
}) => {
  const { ref, width } = useWidth();
  // Shares of nobody say nothing.
  const before = (earlier[0]?.count ?? 0) > 0 ? earlier : [];
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
              before={before[index]}
              unit={unit}
              isChosen={told === step}
              choose={() => setChosen(step.index)}
            />
          ))}
      </section>
      <div className="row wrap" style={{ gap: 14, marginTop: 10 }}>
        <span className="key">reached</span>
        <span className="key lost">stopped</span>
        <span className="key pending">may still get there</span>
        {before.length > 0 && <span className="key was">reached in the time before</span>}
        {earlier.length > before.length && <span className="small soft">Nobody entered in the time before.</span>}
      </div>
      {told !== undefined && (
        <p aria-live="polite" style={{ marginTop: 10 }}>
          {told === worst && worst.dropped > 0 && chosen === null && <strong>Most are lost here: </strong>}
          {sentence(told, steps[steps.indexOf(told) - 1], unit)}
        </p>
      )}
      {told !== undefined && show !== undefined && <Behind step={told} unit={unit} show={show} />}
      <BehindChart
        caption="The funnel's steps"
        head={[
          'Step',
          capital(unit[1]),
          'From start',
          'From previous',
          'Stopped',
          'Pending',
          'Median',
          'Average',
          ...(before.length > 0 ? ['From start before'] : []),
        ]}
        rows={steps.map((step, index) => [
          `${index + 1}. ${step.label}`,
          count(step.count),
          percent(step.fromStart),
          percent(step.fromPrevious),
          count(step.dropped),
          count(step.pending),
          duration(step.medianSeconds),
          duration(step.averageSeconds),
          ...(before.length > 0 ? [percent(before[index]?.fromStart ?? null)] : []),
        ])}
      />
    </figure>
  );
};

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Ways to who is behind the bar that is told about; none where nobody is. */
const Behind = ({
  step,
  unit,
  show,
}: {
  step: Step;
  unit: Unit;
  show: (index: number, outcome: 'reached' | 'dropped' | 'pending') => void;
}) => {
  const ways = [
    { outcome: 'reached', number: step.count, text: 'who reached it' },
    { outcome: 'dropped', number: step.dropped, text: 'who stopped' },
    { outcome: 'pending', number: step.pending, text: 'who may still' },
  ] as const;
  return (
    <div className="row wrap" style={{ marginTop: 10 }}>
      {ways.map(
        ({ outcome, number, text }) =>
          number > 0 && (
            <Button
              key={outcome}
              variant="default"
              size="compact-sm"
              fw={500}
              leftSection={<Users size={14} />}
              onClick={() => show(step.index, outcome)}
            >
              {plural(number, ...unit)} {unit[0] === 'person' ? text : text.replace('who', 'that')}
            </Button>
          ),
      )}
    </div>
  );
};

type StepProps = {
  step: Step;
  before: Step | undefined;
  unit: Unit;
  previous: Step | undefined;
  next: Step | undefined;
  first: number;
  number: number;
  isChosen: boolean;
  choose: () => void;
};

const ColumnStep = ({ step, before, unit, previous, next, first, number, isChosen, choose }: StepProps) => {
  const reached = share(step.count, first);
  const pending = share(step.pending, first);
  const lost = share(step.dropped, first);
  return (
    <button
      type="button"
      className="funnel-step"
      aria-pressed={isChosen}
      aria-label={sentence(step, previous, unit)}
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
        {before !== undefined && <span className="was" style={{ bottom: `${before.fromStart * 100}%` }} />}
        {next !== undefined && (
          <svg className="funnel-flow" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
            <polygon points={`0,${100 - reached} 100,${100 - share(next.count, first)} 100,100 0,100`} />
          </svg>
        )}
      </span>
      <span className="foot">
        <span>
          <b>{percent(step.fromStart)}</b> of all
          {before !== undefined && ` (${percent(before.fromStart)} before)`}
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

const RowStep = ({ step, before, unit, previous, first, number, isChosen, choose }: StepProps) => {
  const reached = share(step.count, first);
  const pending = reached + share(step.pending, first);
  const lost = pending + share(step.dropped, first);
  return (
    <button
      type="button"
      className="rows-step"
      aria-pressed={isChosen}
      aria-label={sentence(step, previous, unit)}
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
        {before !== undefined && <span className="was" style={{ left: `${before.fromStart * 100}%` }} />}
      </span>
      {previous !== undefined && (
        <span className="small soft">
          {percent(step.fromPrevious)} of step before · {count(step.dropped)} stopped · {duration(step.medianSeconds)}{' '}
          median{before !== undefined && ` · ${percent(before.fromStart)} before`}
        </span>
      )}
    </button>
  );
};
