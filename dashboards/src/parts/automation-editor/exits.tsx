import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { Exit } from '../../../../schemas/automation.ts';
import { EventPicker, useEventNames } from '../event-picker.tsx';
import { WhereEditor } from '../where-editor.tsx';
import { FaultLine, type FaultOf, Part, within } from './fields.tsx';

const mostExits = 20;

/** Compared with the event that brought the person in. Another property stays where one is set. */
const sames = [
  { value: 'order_id', label: 'about the same order' },
  { value: 'product_id', label: 'about the same product' },
  { value: 'ticket_id', label: 'about the same ticket' },
];

/** What ends it for a person. */
export const ExitsPart = ({
  exits,
  change,
  faultOf,
}: {
  exits: readonly Exit[];
  change: (exits: Exit[]) => void;
  faultOf: FaultOf;
}) => (
  <Part title="Ends when somebody does" about="After what brought them in. What was not sent by then is not sent.">
    <FaultLine fault={faultOf('exitOn')} />
    <ul className="stack tight">
      {exits.map((exit, index) => (
        <ExitRow
          // biome-ignore lint/suspicious/noArrayIndexKey: an exit is its place; the same event may stand twice
          key={index}
          name={`Exit ${index + 1}`}
          exit={exit}
          faultOf={within(faultOf, `exitOn.${index}`)}
          change={(next) => change(exits.map((one, place) => (place === index ? next : one)))}
          remove={() => change(exits.filter((_, place) => place !== index))}
        />
      ))}
    </ul>
    <Button
      variant="default"
      style={{ justifySelf: 'start' }}
      leftSection={<Plus size={15} />}
      disabled={exits.length >= mostExits}
      onClick={() => change([...exits, { event: 'Order Completed', where: [] }])}
    >
      Add an exit
    </Button>
  </Part>
);

const ExitRow = ({
  name,
  exit,
  faultOf,
  change,
  remove,
}: {
  name: string;
  exit: Exit;
  faultOf: FaultOf;
  change: (exit: Exit) => void;
  remove: () => void;
}) => {
  const names = useEventNames();
  return (
    <li className="editor-exit">
      <EventPicker
        label={`${name}: event`}
        value={exit.event}
        names={names}
        change={(event) => change({ ...exit, event })}
      />
      <NativeSelect
        aria-label={`${name}: about`}
        data={[
          { value: '', label: 'whatever it is about' },
          ...sames,
          ...(exit.same === undefined || sames.some(({ value }) => value === exit.same)
            ? []
            : [{ value: exit.same, label: `with the same ${exit.same}` }]),
        ]}
        value={exit.same ?? ''}
        error={faultOf('same')}
        onChange={({ currentTarget: { value } }) => {
          const { same: _before, ...rest } = exit;
          change(value === '' ? rest : { ...rest, same: value });
        }}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name.toLowerCase()}`} onClick={remove}>
        <X size={16} />
      </ActionIcon>
      <div className="step-where">
        <WhereEditor of={name} where={exit.where} change={(where) => change({ ...exit, where })} />
        <FaultLine fault={faultOf('event') ?? faultOf('where')} />
      </div>
    </li>
  );
};
