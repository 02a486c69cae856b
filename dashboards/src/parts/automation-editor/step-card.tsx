import { ActionIcon } from '@mantine/core';
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, GitBranch, Hourglass, Mail, Webhook, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { Step } from '../../../../schemas/automation.ts';
import { stepWords } from '../../automation-words.ts';

const icons = { wait: Hourglass, email: Mail, webhook: Webhook, branch: GitBranch } as const;

/** What can be done with a step by its place. */
export type Place = {
  /** As it is called in labels: `step 2`, `step 1 of the first way`. */
  name: string;
  isFirst: boolean;
  isLast: boolean;
  move: (by: -1 | 1) => void;
  remove: () => void;
};

/** A step with its buttons. `isOpen` undefined: it is always shown whole. `field`: stands in its head, after its kind. */
export const StepCard = ({
  step,
  place,
  isOpen,
  toggle,
  field,
  children,
}: {
  step: Step;
  place: Place;
  isOpen?: boolean;
  toggle?: () => void;
  field?: ReactNode;
  children?: ReactNode;
}) => {
  const id = useId();
  const Icon = icons[step.kind];
  const title = (
    <>
      <span className="badge-icon">
        <Icon size={15} aria-hidden />
      </span>
      {field === undefined ? (
        <span className="grow break">{stepWords(step)}</span>
      ) : (
        <>
          <span aria-hidden>Wait</span>
          {field}
        </>
      )}
    </>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a card in every browser
    <div className="step-card" role="group" aria-label={`${place.name}: ${stepWords(step)}`}>
      <div className="row">
        {toggle === undefined ? (
          <div className="step-title">{title}</div>
        ) : (
          <button type="button" className="step-title" aria-expanded={isOpen} aria-controls={id} onClick={toggle}>
            {title}
            {isOpen ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
          </button>
        )}
        <Buttons place={place} />
      </div>
      {children !== undefined && (
        <div id={id} hidden={isOpen === false}>
          {isOpen !== false && children}
        </div>
      )}
    </div>
  );
};

const Buttons = ({ place: { name, isFirst, isLast, move, remove } }: { place: Place }) => (
  <div className="row" style={{ gap: 2, flex: 'none', alignSelf: 'start' }}>
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Move ${name} up`}
      data-move="-1"
      disabled={isFirst}
      onClick={() => move(-1)}
    >
      <ArrowUp size={16} />
    </ActionIcon>
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Move ${name} down`}
      data-move="1"
      disabled={isLast}
      onClick={() => move(1)}
    >
      <ArrowDown size={16} />
    </ActionIcon>
    <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={remove}>
      <X size={16} />
    </ActionIcon>
  </div>
);
