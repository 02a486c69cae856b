import { NumberInput, Select } from '@mantine/core';
import { duration } from '../format.ts';
import { windowLimits } from '../funnel-search.ts';

const units = { minutes: 60, hours: 3600, days: 86_400 } as const;
type Unit = keyof typeof units;
const unitOf = (seconds: number): Unit =>
  seconds % units.days === 0 ? 'days' : seconds % units.hours === 0 ? 'hours' : 'minutes';

/** How long the way from the first step to the last may take. */
export const WindowEditor = ({ seconds, change }: { seconds: number; change: (seconds: number) => void }) => {
  const unit = unitOf(seconds);
  const set = (value: number, of: Unit): void =>
    change(Math.min(windowLimits.most, Math.max(windowLimits.least, Math.round(value * units[of]))));
  return (
    <div className="row wrap" style={{ alignItems: 'end' }}>
      <NumberInput
        label="Conversion window"
        value={seconds / units[unit]}
        min={1}
        max={366}
        clampBehavior="strict"
        w={170}
        onChange={(value) => {
          if (typeof value === 'number' && value > 0) set(value, unit);
        }}
      />
      <Select
        aria-label="Unit of the conversion window"
        data={Object.keys(units)}
        value={unit}
        allowDeselect={false}
        w={120}
        onChange={(value) => {
          if (value !== null && value in units) set(seconds / units[unit], value as Unit);
        }}
      />
      <span className="soft small" style={{ paddingBottom: 8 }}>
        All steps within {duration(seconds)} of the first.
      </span>
    </div>
  );
};
