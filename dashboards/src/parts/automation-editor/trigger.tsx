import { Autocomplete, Input, NativeSelect, TagsInput } from '@mantine/core';
import type { Trigger } from '../../../../schemas/automation.ts';
import { triggerKinds } from '../../automation-words.ts';
import { EventPicker, useEventNames } from '../event-picker.tsx';
import { SegmentSelect } from '../segment-select.tsx';
import { WhereEditor } from '../where-editor.tsx';
import { type FaultOf, order, Part, SecondsInput, within } from './fields.tsx';

const hour = 3600;
const day = 24 * hour;

/** What a kind begins with when it is chosen. */
const fresh: { [Kind in Trigger['kind']]: Extract<Trigger, { kind: Kind }> } = {
  'abandoned-basket': { kind: 'abandoned-basket', idleSeconds: hour, maxAgeSeconds: 3 * day },
  'abandoned-checkout': { kind: 'abandoned-checkout', idleSeconds: hour, maxAgeSeconds: 3 * day },
  browsed: { kind: 'browsed', idleSeconds: 4 * hour, maxAgeSeconds: 2 * day },
  event: { kind: 'event', event: 'Order Delivered', where: [], onceFor: 'order_id', maxAgeSeconds: 3 * day },
  'product-news': {
    kind: 'product-news',
    event: 'Product Price Dropped',
    where: [],
    interest: ['Product Viewed', 'Product Added', 'Product Added to Wishlist'],
    interestSeconds: 30 * day,
    maxAgeSeconds: 3 * day,
  },
  lapsed: { kind: 'lapsed', afterSeconds: 90 * day, maxAgeSeconds: 7 * day },
  segment: { kind: 'segment', segment: '', maxAgeSeconds: 3 * day },
};
const isKind = (value: string): value is Trigger['kind'] => Object.hasOwn(fresh, value);

export const TriggerPart = ({
  trigger,
  change,
  faultOf,
}: {
  trigger: Trigger;
  change: (trigger: Trigger) => void;
  faultOf: FaultOf;
}) => (
  <Part title="When">
    <NativeSelect
      label="What brings people in"
      data={Object.entries(triggerKinds).map(([value, label]) => ({ value, label }))}
      value={trigger.kind}
      error={faultOf('kind')}
      onChange={({ currentTarget: { value } }) => {
        if (isKind(value)) change(fresh[value]);
      }}
    />
    <Fields trigger={trigger} change={change} faultOf={faultOf} />
    <SecondsInput
      label="Not when it is older than"
      about="A step that is late by more is left out."
      seconds={trigger.maxAgeSeconds}
      least={60}
      fault={faultOf('maxAgeSeconds')}
      change={(maxAgeSeconds) => change({ ...trigger, maxAgeSeconds })}
    />
  </Part>
);

type FieldsProps<T> = { trigger: T; change: (trigger: Trigger) => void; faultOf: FaultOf };

const Fields = ({ trigger, change, faultOf }: FieldsProps<Trigger>) => {
  switch (trigger.kind) {
    case 'event':
      return <EventFields trigger={trigger} change={change} faultOf={faultOf} />;
    case 'product-news':
      return <NewsFields trigger={trigger} change={change} faultOf={faultOf} />;
    case 'lapsed':
      return (
        <SecondsInput
          label="Bought before, and not since"
          seconds={trigger.afterSeconds}
          least={60}
          fault={faultOf('afterSeconds')}
          change={(afterSeconds) => change({ ...trigger, afterSeconds })}
        />
      );
    case 'segment':
      return (
        <SegmentSelect
          label="Segment"
          about="Once for each person in it. The first step cannot be a wait: nothing says since when somebody is in it."
          value={trigger.segment}
          others={[{ value: '', label: 'Choose a segment' }]}
          fault={faultOf('segment')}
          change={(segment) => change({ ...trigger, segment })}
        />
      );
    default:
      return (
        <SecondsInput
          label={trigger.kind === 'browsed' ? 'And did nothing more for' : 'And was not touched for'}
          seconds={trigger.idleSeconds}
          least={10}
          fault={faultOf('idleSeconds')}
          change={(idleSeconds) => change({ ...trigger, idleSeconds })}
        />
      );
  }
};

type Happening = Extract<Trigger, { kind: 'event' | 'product-news' }>;

/** Which event, with its conditions. */
const Which = ({ trigger, change, faultOf }: FieldsProps<Happening>) => {
  const names = useEventNames();
  return (
    <Input.Wrapper label="Event" labelElement="div" error={faultOf('event') ?? faultOf('where')}>
      <div className="stack tight editor-event">
        <EventPicker
          label="Event that brings people in"
          value={trigger.event}
          names={names}
          change={(event) => change({ ...trigger, event })}
        />
        <div className="step-where">
          <WhereEditor of="Trigger" where={trigger.where} change={(where) => change({ ...trigger, where })} />
        </div>
      </div>
    </Input.Wrapper>
  );
};

const EventFields = ({ trigger, change, faultOf }: FieldsProps<Extract<Trigger, { kind: 'event' }>>) => (
  <>
    <Which trigger={trigger} change={change} faultOf={faultOf} />
    <Autocomplete
      label="Once for each"
      description="Events with the same value of this property are one occasion. Empty: every event is its own."
      inputWrapperOrder={order}
      placeholder="every event"
      data={['order_id', 'product_id', 'ticket_id', 'person.userId']}
      value={trigger.onceFor ?? ''}
      error={faultOf('onceFor')}
      onChange={(value) => {
        const { onceFor: _before, ...rest } = trigger;
        change(value === '' ? rest : { ...rest, onceFor: value });
      }}
    />
  </>
);

const NewsFields = ({ trigger, change, faultOf }: FieldsProps<Extract<Trigger, { kind: 'product-news' }>>) => {
  const names = useEventNames();
  const faultOfInterest = within(faultOf, 'interest');
  return (
    <>
      <Which trigger={trigger} change={change} faultOf={faultOf} />
      <TagsInput
        label="Told to those who did one of these with the product"
        description="And have not bought it since. Enter adds what you typed."
        inputWrapperOrder={order}
        data={names.map(({ event }) => event)}
        maxTags={10}
        value={trigger.interest}
        error={faultOf('interest') ?? trigger.interest.map((_, index) => faultOfInterest(String(index))).find(Boolean)}
        onChange={(interest) => change({ ...trigger, interest })}
      />
      <SecondsInput
        label="Within the last"
        seconds={trigger.interestSeconds}
        least={60}
        fault={faultOf('interestSeconds')}
        change={(interestSeconds) => change({ ...trigger, interestSeconds })}
      />
    </>
  );
};
