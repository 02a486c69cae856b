import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Criterion } from '../../../../schemas/segment.ts';
import {
  criterionOf,
  type Draft,
  type DraftKind,
  draftKinds,
  freshDraft,
  type GroupDraft,
  groupOf,
} from '../../criterion-draft.ts';
import { readChoice } from '../../search.ts';
import { segmentWords } from '../../segment-words.ts';
import { useSite } from '../../session.ts';
import { useSegments } from '../segment-select.tsx';
import './criterion-form.css';
import { CriterionJson } from './criterion-json.tsx';
import { DraftFields } from './draft-fields.tsx';

const mostDrafts = 10;
/** How deep groups may stand in each other: the schema takes five levels, and a line may be two. */
const mostGroups = 3;
const kinds = Object.keys(draftKinds) as DraftKind[];
const matches = [
  { value: 'all', label: 'All' },
  { value: 'any', label: 'Any' },
  { value: 'not', label: 'None' },
] as const;

/** `of`: whose conditions they are, where a page has several such forms. `self`: the segment that they make, which cannot be in itself. */
type Whose = { of: string; self?: string | undefined };

/** Who somebody is and what they did, line by line, and all of it as JSON. */
export const CriterionForm = ({
  of = '',
  self,
  criterion,
  change,
}: Partial<Whose> & { criterion: Criterion; change: (criterion: Criterion) => void }) => {
  const { currency } = useSite();
  const [kept, setKept] = useState<{ says: string; group: GroupDraft } | null>(null);
  // Lines stay as they are written for as long as they say what is given; else they are read from it anew.
  const group = kept !== null && kept.says === JSON.stringify(criterion) ? kept.group : groupOf(criterion, currency);
  const set = (next: GroupDraft): void => {
    const made = criterionOf(next, currency);
    setKept({ says: JSON.stringify(made), group: next });
    change(made);
  };
  return (
    <div className="stack tight">
      <Lines whose={{ of, self }} group={group} change={set} />
      <CriterionJson of={of} criterion={criterion} change={change} />
    </div>
  );
};

/** `place` of a group within others: `2.`, by which its lines are called 2.1, 2.2 … */
const Lines = ({
  whose,
  group,
  change,
  place = '',
  depth = 1,
}: {
  whose: Whose;
  group: GroupDraft;
  change: (group: GroupDraft) => void;
  place?: string;
  depth?: number;
}) => {
  const { drafts } = group;
  const into = `${place === '' ? '' : ` to condition ${place.slice(0, -1)}`}${whose.of}`;
  const isFull = drafts.length >= mostDrafts;
  const add = (draft: Draft): void => change({ ...group, drafts: [...drafts, draft] });
  return (
    <div className="stack tight">
      <div className="row">
        <SegmentedControl
          aria-label={
            place === '' ? `Who belongs${whose.of}` : `Who belongs by condition ${place.slice(0, -1)}${whose.of}`
          }
          data={[...matches]}
          value={group.match}
          onChange={(value) => change({ ...group, match: readChoice(value, ['all', 'any', 'not'] as const, 'all') })}
        />
        <span className="soft">of these</span>
      </div>
      {drafts.map((draft, index) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place
          key={index}
          whose={whose}
          place={`${place}${index + 1}`}
          depth={depth}
          draft={draft}
          change={(next) => change({ ...group, drafts: drafts.map((one, at) => (at === index ? next : one)) })}
          remove={
            drafts.length === 1 ? null : () => change({ ...group, drafts: drafts.filter((_, at) => at !== index) })
          }
        />
      ))}
      <div className="row wrap">
        <Button
          aria-label={`Add a condition${into}`}
          variant="default"
          size="xs"
          leftSection={<Plus size={14} />}
          disabled={isFull}
          onClick={() => add(freshDraft)}
        >
          Add a condition
        </Button>
        {depth < mostGroups && (
          <Button
            aria-label={`Add a group${into}`}
            variant="subtle"
            color="gray"
            size="xs"
            disabled={isFull}
            onClick={() => add({ kind: 'group', match: 'any', drafts: [freshDraft] })}
          >
            Add a group
          </Button>
        )}
      </div>
    </div>
  );
};

type LineProps = {
  whose: Whose;
  place: string;
  depth: number;
  draft: Draft;
  change: (draft: Draft) => void;
  remove: (() => void) | null;
};

const Line = ({ whose, place, depth, draft, change, remove }: LineProps) => {
  const name = `Condition ${place}${whose.of}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="step criterion-line" role="group" aria-label={name}>
      <div className="criterion-fields">
        {draft.kind === 'group' ? (
          <Lines whose={whose} group={draft} change={change} place={`${place}.`} depth={depth + 1} />
        ) : draft.kind === 'kept' ? (
          <Kept criterion={draft.criterion} />
        ) : (
          <>
            <Select
              aria-label={`${name}: kind`}
              data={kinds.map((value) => ({ value, label: draftKinds[value] }))}
              value={draft.kind}
              allowDeselect={false}
              w={200}
              onChange={(kind) => change({ ...draft, kind: readChoice(kind, kinds, 'did') })}
            />
            <DraftFields name={name} self={whose.self} draft={draft} change={change} />
          </>
        )}
      </div>
      {remove !== null && (
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove ${name}`} onClick={remove}>
          <X size={16} />
        </ActionIcon>
      )}
    </div>
  );
};

/** What no fields are there for is told, and changed below. */
const Kept = ({ criterion }: { criterion: Criterion }) => {
  const { nameOf } = useSegments();
  return (
    <span className="grow break" style={{ alignSelf: 'center' }}>
      {segmentWords(criterion, nameOf)} <span className="small soft">· kept as it is; changed as JSON</span>
    </span>
  );
};
