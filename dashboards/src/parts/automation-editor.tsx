import { Button, NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { AutomationAnswer, putAutomation } from '../../../schemas/api/automations.ts';
import type { Automation, Step } from '../../../schemas/automation.ts';
import { call, Problem } from '../call.ts';
import { duration } from '../format.ts';
import { useSite } from '../session.ts';

const dayMinutes = 1440;

/** A form over the whole document. Who saves what somebody else changed meanwhile is told so (If-Match). */
export const AutomationEditor = ({ answer }: { answer: AutomationAnswer }) => {
  const site = useSite();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Automation>(answer.automation);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(answer.automation);
  const saving = useMutation({
    mutationFn: () =>
      call<typeof putAutomation>(
        { method: 'PUT', path: '/api/sites/:site/automations/:id' },
        { params: { site: site.id, id: answer.id }, body: draft },
        { ifMatch: answer.version },
      ),
    onSuccess: () => queries.invalidateQueries(),
  });
  const problem = saving.error instanceof Problem ? saving.error : null;
  const faultOf = (path: string): string | undefined =>
    problem?.errors.find((one) => one.path.replace(/^body\./, '') === path)?.message;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="stack" onSubmit={save}>
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
      <Timing draft={draft} change={setDraft} faultOf={faultOf} />
      <Steps draft={draft} change={setDraft} faultOf={faultOf} />
      {saving.error !== null && (
        <div role="alert" style={{ color: 'var(--bad)' }}>
          {saving.error.message}
          {problem?.status === 412 && ' Reload the page to see the newest version.'}
        </div>
      )}
      <div className="row">
        <Button type="submit" disabled={!isChanged} loading={saving.isPending}>
          Save
        </Button>
        <Button variant="default" disabled={!isChanged} onClick={() => setDraft(answer.automation)}>
          Discard changes
        </Button>
        <span className="small soft">version {answer.version}</span>
      </div>
    </form>
  );
};

type PartProps = {
  draft: Automation;
  change: (draft: Automation) => void;
  faultOf: (path: string) => string | undefined;
};

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }} className="stack tight">
    <legend style={{ fontWeight: 620, padding: 0, marginBottom: 6 }}>{title}</legend>
    {children}
  </fieldset>
);

const Timing = ({ draft, change, faultOf }: PartProps) => {
  const { trigger } = draft;
  return (
    <Part title="When">
      <div className="row wrap" style={{ alignItems: 'start' }}>
        {'idleSeconds' in trigger && (
          <NumberInput
            label="Idle for"
            suffix=" min"
            min={0.2}
            decimalScale={2}
            w={150}
            value={trigger.idleSeconds / 60}
            error={faultOf('trigger.idleSeconds')}
            onChange={(minutes) => {
              if (typeof minutes === 'number')
                change({ ...draft, trigger: { ...trigger, idleSeconds: Math.round(minutes * 60) } });
            }}
          />
        )}
        <NumberInput
          label="At most for"
          suffix=" h"
          min={0.1}
          decimalScale={2}
          w={150}
          value={trigger.maxAgeSeconds / 3600}
          error={faultOf('trigger.maxAgeSeconds')}
          onChange={(hours) => {
            if (typeof hours === 'number')
              change({ ...draft, trigger: { ...trigger, maxAgeSeconds: Math.round(hours * 3600) } });
          }}
        />
        <NumberInput
          label="Pause per person"
          suffix=" min"
          min={0}
          max={366 * dayMinutes}
          w={170}
          value={Math.round(draft.reentrySeconds / 60)}
          error={faultOf('reentrySeconds')}
          onChange={(minutes) => {
            if (typeof minutes === 'number') change({ ...draft, reentrySeconds: minutes * 60 });
          }}
        />
        <NumberInput
          label="Control group"
          description="get no mail"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          suffix="%"
          min={0}
          max={90}
          w={130}
          value={draft.holdoutPercent}
          error={faultOf('holdoutPercent')}
          onChange={(holdoutPercent) => {
            if (typeof holdoutPercent === 'number') change({ ...draft, holdoutPercent });
          }}
        />
      </div>
    </Part>
  );
};

type MailStep = Extract<Step, { kind: 'email' }>;
type StepProps = { step: MailStep; set: (step: MailStep) => void; faultOf: (path: string) => string | undefined };

/** The steps one under the other. */
const Steps = ({ draft, change, faultOf }: PartProps) => {
  const put = (index: number, step: Step): void =>
    change({ ...draft, steps: draft.steps.map((each, at) => (at === index ? step : each)) });
  return draft.steps.map((step, index) => {
    const faultOfStep = (path: string): string | undefined => faultOf(`steps.${index}.${path}`);
    const key = `${index} ${step.kind}`;
    switch (step.kind) {
      case 'wait':
        return <p key={key}>Then wait {duration(step.seconds)}.</p>;
      case 'webhook':
        return <p key={key}>Then tell {step.url}.</p>;
      case 'branch':
        return <p key={key}>Then one of two ways.</p>;
      default:
        return (
          <div key={key} className="stack">
            <Mail step={step} set={(changed) => put(index, changed)} faultOf={faultOfStep} />
            <DiscountFields step={step} set={(changed) => put(index, changed)} faultOf={faultOfStep} />
          </div>
        );
    }
  });
};

const Mail = ({ step, set: setStep, faultOf }: StepProps) => {
  const { email } = step;
  const set = (changed: Partial<MailStep['email']>): void => setStep({ ...step, email: { ...email, ...changed } });
  return (
    <Part title="The mail">
      <TextInput
        label="Subject"
        value={email.subject}
        maxLength={300}
        error={faultOf('email.subject')}
        onChange={({ currentTarget }) => set({ subject: currentTarget.value })}
      />
      <TextInput
        label="Preview line"
        value={email.preheader}
        maxLength={300}
        error={faultOf('email.preheader')}
        onChange={({ currentTarget }) => set({ preheader: currentTarget.value })}
      />
      <TextInput
        label="Heading"
        value={email.heading}
        maxLength={300}
        error={faultOf('email.heading')}
        onChange={({ currentTarget }) => set({ heading: currentTarget.value })}
      />
      <Textarea
        label="Text"
        description="An empty line begins a paragraph. Liquid variables work, e.g. {{ person.firstName }}."
        value={email.body}
        maxLength={20_000}
        autosize
        minRows={5}
        maxRows={16}
        error={faultOf('email.body')}
        onChange={({ currentTarget }) => set({ body: currentTarget.value })}
      />
      <div className="row wrap" style={{ alignItems: 'start' }}>
        <TextInput
          label="Button"
          value={email.button}
          maxLength={100}
          error={faultOf('email.button')}
          onChange={({ currentTarget }) => set({ button: currentTarget.value })}
        />
        <TextInput
          className="grow"
          label="Button leads to"
          type="url"
          value={email.buttonUrl}
          error={faultOf('email.buttonUrl')}
          onChange={({ currentTarget }) => set({ buttonUrl: currentTarget.value })}
        />
      </div>
    </Part>
  );
};

const DiscountFields = ({ step, set, faultOf }: StepProps) => {
  const { discount } = step;
  const setOn = (isOn: boolean): void => {
    const { discount: _before, ...rest } = step;
    set(isOn ? { ...rest, discount: { percent: 10, validSeconds: 7 * 86_400 } } : rest);
  };
  return (
    <Part title="Discount">
      <Switch
        label="With a personal code that works once"
        checked={discount !== undefined}
        onChange={({ currentTarget }) => setOn(currentTarget.checked)}
      />
      {discount !== undefined && (
        <div className="row wrap" style={{ alignItems: 'start' }}>
          <NumberInput
            label="Percent"
            suffix="%"
            min={1}
            max={100}
            w={120}
            value={discount.percent}
            error={faultOf('discount.percent')}
            onChange={(percent) => {
              if (typeof percent === 'number') set({ ...step, discount: { ...discount, percent } });
            }}
          />
          <NumberInput
            label="Valid for"
            suffix=" days"
            min={1}
            max={366}
            w={140}
            value={Math.round(discount.validSeconds / 86_400)}
            error={faultOf('discount.validSeconds')}
            onChange={(days) => {
              if (typeof days === 'number') set({ ...step, discount: { ...discount, validSeconds: days * 86_400 } });
            }}
          />
        </div>
      )}
    </Part>
  );
};
