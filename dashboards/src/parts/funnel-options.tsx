import { ActionIcon, Button, MultiSelect, Select, Switch } from '@mantine/core';
import { ChevronDown, ChevronRight, Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import {
  counted,
  type FunnelChange,
  type FunnelSearch,
  mostExclusions,
  mostSegments,
  optionsSet,
  orders,
} from '../funnel-search.ts';
import { readChoice } from '../search.ts';
import { EventField, type EventName } from './event-picker.tsx';
import { WindowEditor } from './funnel-window.tsx';
import { commonGroups, PropertyInput } from './property-input.tsx';
import { Tag, Tile } from './tile.tsx';

const orderOptions = [
  { value: 'ordered', label: 'in this order' },
  { value: 'strict', label: 'with nothing in between' },
  { value: 'unordered', label: 'in any order' },
];
const countOptions = [
  { value: 'person', label: 'people' },
  { value: 'session', label: 'sessions' },
  { value: 'entry', label: 'every entry' },
];
/** What a way may have to keep to, such as one product from its page to its order. */
const constants = ['product_id', 'cart_id', 'order_id', 'category', 'brand', 'context.device'];
const groups = [...commonGroups, 'traits.plan'];

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
        w={150}
        onChange={(value) => change({ count: readChoice(value, counted, 'person'), who: null })}
      />
      <PropertyInput
        label="The same through all steps"
        placeholder="nothing"
        value={search.constant}
        data={constants}
        change={(constant) => change({ constant, who: null })}
      />
      <WindowEditor seconds={search.window} change={(window) => change({ window })} />
    </div>
    <div className="fields">
      <PropertyInput
        label="Broken down by"
        placeholder="nothing"
        value={search.by}
        data={groups}
        change={(by) => change({ by, segments: [], who: null })}
      />
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
    <Exclusions search={search} names={names} change={change} />
  </div>
);

/** Who does one of these on the way is not in the funnel. */
const Exclusions = ({ search: { without, steps }, names, change }: Omit<OptionsProps, 'segments'>) => {
  // A step of the funnel cannot be excluded: offered is what is none.
  const others = names.filter(({ event }) => steps.every((step) => step.event !== event));
  const offered = others.find(({ event }) => without.every((one) => one.event !== event));
  return (
    <div className="stack" style={{ gap: 8, justifyItems: 'start' }}>
      {without.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an exclusion is its place
        <div key={place} className="row" style={{ alignItems: 'start', width: '100%' }}>
          <div className="grow">
            <EventField
              label={`Without ${place + 1}`}
              value={one}
              names={others}
              change={(next) => change({ without: without.map((before, at) => (at === place ? next : before)) })}
            />
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={`Remove exclusion ${place + 1}`}
            onClick={() => change({ without: without.filter((_, at) => at !== place) })}
          >
            <X size={16} />
          </ActionIcon>
        </div>
      ))}
      {without.length < mostExclusions && steps.length > 1 && (
        <Button
          variant="default"
          leftSection={<Plus size={15} />}
          disabled={offered === undefined}
          onClick={() => change({ without: [...without, { event: offered?.event ?? '', where: [] }] })}
        >
          Leave out who did …
        </Button>
      )}
    </div>
  );
};
