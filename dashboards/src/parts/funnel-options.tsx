import { MultiSelect, Select, Switch } from '@mantine/core';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import {
  attributions,
  counted,
  type FunnelChange,
  type FunnelSearch,
  mostSegments,
  optionsSet,
  orders,
  periods,
  tries,
} from '../funnel-search.ts';
import { readChoice } from '../search.ts';
import type { EventName } from './event-picker.tsx';
import { FunnelExclusions } from './funnel-exclusions.tsx';
import { WindowEditor } from './funnel-window.tsx';
import { commonGroups, PropertyInput } from './property-input.tsx';
import { Tag, Tile } from './tile.tsx';
import { WhereEditor } from './where-editor.tsx';

const orderOptions = [
  { value: 'ordered', label: 'in this order' },
  { value: 'strict', label: 'with nothing in between' },
  { value: 'unordered', label: 'in any order' },
];
const countOptions = [
  { value: 'person', label: 'people' },
  { value: 'session', label: 'sessions' },
  { value: 'entry', label: 'every entry' },
  { value: 'property', label: 'values of a property' },
];
const entranceOptions = [
  { value: 'first', label: 'at the first step' },
  { value: 'any', label: 'at any step' },
];
const tryOptions = [
  { value: 'best', label: 'the one that got furthest' },
  { value: 'first', label: 'the first in the period' },
];
const periodOptions = [
  { value: 'entry', label: 'the first step' },
  { value: 'all', label: 'all steps' },
];
/** What a way may have to keep to, such as one product from its page to its order. */
const constants = ['product_id', 'cart_id', 'order_id', 'category', 'brand', 'context.device'];
const groups = [...commonGroups, 'traits.plan'];
/** What is often counted besides people. */
const countable = ['cart_id', 'order_id', 'product_id', 'company_id'];

type Segments = readonly { id: string; name: string }[];
type OptionsProps = { search: FunnelSearch; names: readonly EventName[]; segments: Segments; change: FunnelChange };

/** What most funnels leave as it is: folded away, with how many options are not as usual. */
export const FunnelOptions = (props: OptionsProps) => {
  const set = optionsSet(props.search);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <Tile>
      <button
        type="button"
        className="quiet"
        style={{ marginLeft: -8 }}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
        Options
        {set > 0 && <Tag tone="info">{set} set</Tag>}
      </button>
      <div id={id} hidden={!isOpen}>
        {isOpen && <Fields {...props} />}
      </div>
    </Tile>
  );
};

const Fields = ({ search, names, segments, change }: OptionsProps) => (
  <div className="stack" style={{ marginTop: 12, gap: 18 }}>
    <div className="fields">
      <Select
        label="Steps are done"
        data={orderOptions}
        value={search.order}
        allowDeselect={false}
        w={210}
        onChange={(value) => change({ order: readChoice(value, orders, 'ordered') })}
      />
      <Select
        label="Counted are"
        data={countOptions}
        value={search.count}
        allowDeselect={false}
        w={190}
        onChange={(value) => change({ count: readChoice(value, counted, 'person'), who: null })}
      />
      {search.count === 'property' && (
        <PropertyInput
          label="Which property"
          placeholder="none yet: people"
          value={search.countProperty}
          data={countable}
          change={(countProperty) => change({ countProperty, who: null })}
        />
      )}
      <PropertyInput
        label="The same through all steps"
        placeholder="nothing"
        value={search.constant}
        data={constants}
        change={(constant) => change({ constant, who: null })}
      />
      <WindowEditor seconds={search.window} change={(window) => change({ window })} />
    </div>
    <Tries search={search} change={change} />
    <div className="fields">
      <PropertyInput
        label="Broken down by"
        placeholder="nothing"
        value={search.by}
        data={groups}
        change={(by) => change({ by, segments: [], who: null })}
      />
      {search.by !== '' && !isOfPerson(search.by) && <Whose search={search} change={change} />}
      <MultiSelect
        label="or by segments"
        placeholder={segments.length === 0 ? 'none saved yet' : search.segments.length === 0 ? 'none' : ''}
        data={[
          ...segments.map(({ id, name }) => ({ value: id, label: name })),
          // An address may name one that is gone: it stays visible, so that it can be taken out.
          ...search.segments
            .filter((id) => segments.every((one) => one.id !== id))
            .map((id) => ({ value: id, label: id })),
        ]}
        value={search.segments}
        maxValues={mostSegments}
        miw={230}
        onChange={(chosen) => change({ segments: chosen, by: '', who: null })}
      />
      <Switch
        label="Beside the time before"
        checked={search.isCompared}
        onChange={({ currentTarget }) => change({ isCompared: currentTarget.checked })}
        mb={8}
      />
    </div>
    <div className="fields" style={{ alignItems: 'center' }}>
      <span className="soft">Of all events only those that</span>
      <WhereEditor of="Every event" where={search.where} change={(where) => change({ where, who: null })} />
    </div>
    <FunnelExclusions search={search} names={names} change={change} />
  </div>
);

type ChangeProps = Pick<OptionsProps, 'search' | 'change'>;

/** Where people may come in, and which of their tries counts. */
const Tries = ({ search, change }: ChangeProps) => (
  <div className="fields">
    <Select
      label="People come in"
      data={entranceOptions}
      // In any order, any step is the first.
      disabled={search.order === 'unordered'}
      value={search.isOpen || search.order === 'unordered' ? 'any' : 'first'}
      allowDeselect={false}
      w={210}
      onChange={(value) => change({ isOpen: value === 'any', who: null })}
    />
    <Select
      label="Of several tries counts"
      data={search.count === 'entry' ? [{ value: 'best', label: 'every one' }] : tryOptions}
      disabled={search.count === 'entry'}
      value={search.count === 'entry' ? 'best' : search.reentry}
      allowDeselect={false}
      w={230}
      onChange={(value) => change({ reentry: readChoice(value, tries, 'best'), who: null })}
    />
    <Select
      label="In the period must be"
      data={periodOptions}
      value={search.applies}
      allowDeselect={false}
      w={190}
      onChange={(value) => change({ applies: readChoice(value, periods, 'entry'), who: null })}
    />
  </div>
);

const isOfPerson = (property: string): boolean => /^(traits|person)\./.test(property);

const byStep = /^step (\d+)$/;

/** A way has several events: whose value it is put under. */
const Whose = ({ search: { whose, whoseStep, steps }, change }: ChangeProps) => (
  <Select
    label="By the value of"
    data={[
      { value: 'first', label: 'the first event that has one' },
      { value: 'last', label: 'the last event that has one' },
      { value: 'all', label: 'each event: in several rows' },
      ...steps.map((step, index) => ({
        value: `step ${index}`,
        label: `step ${index + 1}: ${step.label ?? step.event}`,
      })),
    ]}
    value={whose === 'step' ? `step ${Math.min(whoseStep, steps.length - 1)}` : whose}
    allowDeselect={false}
    w={240}
    onChange={(value) => {
      const step = byStep.exec(value ?? '')?.[1];
      change(
        step === undefined
          ? { whose: readChoice(value, attributions, 'first'), who: null }
          : { whose: 'step', whoseStep: Number(step), who: null },
      );
    }}
  />
);
