import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import type { listEventNames } from '../../../schemas/api/overview.ts';
import type { EventFilter } from '../../../schemas/filters.ts';
import { useAnswer } from '../ask.ts';
import { count } from '../format.ts';
import { useSite } from '../session.ts';
import './steps-editor.css';
import { WhereEditor } from './where-editor.tsx';

export type EventName = { event: string; count: number };

/** Names of the site's events, most frequent first. */
export const useEventNames = (): readonly EventName[] =>
  useAnswer<typeof listEventNames>(
    { method: 'GET', path: '/api/sites/:site/event-names' },
    { params: { site: useSite().id } },
  ).data?.events ?? [];

/** How "any event" is called where it can be chosen; questions call it `*`. */
const anyEvent = 'Any event';

/** An event with its conditions, in a row of its own. */
export const EventField = ({
  label,
  value,
  names,
  change,
}: {
  label: string;
  value: EventFilter;
  names: readonly EventName[];
  change: (value: EventFilter) => void;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
  <div className="event-field" role="group" aria-label={label}>
    <span className="event-field-label">{label}</span>
    <EventPicker
      label={`${label}: event`}
      value={value.event === '*' ? anyEvent : value.event}
      names={[{ event: anyEvent, count: names.reduce((sum, one) => sum + one.count, 0) }, ...names]}
      change={(event) => change({ ...value, event: event === anyEvent ? '*' : event })}
    />
    <div className="step-where">
      <WhereEditor of={label} where={value.where} change={(where) => change({ ...value, where })} />
    </div>
  </div>
);

/** Any name can be typed; those that were seen are offered with how often. */
export const EventPicker = ({
  label,
  value,
  names,
  change,
}: {
  label: string;
  value: string;
  names: readonly EventName[];
  change: (event: string) => void;
}) => {
  const [typed, setTyped] = useState<string | null>(null);
  const counts = new Map(names.map((one) => [one.event, one.count]));
  const commit = (event: string): void => {
    setTyped(null);
    if (event !== '' && event !== value) change(event);
  };
  return (
    <Autocomplete
      aria-label={label}
      value={typed ?? value}
      data={names.map((one) => one.event)}
      limit={60}
      maxDropdownHeight={320}
      filter={({ options, search }) =>
        typed === null
          ? options
          : options.filter((one) => 'value' in one && one.value.toLowerCase().includes(search.trim().toLowerCase()))
      }
      onChange={setTyped}
      onOptionSubmit={commit}
      onBlur={() => commit((typed ?? value).trim())}
      onFocus={({ currentTarget }) => currentTarget.select()}
      renderOption={({ option }) => (
        <div className="row apart" style={{ width: '100%' }}>
          <span className="clip">{option.value}</span>
          <span className="small soft num">{count(counts.get(option.value) ?? 0)}</span>
        </div>
      )}
      rightSection={
        counts.has(value) ? undefined : names.length > 0 && typed === null ? (
          <span title="No such event in the last 90 days" style={{ color: 'var(--warn)' }}>
            ?
          </span>
        ) : undefined
      }
    />
  );
};
