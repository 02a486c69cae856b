import { ActionIcon, Button, Select } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { FunnelStep } from '../../../schemas/api/funnel-definition.ts';
import {
  type Exclusion,
  effects,
  type FunnelChange,
  type FunnelSearch,
  fixedSteps,
  gapOf,
  mostExclusions,
} from '../funnel-search.ts';
import { readChoice } from '../search.ts';
import { EventField, type EventName } from './event-picker.tsx';

const effectOptions = [
  { value: 'exclude', label: 'is left out of all steps' },
  { value: 'block', label: 'cannot go on from there' },
];

/** Who does one of these on the way is not in the funnel, or gets no further. */
export const FunnelExclusions = ({
  search: { without, steps, order, effect },
  names,
  change,
}: {
  search: FunnelSearch;
  names: readonly EventName[];
  change: FunnelChange;
}) => {
  // A step of the funnel cannot be excluded: offered is what is none.
  const others = names.filter(({ event }) => steps.every((step) => step.event !== event));
  const offered = others.find(({ event }) => without.every((one) => one.event !== event));
  return (
    <div className="stack" style={{ gap: 8, justifyItems: 'start' }}>
      {without.map((one, place) => {
        const name = `Without ${place + 1}`;
        const set = (next: Exclusion): void =>
          change({ without: without.map((before, at) => (at === place ? next : before)) });
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an exclusion is its place
          <div key={place} className="row" style={{ alignItems: 'start', width: '100%' }}>
            <div className="grow stack" style={{ gap: 6 }}>
              <EventField label={name} value={one} names={others} change={(next) => set({ ...one, ...next })} />
              {order !== 'unordered' && fixedSteps(steps).length > 2 && (
                <Gap name={name} exclusion={one} steps={steps} change={set} />
              )}
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={`Remove exclusion ${place + 1}`}
              onClick={() => change({ without: without.filter((_, at) => at !== place) })}
            >
              <X size={16} />
            </ActionIcon>
          </div>
        );
      })}
      {without.length > 0 && (
        <Select
          label="Who does that"
          data={effectOptions}
          value={effect}
          allowDeselect={false}
          w={230}
          onChange={(value) => change({ effect: readChoice(value, effects, 'exclude') })}
        />
      )}
      {without.length < mostExclusions && steps.length > 1 && (
        <Button
          variant="default"
          leftSection={<Plus size={15} />}
          disabled={offered === undefined}
          onClick={() => change({ without: [...without, { event: offered?.event ?? '', where: [] }] })}
        >
          Leave out who did …
        </Button>
      )}
    </div>
  );
};

/** Between which steps it must not be done. */
const Gap = ({
  name,
  exclusion,
  steps,
  change,
}: {
  name: string;
  exclusion: Exclusion;
  steps: readonly FunnelStep[];
  change: (exclusion: Exclusion) => void;
}) => {
  const fixed = fixedSteps(steps);
  const { after, before } = gapOf(exclusion, steps);
  const nameOf = (index: number) => `${index + 1}. ${steps[index]?.label ?? steps[index]?.event ?? ''}`;
  const options = (places: number[]) => places.map((index) => ({ value: String(index), label: nameOf(index) }));
  return (
    <div className="row wrap" style={{ gap: 8 }}>
      <span className="small soft">between</span>
      <Select
        aria-label={`${name}: after which step`}
        size="xs"
        w={190}
        allowDeselect={false}
        data={options(fixed.filter((index) => index < before))}
        value={String(after)}
        onChange={(value) => change({ ...exclusion, after: Number(value) })}
      />
      <span className="small soft">and</span>
      <Select
        aria-label={`${name}: before which step`}
        size="xs"
        w={190}
        allowDeselect={false}
        data={options(fixed.filter((index) => index > after))}
        value={String(before)}
        onChange={(value) => change({ ...exclusion, before: Number(value) })}
      />
    </div>
  );
};
