import { Autocomplete, NativeSelect, NumberInput, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Bound, bounds, type WrittenDraft } from '../../criterion-draft.ts';
import { rfmClasses, rfmNames } from '../../rfm.ts';
import { type Operator, operators, readChoice } from '../../search.ts';
import { useSite } from '../../session.ts';
import { EventPicker, useEventNames } from '../event-picker.tsx';
import { useSegments } from '../segment-select.tsx';
import { placeholders, WhereEditor } from '../where-editor.tsx';

type FieldsProps = { name: string; draft: WrittenDraft; change: (draft: WrittenDraft) => void };

/** What a line takes besides its kind. */
export const DraftFields = ({ self, ...props }: FieldsProps & { self: string | undefined }): ReactNode => {
  const { currency } = useSite();
  const { name, draft, change } = props;
  switch (draft.kind) {
    case 'did':
    case 'didNot':
      return <EventFields {...props} />;
    case 'inSegment':
    case 'notInSegment':
      return <SegmentField {...props} self={self} />;
    case 'seen':
    case 'firstSeen':
      return (
        <Days name={name} days={Math.max(1, draft.days)} least={1} change={(days) => change({ ...draft, days })} />
      );
    case 'lifetimeValue':
      return (
        <NumberInput
          aria-label={`${name}: worth in ${currency}`}
          value={draft.amount}
          min={0}
          suffix={` ${currency}`}
          w={150}
          onChange={(amount) => change({ ...draft, amount: Number(amount) || 0 })}
        />
      );
    case 'rfm':
      return (
        <Select
          aria-label={`${name}: class`}
          data={rfmClasses.map((value) => ({ value, label: rfmNames[value] }))}
          value={draft.rfmClass}
          allowDeselect={false}
          w={200}
          onChange={(value) => change({ ...draft, rfmClass: readChoice(value, rfmClasses, 'champions') })}
        />
      );
    case 'trait':
      return <TraitFields {...props} />;
    default:
      return draft.kind satisfies never;
  }
};

const EventFields = ({ name, draft, change }: FieldsProps) => {
  const names = useEventNames();
  return (
    <>
      <div className="wide">
        <EventPicker
          label={`${name}: event`}
          value={draft.event}
          names={names}
          change={(event) => change({ ...draft, event })}
        />
      </div>
      {draft.kind === 'did' && <Times name={name} draft={draft} change={change} />}
      <Days name={name} days={draft.days} least={0} change={(days) => change({ ...draft, days })} />
      <div className="step-where">
        <WhereEditor of={name} where={draft.where} change={(where) => change({ ...draft, where })} />
      </div>
    </>
  );
};

const boundNames = Object.keys(bounds) as Bound[];

const Times = ({ name, draft, change }: FieldsProps) => (
  <div className="row" style={{ gap: 6 }}>
    <NativeSelect
      aria-label={`${name}: how often`}
      data={boundNames.map((value) => ({ value, label: bounds[value] }))}
      value={draft.bound}
      w={104}
      onChange={({ currentTarget }) => {
        const bound = readChoice(currentTarget.value, boundNames, 'atLeast');
        change({ ...draft, bound, times: bound === 'atLeast' ? Math.max(1, draft.times) : draft.times });
      }}
    />
    <NumberInput
      aria-label={`${name}: times`}
      suffix=" ×"
      value={draft.times}
      // At least none is everybody.
      min={draft.bound === 'atLeast' ? 1 : 0}
      max={1000}
      allowDecimal={false}
      w={84}
      onChange={(times) => {
        if (typeof times === 'number') change({ ...draft, times });
      }}
    />
  </div>
);

const SegmentField = ({ name, draft, change, self }: FieldsProps & { self: string | undefined }) => {
  const { segments } = useSegments();
  const known = segments.filter(({ id }) => id !== self).map(({ id, name: label }) => ({ value: id, label }));
  const isKnown = draft.segment === '' || known.some(({ value }) => value === draft.segment);
  return (
    <div className="wide">
      <NativeSelect
        aria-label={`${name}: segment`}
        data={[
          { value: '', label: known.length === 0 ? 'No segments are saved yet' : 'Choose a segment' },
          ...known,
          ...(isKnown ? [] : [{ value: draft.segment, label: draft.segment }]),
        ]}
        value={draft.segment}
        required
        onChange={({ currentTarget }) => change({ ...draft, segment: currentTarget.value })}
      />
    </div>
  );
};

const periods = [0, 1, 3, 7, 14, 30, 60, 90, 180, 365];

const Days = ({
  name,
  days,
  least,
  change,
}: {
  name: string;
  days: number;
  least: number;
  change: (days: number) => void;
}) => (
  <Select
    aria-label={`${name}: when`}
    data={[...new Set([...periods, days])]
      .filter((value) => value >= least)
      .toSorted((one, other) => one - other)
      .map((value) => ({
        value: String(value),
        label: value === 0 ? 'at any time' : value === 1 ? 'in the last day' : `in the last ${value} days`,
      }))}
    value={String(days)}
    allowDeselect={false}
    w={184}
    onChange={(value) => change(Number(value ?? 30))}
  />
);

const TraitFields = ({ name, draft, change }: FieldsProps) => {
  const takesValue = draft.op !== 'exists' && draft.op !== 'notExists';
  return (
    <>
      <div className="wide">
        <Autocomplete
          aria-label={`${name}: what is known`}
          data={['person.email', 'person.userId', 'traits.plan', 'traits.country']}
          value={draft.property}
          required
          pattern="(traits|person)\..+"
          title="traits.… or person.…"
          onChange={(property) => change({ ...draft, property })}
        />
      </div>
      <Select
        aria-label={`${name}: operator`}
        data={Object.entries(operators).map(([value, label]) => ({ value, label }))}
        value={draft.op}
        allowDeselect={false}
        w={140}
        onChange={(op) => change({ ...draft, op: readChoice(op, Object.keys(operators) as Operator[], 'exists') })}
      />
      {takesValue && (
        <div className="wide">
          <TextInput
            aria-label={`${name}: value`}
            placeholder={placeholders[draft.op] ?? 'value'}
            value={draft.value}
            required
            onChange={({ currentTarget }) => change({ ...draft, value: currentTarget.value })}
          />
        </div>
      )}
    </>
  );
};
