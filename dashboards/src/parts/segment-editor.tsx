import { ActionIcon, Autocomplete, Button, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { createSegment, previewSegment } from '../../../schemas/api/segments.ts';
import { useAnswer } from '../ask.ts';
import { call } from '../call.ts';
import { count } from '../format.ts';
import { rfmClasses, rfmNames } from '../rfm.ts';
import { readChoice } from '../search.ts';
import { type Draft, type DraftKind, draftKinds, freshDraft, segmentOf } from '../segment-draft.ts';
import { useSite } from '../session.ts';
import { EventPicker, useEventNames } from './event-picker.tsx';
import { Tile } from './tile.tsx';

const mostDrafts = 10;
const kinds = Object.keys(draftKinds) as DraftKind[];

/** A new segment: conditions line by line, and how many people they mean while they are written. */
export const SegmentEditor = ({ done }: { done: (id: string | null) => void }) => {
  const site = useSite();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [match, setMatch] = useState<'all' | 'any'>('all');
  const [drafts, setDrafts] = useState<readonly Draft[]>([freshDraft]);
  const is = segmentOf(drafts, match, site.currency);
  const saving = useMutation({
    mutationFn: () =>
      call<typeof createSegment>(
        { method: 'POST', path: '/api/sites/:site/segments' },
        { params: { site: site.id }, body: { name, is } },
      ),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments'] });
      done(id);
    },
  });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Tile title="New segment" aside={<Preview is={is} />}>
      <form className="stack" onSubmit={save}>
        <SegmentedControl
          aria-label="Who belongs"
          style={{ justifySelf: 'start' }}
          data={[
            { value: 'all', label: 'All of these' },
            { value: 'any', label: 'Any of these' },
          ]}
          value={match}
          onChange={(value) => setMatch(readChoice(value, ['all', 'any'] as const, 'all'))}
        />
        {drafts.map((draft, place) => (
          <DraftRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place
            key={place}
            name={`Condition ${place + 1}`}
            draft={draft}
            change={(next) => setDrafts(drafts.map((one, at) => (at === place ? next : one)))}
            remove={drafts.length === 1 ? null : () => setDrafts(drafts.filter((_, at) => at !== place))}
          />
        ))}
        <div>
          <Button
            variant="default"
            leftSection={<Plus size={15} />}
            disabled={drafts.length >= mostDrafts}
            onClick={() => setDrafts([...drafts, freshDraft])}
          >
            Add a condition
          </Button>
        </div>
        <div className="fields">
          <TextInput
            label="Name"
            value={name}
            maxLength={100}
            required
            withAsterisk={false}
            w={260}
            error={saving.error?.message}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
          <Button variant="subtle" color="gray" onClick={() => done(null)}>
            Cancel
          </Button>
        </div>
      </form>
    </Tile>
  );
};

/** Asked when the writing pauses: not with every key. */
const Preview = ({ is }: { is: ReturnType<typeof segmentOf> }) => {
  const site = useSite();
  const [asked] = useDebouncedValue(JSON.stringify(is), 400);
  const answer = useAnswer<typeof previewSegment>(
    { method: 'POST', path: '/api/sites/:site/segments/preview' },
    { params: { site: site.id }, body: { is: JSON.parse(asked) as typeof is, limit: 0 } },
  );
  return (
    <span className="soft num" aria-live="polite">
      {answer.error !== null ? (
        answer.error.message
      ) : answer.data === undefined ? (
        'counting …'
      ) : (
        <>
          <strong style={{ color: 'var(--ink)' }}>{count(answer.data.count)}</strong> of {count(answer.data.of)} people
        </>
      )}
    </span>
  );
};

const DraftRow = ({
  name,
  draft,
  change,
  remove,
}: {
  name: string;
  draft: Draft;
  change: (draft: Draft) => void;
  remove: (() => void) | null;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
  <div className="step fields" role="group" aria-label={name}>
    <Select
      aria-label={`${name}: kind`}
      data={kinds.map((value) => ({ value, label: draftKinds[value] }))}
      value={draft.kind}
      allowDeselect={false}
      w={170}
      onChange={(kind) => change({ ...draft, kind: readChoice(kind, kinds, 'did') })}
    />
    <DraftFields name={name} draft={draft} change={change} />
    {remove !== null && (
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove ${name}`} onClick={remove}>
        <X size={16} />
      </ActionIcon>
    )}
  </div>
);

type FieldsProps = { name: string; draft: Draft; change: (draft: Draft) => void };

const DraftFields = ({ name, draft, change }: FieldsProps): ReactNode => {
  const { currency } = useSite();
  switch (draft.kind) {
    case 'did':
    case 'didNot':
      return <EventFields name={name} draft={draft} change={change} />;
    case 'seen':
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
      return <TraitFields name={name} draft={draft} change={change} />;
    default:
      return draft.kind satisfies never;
  }
};

const EventFields = ({ name, draft, change }: FieldsProps) => {
  const names = useEventNames();
  return (
    <>
      <EventPicker
        label={`${name}: event`}
        value={draft.event}
        names={names}
        change={(event) => change({ ...draft, event })}
      />
      {draft.kind === 'did' && (
        <NumberInput
          aria-label={`${name}: times at least`}
          prefix="at least "
          suffix=" ×"
          value={draft.times}
          min={1}
          max={1000}
          w={130}
          onChange={(times) => change({ ...draft, times: Math.max(1, Number(times) || 1) })}
        />
      )}
      <Days name={name} days={draft.days} least={0} change={(days) => change({ ...draft, days })} />
    </>
  );
};

const periods = [0, 1, 7, 30, 90, 365];

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
    data={periods
      .filter((value) => value >= least)
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

/** An empty value asks whether anything is known. */
const TraitFields = ({ name, draft, change }: FieldsProps) => (
  <>
    <Autocomplete
      aria-label={`${name}: what is known`}
      data={['person.email', 'person.userId', 'traits.plan', 'traits.country']}
      value={draft.property}
      w={180}
      onChange={(property) => change({ ...draft, property })}
    />
    <TextInput
      aria-label={`${name}: containing`}
      placeholder="any value"
      value={draft.value}
      w={180}
      onChange={({ currentTarget }) => change({ ...draft, value: currentTarget.value })}
    />
  </>
);
