import { ActionIcon, Button, NativeSelect, NumberInput } from '@mantine/core';
import { Timer, X } from 'lucide-react';
import { useState } from 'react';
import type { FunnelStep } from '../../../schemas/api/funnel-definition.ts';
import { longestSeconds } from '../search.ts';
import { timeUnits, unitOf } from '../time-units.ts';

const hour = 3600;

const occurrences = [
  { value: 'any', label: 'any time they do it' },
  { value: 'ever', label: 'only the first time ever' },
  { value: 'matching', label: 'only the first time that fits the filter' },
];
const occurrenceOf = ({ firstEver, firstMatching }: FunnelStep): string =>
  firstEver === true ? 'ever' : firstMatching === true ? 'matching' : 'any';

/** How soon after the step before, and which time of a person's counts. Folded away while nothing is limited. */
export const StepLimits = ({
  step,
  name,
  canBeTimed,
  change,
}: {
  step: FunnelStep;
  name: string;
  canBeTimed: boolean;
  change: (step: FunnelStep) => void;
}) => {
  const [isOpened, setOpened] = useState(false);
  const occurrence = occurrenceOf(step);
  const { withinSeconds, firstEver: _ever, firstMatching: _matching, ...rest } = step;
  const isLimited = occurrence !== 'any' || withinSeconds !== undefined;
  if (!isOpened && !isLimited)
    return (
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<Timer size={13} />}
        mih={36}
        aria-label={`Limits of ${name}`}
        onClick={() => setOpened(true)}
      >
        Limits
      </Button>
    );
  const within = withinSeconds === undefined ? {} : { withinSeconds };
  const which = occurrence === 'ever' ? { firstEver: true } : occurrence === 'matching' ? { firstMatching: true } : {};
  return (
    <div className="step-limits">
      {canBeTimed && (
        <Within name={name} seconds={withinSeconds} change={(limit) => change({ ...rest, ...which, ...limit })} />
      )}
      <NativeSelect
        aria-label={`${name} counts`}
        data={occurrences}
        value={occurrence}
        onChange={({ currentTarget: { value } }) =>
          change({
            ...rest,
            ...within,
            ...(value === 'ever' ? { firstEver: true } : value === 'matching' ? { firstMatching: true } : {}),
          })
        }
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`No limits of ${name}`}
        onClick={() => {
          setOpened(false);
          change(rest);
        }}
      >
        <X size={15} />
      </ActionIcon>
    </div>
  );
};

/** Nothing said: whenever the conversion window allows. */
const Within = ({
  name,
  seconds,
  change,
}: {
  name: string;
  seconds: number | undefined;
  change: (limit: { withinSeconds?: number }) => void;
}) => {
  const [unit, setUnit] = useState(unitOf(seconds ?? hour));
  const set = (value: number, of: number): void =>
    change({ withinSeconds: Math.min(longestSeconds, Math.max(1, Math.round(value * of))) });
  return (
    <div className="row" style={{ gap: 6 }}>
      <span className="small soft">within</span>
      <NumberInput
        aria-label={`${name} within`}
        placeholder="any time"
        min={0}
        w={96}
        value={seconds === undefined ? '' : Number((seconds / unit).toFixed(2))}
        onChange={(value) => {
          if (typeof value === 'number' && value > 0) set(value, unit);
          else if (value === '') change({});
        }}
      />
      <NativeSelect
        aria-label={`${name} within: unit`}
        data={timeUnits}
        value={String(unit)}
        onChange={({ currentTarget }) => {
          const next = Number(currentTarget.value);
          setUnit(next);
          if (seconds !== undefined) set(seconds / unit, next);
        }}
      />
      <span className="small soft">of the step before</span>
    </div>
  );
};
