import { ActionIcon, Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { Filter, X } from 'lucide-react';
import { useState } from 'react';
import type { Condition, PropertyCondition, SegmentCondition, Where } from '../../../schemas/filters.ts';
import { conditionOf, valueText } from '../condition-text.ts';
import { type Operator, operators } from '../search.ts';

const mostConditions = 20;

/** Those that shops filter by most; any other path can be typed. */
const commonPaths = [
  'price',
  'value',
  'revenue',
  'quantity',
  'product_id',
  'name',
  'category',
  'brand',
  'seller',
  'coupon',
  'currency',
  'context.campaign.source',
  'context.campaign.medium',
  'context.page.path',
];

/** How a value is typed, where that needs saying. */
export const placeholders: Partial<Record<Operator, string>> = {
  in: 'one, two',
  notIn: 'one, two',
  between: '10, 20',
  matches: '^sale|outlet',
};

const isOnPerson = (condition: Condition): condition is SegmentCondition =>
  condition.op === 'inSegment' || condition.op === 'notInSegment';

/** All of these must hold for an event to count. */
export const WhereEditor = ({ of, where, change }: { of: string; where: Where; change: (where: Where) => void }) => {
  const [isAdding, setAdding] = useState(false);
  const fresh: PropertyCondition = { property: '', op: 'eq', value: '' };
  const shown = isAdding ? [...where, fresh] : where;
  return (
    <>
      {shown.map((condition, index) => {
        const name = `${of}, condition ${index + 1}`;
        const remove = (): void => {
          if (index >= where.length) setAdding(false);
          else change(where.filter((_, place) => place !== index));
        };
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place
        if (isOnPerson(condition)) return <SegmentRow key={index} name={name} condition={condition} remove={remove} />;
        return (
          <ConditionRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place
            key={index}
            name={name}
            condition={condition}
            change={(next) => {
              if (index >= where.length) setAdding(false);
              change(shown.map((one, place) => (place === index ? next : one)));
            }}
            remove={remove}
          />
        );
      })}
      {!isAdding && where.length < mostConditions && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<Filter size={13} />}
          mih={36}
          onClick={() => setAdding(true)}
        >
          {where.length === 0 ? 'Filter' : 'And …'}
        </Button>
      )}
    </>
  );
};

/** Who is in a saved segment, or not; it is edited where segments are. */
const SegmentRow = ({ name, condition, remove }: { name: string; condition: SegmentCondition; remove: () => void }) => (
  <div className="condition">
    <span className="grow">
      {condition.op === 'inSegment' ? 'person in segment' : 'person not in segment'}{' '}
      <span className="mono break">{condition.segment}</span>
    </span>
    <RemoveButton name={name} remove={remove} />
  </div>
);

const RemoveButton = ({ name, remove }: { name: string; remove: () => void }) => (
  <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={remove}>
    <X size={15} />
  </ActionIcon>
);

/** Given on when it is whole: a property, and a value where the operator takes one. */
const ConditionRow = ({
  name,
  condition,
  change,
  remove,
}: {
  name: string;
  condition: PropertyCondition;
  change: (condition: PropertyCondition) => void;
  remove: () => void;
}) => {
  const draftOf = () => ({ property: condition.property, op: condition.op as Operator, text: valueText(condition) });
  const [draft, setDraft] = useState(draftOf);
  const given = JSON.stringify(condition);
  const [known, setKnown] = useState(given);
  // Another condition moved into this place, or the browser went back: what was typed here is over.
  if (given !== known) {
    setKnown(given);
    setDraft(draftOf());
  }
  const takesValue = draft.op !== 'exists' && draft.op !== 'notExists';
  const commit = (next: typeof draft): void => {
    const made = conditionOf(next.property.trim(), next.op, next.text);
    if (made !== null && JSON.stringify(made) !== JSON.stringify(condition)) change(made);
  };
  const set = (changes: Partial<typeof draft>, isDone: boolean): void => {
    const next = { ...draft, ...changes };
    setDraft(next);
    if (isDone) commit(next);
  };
  return (
    <div className="condition">
      <Autocomplete
        aria-label={`${name}: property`}
        placeholder="property"
        data={commonPaths}
        value={draft.property}
        onChange={(property) => set({ property }, false)}
        onOptionSubmit={(property) => set({ property }, true)}
        onBlur={() => commit(draft)}
      />
      <Select
        aria-label={`${name}: operator`}
        data={Object.entries(operators).map(([value, label]) => ({ value, label }))}
        value={draft.op}
        allowDeselect={false}
        onChange={(op) => {
          if (op !== null) set({ op: op as Operator }, true);
        }}
      />
      {takesValue ? (
        <TextInput
          aria-label={`${name}: value`}
          placeholder={placeholders[draft.op] ?? 'value'}
          value={draft.text}
          onChange={({ currentTarget }) => set({ text: currentTarget.value }, false)}
          onBlur={() => commit(draft)}
          onKeyDown={({ key }) => {
            if (key === 'Enter') commit(draft);
          }}
        />
      ) : (
        <span />
      )}
      <RemoveButton name={name} remove={remove} />
    </div>
  );
};
