import { Button } from '@mantine/core';
import { GitBranch, Hourglass, Mail, Webhook } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Step } from '../../../../schemas/automation.ts';
import { actingSteps, newStep } from '../../automation-steps.ts';
import { moved } from '../../moved.ts';
import { BranchCondition } from './branch-step.tsx';
import { EmailStep } from './email-step.tsx';
import { FaultLine, type FaultOf, SecondsInput, within } from './fields.tsx';
import { type Place, StepCard } from './step-card.tsx';
import { WebhookStep } from './webhook-step.tsx';

const mostSteps = 20;
/** How deep branches may stand in each other, as the schema says. */
const mostBranches = 2;

/** What all lists of one automation share. `takenIds`: no new step gets one of these. */
export type Whole = {
  automation: string;
  takenIds: readonly string[];
  faultOf: FaultOf;
  /** The first fault of the field of this path, or of what is below it. */
  faultUnder: FaultOf;
};

type ListProps = {
  whole: Whole;
  /** Where the list stands in the document: `steps`, `steps.1.yes`. */
  path: string;
  /** Of the way of a branch: ` of the first way`. */
  of?: string;
  depth?: number;
  steps: readonly Step[];
  change: (steps: Step[]) => void;
};

/** By its id, which stays when it is moved; a step without one is known by how many of its kind stand before it. */
const keysOf = (steps: readonly Step[]): string[] =>
  steps.map((step, index) =>
    'id' in step ? step.id : `${step.kind} ${steps.slice(0, index).filter(({ kind }) => kind === step.kind).length}`,
  );

export const StepList = ({ whole, path, of = '', depth = 0, steps, change }: ListProps) => {
  const list = useRef<HTMLOListElement>(null);
  const keys = keysOf(steps);
  const move = (from: number, by: -1 | 1): void => {
    change(moved(steps, from, from + by));
    // The button went along with its step; the browser forgets its focus on the way. At the end of the list the other one is left.
    requestAnimationFrame(() => {
      const buttons = [
        ...(list.current?.children[from + by]?.querySelectorAll<HTMLButtonElement>('[data-move]') ?? []),
      ];
      const own = buttons.slice(0, 2);
      (
        own.find((one) => one.dataset['move'] === String(by) && !one.disabled) ?? own.find((one) => !one.disabled)
      )?.focus();
    });
  };
  return (
    <div className="stack tight">
      <ol className="step-list" ref={list}>
        {steps.map((step, index) => (
          <li key={keys[index]}>
            <OneStep
              whole={whole}
              path={`${path}.${index}`}
              depth={depth}
              step={step}
              change={(next) => change(steps.map((one, at) => (at === index ? next : one)))}
              place={{
                name: `step ${index + 1}${of}`,
                isFirst: index === 0,
                isLast: index === steps.length - 1,
                move: (by) => move(index, by),
                remove: () => change(steps.filter((_, at) => at !== index)),
              }}
            />
            <FaultLine fault={whole.faultOf(`${path}.${index}`)} />
          </li>
        ))}
      </ol>
      <AddStep
        of={of}
        kinds={depth < mostBranches ? ['email', 'wait', 'webhook', 'branch'] : ['email', 'wait', 'webhook']}
        isFull={steps.length >= mostSteps}
        add={(kind) => change([...steps, newStep(kind, whole.takenIds, buttonUrlIn(steps))])}
      />
      <FaultLine fault={whole.faultOf(path)} />
    </div>
  );
};

/** Where the mails so far lead to: another one most likely leads there too. */
const buttonUrlIn = (steps: readonly Step[]): string =>
  actingSteps(steps).findLast((step) => step.kind === 'email')?.email.buttonUrl ?? '';

const kindsToAdd = {
  email: { label: 'Email', Icon: Mail },
  wait: { label: 'Wait', Icon: Hourglass },
  webhook: { label: 'Webhook', Icon: Webhook },
  branch: { label: 'Branch', Icon: GitBranch },
} as const;

const AddStep = ({
  of,
  kinds,
  isFull,
  add,
}: {
  of: string;
  kinds: readonly Step['kind'][];
  isFull: boolean;
  add: (kind: Step['kind']) => void;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
  <div className="row wrap" role="group" aria-label={`Add a step${of}`} style={{ gap: 6 }}>
    <span className="small soft" aria-hidden>
      Add
    </span>
    {kinds.map((kind) => {
      const { label, Icon } = kindsToAdd[kind];
      return (
        <Button
          key={kind}
          size="xs"
          variant="default"
          leftSection={<Icon size={14} />}
          disabled={isFull}
          aria-label={`Add ${kind === 'email' ? 'an' : 'a'} ${label.toLowerCase()}${of}`}
          onClick={() => add(kind)}
        >
          {label}
        </Button>
      );
    })}
  </div>
);

type StepProps = {
  whole: Whole;
  path: string;
  depth: number;
  step: Step;
  change: (step: Step) => void;
  place: Place;
};

const OneStep = ({ whole, path, depth, step, change, place }: StepProps) => {
  const [isOpened, setOpened] = useState(isNew(step));
  const faultOf = within(whole.faultOf, path);
  switch (step.kind) {
    case 'wait':
      return (
        <StepCard
          step={step}
          place={place}
          field={
            <SecondsInput
              label="Wait"
              isBare
              seconds={step.seconds}
              fault={faultOf('seconds')}
              change={(seconds) => change({ ...step, seconds })}
            />
          }
        />
      );
    case 'branch':
      return (
        <StepCard step={step} place={place}>
          <BranchCondition
            name={place.name}
            criterion={step.if}
            fault={whole.faultUnder(`${path}.if`)}
            change={(criterion) => change({ ...step, if: criterion })}
          />
          <Ways whole={whole} path={path} depth={depth + 1} step={step} change={change} place={place} />
        </StepCard>
      );
    default: {
      const isOpen = isOpened || whole.faultUnder(path) !== undefined;
      return (
        <StepCard step={step} place={place} isOpen={isOpen} toggle={() => setOpened(!isOpen)}>
          {step.kind === 'email' ? (
            <EmailStep step={step} change={change} faultOf={faultOf} />
          ) : (
            <WebhookStep step={step} automation={whole.automation} change={change} faultOf={faultOf} />
          )}
        </StepCard>
      );
    }
  }
};

/** Nothing was written into it yet: it is there to be filled in. */
const isNew = (step: Step): boolean =>
  (step.kind === 'email' && step.email.subject === '') || (step.kind === 'webhook' && step.url === '');

const Ways = ({ whole, path, depth, step, change, place }: StepProps & { step: Extract<Step, { kind: 'branch' }> }) => (
  <div className="step-ways">
    <section className="stack tight">
      <h4>First way: it is so</h4>
      <StepList
        whole={whole}
        path={`${path}.yes`}
        of={` of the first way of ${place.name}`}
        depth={depth}
        steps={step.yes}
        change={(yes) => change({ ...step, yes })}
      />
    </section>
    <section className="stack tight">
      <h4>Second way: it is not</h4>
      <StepList
        whole={whole}
        path={`${path}.no`}
        of={` of the second way of ${place.name}`}
        depth={depth}
        steps={step.no}
        change={(no) => change({ ...step, no })}
      />
    </section>
  </div>
);
