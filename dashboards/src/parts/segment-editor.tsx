import { ActionIcon, Autocomplete, Button, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import type {
  createSegment,
  getSegment,
  previewSegment,
  putSegment,
  SegmentAnswer,
} from '../../../schemas/api/segments.ts';
import type { Criterion } from '../../../schemas/segment.ts';
import { useAnswer } from '../ask.ts';
import { call, Problem } from '../call.ts';
import { count } from '../format.ts';
import { rfmClasses, rfmNames } from '../rfm.ts';
import { readChoice } from '../search.ts';
import {
  type Draft,
  type DraftKind,
  draftKinds,
  draftsOf,
  freshDraft,
  segmentOf,
  type WrittenDraft,
} from '../segment-draft.ts';
import { segmentWords } from '../segment-words.ts';
import { useSite } from '../session.ts';
import { EventPicker, useEventNames } from './event-picker.tsx';
import { Faults } from './faults.tsx';
import { Tile } from './tile.tsx';

const mostDrafts = 10;
const kinds = Object.keys(draftKinds) as DraftKind[];

type EditorProps = {
  /** What the editor changes; nothing: it makes a new one. */
  saved: SegmentAnswer | null;
  /** What other segments are called. */
  nameOf: (id: string) => string;
  done: (id: string | null) => void;
};

/** It edits what was there when it was opened: a newer version is shown when it is asked for, and never pulls away what was written. */
export const SegmentEditor = ({ saved, nameOf, done }: EditorProps) => {
  const [base, setBase] = useState(saved);
  return <Form key={base?.version} saved={base} nameOf={nameOf} done={done} renew={setBase} />;
};

const useSaving = (saved: SegmentAnswer | null, done: EditorProps['done']) => {
  const site = useSite();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; is: Criterion }) =>
      saved === null
        ? call<typeof createSegment>(
            { method: 'POST', path: '/api/sites/:site/segments' },
            { params: { site: site.id }, body },
          )
        : call<typeof putSegment>(
            { method: 'PUT', path: '/api/sites/:site/segments/:id' },
            {
              params: { site: site.id, id: saved.id },
              body: { ...body, description: saved.segment.description },
            },
            { ifMatch: saved.version },
          ),
    onSuccess: async ({ id }) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments'] }),
        queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments/:id/persons'] }),
      ]);
      done(id);
    },
  });
};

/** Conditions line by line, and how many people they mean while they are written. */
const Form = ({ saved, nameOf, done, renew }: EditorProps & { renew: (newest: SegmentAnswer) => void }) => {
  const { currency } = useSite();
  const [start] = useState(() =>
    saved === null ? { match: 'all' as const, drafts: [freshDraft] } : draftsOf(saved.segment.is, currency),
  );
  const [name, setName] = useState(saved?.segment.name ?? '');
  const [match, setMatch] = useState<'all' | 'any'>(start.match);
  const [drafts, setDrafts] = useState<readonly Draft[]>(start.drafts);
  const is = segmentOf(drafts, match, currency);
  const saving = useSaving(saved, done);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate({ name, is });
  };
  return (
    <Tile title={saved === null ? 'New segment' : `Edit “${saved.segment.name}”`} aside={<Preview is={is} />}>
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
            nameOf={nameOf}
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
            // The button that opened it is gone: the focus goes on here.
            autoFocus={saved !== null}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
          <Button variant="subtle" color="gray" onClick={() => done(null)}>
            Cancel
          </Button>
        </div>
        <NotSaved error={saving.error} id={saved?.id ?? null} renew={renew} />
      </form>
    </Tile>
  );
};

/** Why it was not saved; where somebody else was faster, with the way to what they made of it. */
const NotSaved = ({
  error,
  id,
  renew,
}: {
  error: Error | null;
  id: string | null;
  renew: (newest: SegmentAnswer) => void;
}) => {
  const site = useSite();
  const queries = useQueryClient();
  const reading = useMutation({
    mutationFn: (segment: string) =>
      call<typeof getSegment>(
        { method: 'GET', path: '/api/sites/:site/segments/:id' },
        { params: { site: site.id, id: segment } },
      ),
    onSuccess: async (newest) => {
      renew(newest);
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments'] });
    },
  });
  if (id === null || !(error instanceof Problem) || error.status !== 412) return <Faults error={error} />;
  return (
    <div role="alert" className="row wrap" style={{ color: 'var(--bad)' }}>
      <span>Not saved: somebody else changed this segment since you opened it.</span>
      <Button variant="default" size="xs" loading={reading.isPending} onClick={() => reading.mutate(id)}>
        Drop my changes and show theirs
      </Button>
      <Faults error={reading.error} />
    </div>
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
  nameOf,
  change,
  remove,
}: {
  name: string;
  draft: Draft;
  nameOf: EditorProps['nameOf'];
  change: (draft: Draft) => void;
  remove: (() => void) | null;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
  <div className="step fields" role="group" aria-label={name}>
    {draft.kind === 'kept' ? (
      <span className="grow break" style={{ alignSelf: 'center' }}>
        {segmentWords(draft.criterion, nameOf)} <span className="small soft">· made over the API, kept as it is</span>
      </span>
    ) : (
      <>
        <Select
          aria-label={`${name}: kind`}
          data={kinds.map((value) => ({ value, label: draftKinds[value] }))}
          value={draft.kind}
          allowDeselect={false}
          w={170}
          onChange={(kind) => change({ ...draft, kind: readChoice(kind, kinds, 'did') })}
        />
        <DraftFields name={name} draft={draft} change={change} />
      </>
    )}
    {remove !== null && (
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove ${name}`} onClick={remove}>
        <X size={16} />
      </ActionIcon>
    )}
  </div>
);

type FieldsProps = { name: string; draft: WrittenDraft; change: (draft: WrittenDraft) => void };

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
