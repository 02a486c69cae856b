import { Button, Popover } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { CalendarDays } from 'lucide-react';
import { useState } from 'react';
import { labelOf, type PageRange, type Preset, presets } from '../range.ts';

const choices = Object.entries(presets) as [Preset, (typeof presets)[Preset]][];

/** Presets and a calendar; days are the site's. */
export const RangePicker = ({
  value,
  timeZone,
  onChange,
}: {
  value: PageRange;
  timeZone: string;
  onChange: (range: PageRange) => void;
}) => {
  const [isOpen, setOpen] = useState(false);
  const [days, setDays] = useState<[string | null, string | null]>([null, null]);
  const choose = (range: PageRange): void => {
    onChange(range);
    setOpen(false);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<CalendarDays size={15} />}
          onClick={() => setOpen(!isOpen)}
          aria-label={`Period: ${labelOf(value)}`}
        >
          {labelOf(value)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="row wrap" style={{ marginBottom: 10, maxWidth: 270 }}>
          {choices.map(([range, { label }]) => (
            <Button
              key={range}
              size="compact-sm"
              variant={value.range === range ? 'filled' : 'default'}
              aria-pressed={value.range === range}
              onClick={() => choose({ range, from: '', to: '' })}
            >
              {label}
            </Button>
          ))}
        </div>
        <DatePicker
          type="range"
          weekendDays={[]}
          allowSingleDateInRange
          value={days[0] === null && value.range === 'custom' ? [value.from, value.to] : days}
          onChange={([from, to]) => {
            setDays([from, to]);
            if (from === null || to === null) return;
            setDays([null, null]);
            choose({ range: 'custom', from, to });
          }}
        />
        <p className="small soft" style={{ marginTop: 8 }}>
          Days of {timeZone}
        </p>
      </Popover.Dropdown>
    </Popover>
  );
};
