import { NumberInput, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Automation } from '../../../../schemas/automation.ts';
import { criterionOf, freshDraft } from '../../criterion-draft.ts';
import { CriterionForm } from '../criterion-form/criterion-form.tsx';
import { SegmentSelect } from '../segment-select.tsx';
import { FaultLine, type FaultOf, order, Part, SecondsInput } from './fields.tsx';

export type DraftProps = { draft: Automation; change: (draft: Automation) => void; faultOf: FaultOf };

/** Conditions that are written here, and are no saved segment. */
const ownConditions = '*own';
/** Who has bought: most often asked, and whole as it stands. */
const freshConditions = criterionOf({ kind: 'group', match: 'all', drafts: [freshDraft] }, '');

export const AudiencePart = ({ draft, change, faultOf, faultUnder }: DraftProps & { faultUnder: FaultOf }) => {
  const { only, ...rest } = draft;
  // Conditions that say no more than one segment are still being written.
  const [isWriting, setWriting] = useState(false);
  const isOwn = only !== undefined && (isWriting || only.kind !== 'inSegment');
  const choose = (choice: string): void => {
    setWriting(choice === ownConditions);
    if (choice === ownConditions) change({ ...rest, only: only ?? freshConditions });
    else change(choice === '' ? rest : { ...rest, only: { kind: 'inSegment', segment: choice } });
  };
  return (
    <Part title="For whom">
      <SegmentSelect
        label="Only those in"
        about="Asked when somebody would come in, and again at each step."
        value={only === undefined ? '' : isOwn || only.kind !== 'inSegment' ? ownConditions : only.segment}
        others={[
          { value: '', label: 'Everybody' },
          { value: ownConditions, label: 'Conditions of its own …' },
        ]}
        fault={isOwn ? undefined : (faultOf('only.segment') ?? faultOf('only'))}
        change={choose}
      />
      {isOwn && (
        <>
          <CriterionForm of=" of the audience" criterion={only} change={(next) => change({ ...rest, only: next })} />
          <FaultLine fault={faultUnder('only')} />
        </>
      )}
      <div className="editor-fields">
        <NumberInput
          label="Control group"
          description="Of those who are due, so many get nothing: what it adds is measured against them."
          inputWrapperOrder={order}
          suffix="%"
          min={0}
          max={90}
          value={draft.holdoutPercent}
          error={faultOf('holdoutPercent')}
          onChange={(holdoutPercent) => {
            if (typeof holdoutPercent === 'number') change({ ...draft, holdoutPercent });
          }}
        />
        <SecondsInput
          label="In again after"
          about="From its last message until another occasion brings the same person in."
          seconds={draft.reentrySeconds}
          least={0}
          fault={faultOf('reentrySeconds')}
          change={(reentrySeconds) => change({ ...draft, reentrySeconds })}
        />
      </div>
    </Part>
  );
};

const purposes = [
  { value: 'marketing', label: 'Marketing' },
  { value: 'service', label: 'Service' },
];
const purposeWords: Readonly<Record<Automation['purpose'], string>> = {
  marketing: 'Needs consent where the contact rules ask for it, and keeps to quiet hours and the cap.',
  service:
    'About something the person is waiting for: goes without consent and to who unsubscribed, at any hour, and counts for no cap.',
};

export const PurposePart = ({ draft, change, faultOf }: DraftProps) => (
  <Part title="What for">
    <SegmentedControl
      aria-label="Purpose"
      data={purposes}
      value={draft.purpose}
      style={{ justifySelf: 'start' }}
      onChange={(value) => change({ ...draft, purpose: value === 'service' ? 'service' : 'marketing' })}
    />
    <p className="small soft">{purposeWords[draft.purpose]}</p>
    <div className="editor-fields">
      <NumberInput
        label="Priority"
        description="0 to 100. Where several are due for one person, the highest goes first."
        inputWrapperOrder={order}
        min={0}
        max={100}
        allowDecimal={false}
        value={draft.priority}
        error={faultOf('priority')}
        onChange={(priority) => {
          if (typeof priority === 'number') change({ ...draft, priority });
        }}
      />
    </div>
  </Part>
);
