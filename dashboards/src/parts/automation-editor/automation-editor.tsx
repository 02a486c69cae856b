import { Button, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { AutomationAnswer, putAutomation } from '../../../../schemas/api/automations.ts';
import type { Automation } from '../../../../schemas/automation.ts';
import { idsOf } from '../../automation-steps.ts';
import { call, Problem } from '../../call.ts';
import { useSite } from '../../session.ts';
import { Faults } from '../faults.tsx';
import { AudiencePart, PurposePart } from './audience.tsx';
import './automation-editor.css';
import { DraftPreview, useDraftPreview } from './draft-preview.tsx';
import { ExitsPart } from './exits.tsx';
import { faultFinder, faultFinderUnder, Part, within } from './fields.tsx';
import { SenderPart } from './sender.tsx';
import { StepList } from './steps.tsx';
import { TriggerPart } from './trigger.tsx';

/** A form over the whole document. Who saves what somebody else changed meanwhile is told so (If-Match). */
export const AutomationEditor = ({ answer }: { answer: AutomationAnswer }) => {
  const [base, setBase] = useState(answer);
  const [draft, setDraft] = useState<Automation>(answer.automation);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(base.automation);
  // What was typed into steps and could not be read is given up with the other changes.
  const [discards, setDiscards] = useState(0);
  const begin = (on: AutomationAnswer): void => {
    setBase(on);
    setDraft(on.automation);
  };
  // A newer version is taken in where nothing would be lost by it.
  if (answer.version > base.version && !isChanged) begin(answer);
  const saving = useSaving(base, draft, begin);
  const asking = useDraftPreview(base.id);
  const refused = saving.error ?? asking.error;
  const errors = refused instanceof Problem ? refused.errors : [];
  const faultOf = faultFinder(errors);
  const faultUnder = faultFinderUnder(errors);
  const form = useRef<HTMLFormElement>(null);
  // A field that is wrong may be far above the button.
  useEffect(() => {
    if (refused !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refused]);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    asking.reset();
    saving.mutate();
  };
  const ask = (): void => {
    // What cannot be read is not in the draft: it would be told about another one than is seen.
    if (form.current?.reportValidity() !== true) return;
    saving.reset();
    asking.mutate(draft);
  };
  const props = { draft, change: setDraft, faultOf, faultUnder };
  return (
    <form className="automation-editor" onSubmit={save} ref={form}>
      <Switch
        label="On: writes to people by itself"
        checked={draft.enabled}
        onChange={({ currentTarget }) => setDraft({ ...draft, enabled: currentTarget.checked })}
      />
      <TextInput
        label="Name"
        value={draft.name}
        maxLength={100}
        error={faultOf('name')}
        onChange={({ currentTarget }) => setDraft({ ...draft, name: currentTarget.value })}
      />
      <TriggerPart
        trigger={draft.trigger}
        change={(trigger) => setDraft({ ...draft, trigger })}
        faultOf={within(faultOf, 'trigger')}
      />
      <Part title="Then">
        <StepList
          key={discards}
          whole={{
            automation: base.id,
            // Those of the saved version too: a step that is new must not pass for one that somebody got already.
            takenIds: [...idsOf(base.automation.steps), ...idsOf(draft.steps)],
            faultOf,
            faultUnder,
          }}
          path="steps"
          steps={draft.steps}
          change={(steps) => setDraft({ ...draft, steps })}
        />
      </Part>
      <ExitsPart exits={draft.exitOn} change={(exitOn) => setDraft({ ...draft, exitOn })} faultOf={faultOf} />
      <AudiencePart key={`audience ${discards}`} {...props} />
      <PurposePart {...props} />
      <SenderPart {...props} />
      {asking.data !== undefined && (
        <DraftPreview
          id={base.id}
          draft={asking.variables}
          preview={asking.data}
          isOld={JSON.stringify(asking.variables) !== JSON.stringify(draft)}
          close={asking.reset}
        />
      )}
      <Foot
        version={base.version}
        saving={saving}
        asking={asking}
        isChanged={isChanged}
        ask={ask}
        discard={() => {
          begin(answer.version > base.version ? answer : base);
          setDiscards(discards + 1);
          saving.reset();
          asking.reset();
        }}
      />
    </form>
  );
};

type Doing = { error: Error | null; isPending: boolean };

/** What can be done with what is written; always in sight. */
const Foot = ({
  version,
  saving,
  asking,
  isChanged,
  ask,
  discard,
}: {
  version: number;
  saving: Doing;
  asking: Doing;
  isChanged: boolean;
  ask: () => void;
  discard: () => void;
}) => (
  <div className="editor-foot">
    <Faults error={saving.error} />
    <Faults error={asking.error} refused="Nobody can be told yet" />
    <div className="row wrap">
      <Button type="submit" disabled={!isChanged} loading={saving.isPending}>
        Save
      </Button>
      <Button variant="default" px="sm" disabled={!isChanged} onClick={discard}>
        Discard changes
      </Button>
      <Button variant="default" px="sm" loading={asking.isPending} onClick={ask}>
        Who would get it now
      </Button>
      <span className="small soft">version {version}</span>
    </div>
  </div>
);

const useSaving = (base: AutomationAnswer, draft: Automation, done: (saved: AutomationAnswer) => void) => {
  const site = useSite();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      call<typeof putAutomation>(
        { method: 'PUT', path: '/api/sites/:site/automations/:id' },
        { params: { site: site.id, id: base.id }, body: draft },
        { ifMatch: base.version },
      ),
    onSuccess: (saved) => {
      // What stands beside the editor (its name, the file it is exported to) is of the saved one at once.
      const address = { params: { site: site.id, id: base.id } };
      queries.setQueryData<AutomationAnswer>(['GET', '/api/sites/:site/automations/:id', address], saved);
      done(saved);
      return queries.invalidateQueries();
    },
  });
};
