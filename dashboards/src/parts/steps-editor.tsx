import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { ArrowDown, ArrowUp, GripVertical, Plus, X } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import type { FunnelStep } from '../../../schemas/api/funnel-definition.ts';
import { moved } from '../moved.ts';
import { type EventName, EventPicker } from './event-picker.tsx';
import { StepLimits } from './step-limits.tsx';
import './steps-editor.css';
import { WhereEditor } from './where-editor.tsx';

const mostSteps = 64;

/** The funnel's steps: dragged by the handle, or moved by the arrow buttons or Alt and an arrow key. */
export const StepsEditor = ({
  steps,
  names,
  followsAnother,
  change,
}: {
  steps: readonly FunnelStep[];
  names: readonly EventName[];
  /** Whether it can be left out, or held to a time after the one before. */
  followsAnother: (index: number) => boolean;
  change: (steps: FunnelStep[]) => void;
}) => {
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const move = (from: number, to: number): void => {
    if (to >= 0 && to < steps.length && from !== to) change(moved(steps, from, to));
  };
  const drop = (): void => {
    if (dragged !== null && over !== null) move(dragged, over);
    setDragged(null);
    setOver(null);
  };
  return (
    <>
      <ol className="steps">
        {steps.map((step, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place; the same event may stand twice
            key={index}
            className={over === index && dragged !== null && dragged !== index ? 'step over' : 'step'}
            onDragOver={(event) => {
              if (dragged === null) return;
              event.preventDefault();
              setOver(index);
            }}
            onDrop={drop}
          >
            <StepRow
              step={step}
              index={index}
              last={steps.length - 1}
              names={names}
              followsAnother={followsAnother(index)}
              change={(next) => change(steps.map((one, place) => (place === index ? next : one)))}
              remove={() => change(steps.filter((_, place) => place !== index))}
              move={(to) => move(index, to)}
              drag={setDragged}
            />
          </li>
        ))}
      </ol>
      <Button
        variant="default"
        leftSection={<Plus size={15} />}
        disabled={steps.length >= mostSteps}
        onClick={() => change([...steps, { event: names[0]?.event ?? 'Product Viewed', where: [] }])}
      >
        Add a step
      </Button>
    </>
  );
};

const StepRow = ({
  step,
  index,
  last,
  names,
  followsAnother,
  change,
  remove,
  move,
  drag,
}: {
  step: FunnelStep;
  index: number;
  last: number;
  names: readonly EventName[];
  followsAnother: boolean;
  change: (step: FunnelStep) => void;
  remove: () => void;
  move: (to: number) => void;
  drag: (index: number | null) => void;
}) => {
  const name = `Step ${index + 1}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(event.key === 'ArrowUp' ? index - 1 : index + 1);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="step-body" role="group" aria-label={name} onKeyDown={onKeyDown}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: for the mouse alone; the buttons beside it do the same */}
      <span
        className="grip"
        draggable
        title="Drag to move"
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = 'move';
          drag(index);
        }}
        onDragEnd={() => drag(null)}
      >
        <GripVertical size={16} aria-hidden />
        <span className="step-number">{index + 1}</span>
      </span>
      <div className="step-fields">
        <EventPicker
          label={`Event of step ${index + 1}`}
          value={step.event}
          names={names}
          change={(event) => change({ ...step, event })}
        />
        <LabelInput
          label={`Label of step ${index + 1}`}
          value={step.label ?? ''}
          change={(label) => {
            const { label: _before, ...rest } = step;
            change(label === '' ? rest : { ...rest, label });
          }}
        />
        <div className="step-where">
          <WhereEditor of={name} where={step.where} change={(where) => change({ ...step, where })} />
          <StepLimits step={step} name={name} canBeTimed={followsAnother} change={change} />
        </div>
      </div>
      <div className="row" style={{ gap: 2 }}>
        {followsAnother && (
          <Checkbox
            label="optional"
            aria-label={`Step ${index + 1} is optional`}
            size="sm"
            mr={6}
            checked={step.optional ?? false}
            onChange={({ currentTarget }) => {
              const { optional: _before, ...rest } = step;
              change(currentTarget.checked ? { ...rest, optional: true } : rest);
            }}
          />
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Move step ${index + 1} up`}
          disabled={index === 0}
          onClick={() => move(index - 1)}
        >
          <ArrowUp size={16} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Move step ${index + 1} down`}
          disabled={index === last}
          onClick={() => move(index + 1)}
        >
          <ArrowDown size={16} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove step ${index + 1}`}
          disabled={last === 0}
          onClick={remove}
        >
          <X size={16} />
        </ActionIcon>
      </div>
    </div>
  );
};

/** Kept when one leaves the field, so that the address does not change with every key. */
const LabelInput = ({ label, value, change }: { label: string; value: string; change: (label: string) => void }) => {
  const [typed, setTyped] = useState<string | null>(null);
  const id = useId();
  const commit = (): void => {
    if (typed !== null && typed !== value) change(typed.trim());
    setTyped(null);
  };
  return (
    <TextInput
      id={id}
      aria-label={label}
      placeholder="Own label"
      maxLength={100}
      value={typed ?? value}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={commit}
      onKeyDown={({ key }) => {
        if (key === 'Enter') commit();
      }}
    />
  );
};
