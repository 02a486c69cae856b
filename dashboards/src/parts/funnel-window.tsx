import { NumberInput, Select } from '@mantine/core';
import { duration } from '../format.ts';
import { windowLimits } from '../funnel-search.ts';
import { timeUnits, unitOf } from '../time-units.ts';

/** How long the way from the first step to the last may take. */
export const WindowEditor = ({ seconds, change }: { seconds: number; change: (seconds: number) => void }) => {
  const unit = unitOf(seconds);
  const set = (value: number, of: number): void =>
    change(Math.min(windowLimits.most, Math.max(windowLimits.least, Math.round(value * of))));
  return (
    <div className="row wrap" style={{ alignItems: 'end' }}>
      <NumberInput
        label="Conversion window"
        value={seconds / unit}
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
        data={timeUnits}
        value={String(unit)}
        allowDeselect={false}
        w={120}
        onChange={(value) => {
          if (value !== null) set(seconds / unit, Number(value));
        }}
      />
      <span className="soft small" style={{ paddingBottom: 8 }}>
        All steps within {duration(seconds)} of the first.
      </span>
    </div>
  );
};
