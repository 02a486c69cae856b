import { Button, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ContactRules } from '../../../../schemas/contact-rules.ts';
import { Problem } from '../../call.ts';
import { hourText } from '../../contact-words.ts';
import { type FaultOf, faultFinder, SecondsInput } from '../automation-editor/fields.tsx';
import { Faults } from '../faults.tsx';
import { type Rules, usePutContactRules } from './rules.ts';

type PartProps = { draft: ContactRules; change: (draft: ContactRules) => void; faultOf: FaultOf };

/** Everything but the switch that stops everything: that one does not wait for a button. */
export const RulesForm = ({ version, rules }: Rules) => {
  const [draft, setDraft] = useState(rules);
  const putting = usePutContactRules(version);
  const isChanged = JSON.stringify({ ...draft, paused: rules.paused }) !== JSON.stringify(rules);
  const errors = putting.error instanceof Problem ? putting.error.errors : [];
  const faultOf = faultFinder(errors);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    putting.mutate({ ...draft, paused: rules.paused });
  };
  const props = { draft, change: setDraft, faultOf };
  return (
    <form className="stack" onSubmit={save}>
      <TextInput
        label="Consent"
        description="The trait that says who agreed to marketing mails. Empty: everybody who has not unsubscribed."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder="traits.marketing_consent"
        value={draft.consentTrait ?? ''}
        error={faultOf('consentTrait')}
        onChange={({ currentTarget: { value } }) => setDraft({ ...draft, consentTrait: value === '' ? null : value })}
      />
      <QuietHours {...props} />
      <Cap {...props} />
      <PerDomain {...props} />
      <Switch
        label="Openings: note who opens a mail"
        description="Mails hold a picture of one pixel, and who shows it counts as having opened (“Email Opened”), once. It is a hint and no more: some mail programs fetch every picture by themselves, others none. And it looks at what people read at home. Clicks are surer, and are noted without it."
        checked={draft.openPixel}
        onChange={({ currentTarget }) => setDraft({ ...draft, openPixel: currentTarget.checked })}
      />
      <Faults error={putting.error} />
      <div className="row wrap">
        <Button type="submit" disabled={!isChanged} loading={putting.isPending}>
          Save the rules
        </Button>
        <Button variant="default" disabled={!isChanged} onClick={() => setDraft(rules)}>
          Discard changes
        </Button>
      </div>
    </form>
  );
};

const Optional = ({
  label,
  isOn,
  turn,
  children,
}: {
  label: string;
  isOn: boolean;
  turn: (isOn: boolean) => void;
  children: ReactNode;
}) => (
  <div className="stack tight">
    <Switch label={label} checked={isOn} onChange={({ currentTarget }) => turn(currentTarget.checked)} />
    {isOn && <div className="rule-fields">{children}</div>}
  </div>
);

const hours = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: hourText(hour) }));

const QuietHours = ({ draft, change, faultOf }: PartProps) => {
  const { quietHours } = draft;
  const set = (next: ContactRules['quietHours']): void => change({ ...draft, quietHours: next });
  return (
    <Optional
      label="Quiet hours: no marketing mails, by the clock of the person"
      isOn={quietHours !== null}
      turn={(isOn) => set(isOn ? { from: 21, to: 8 } : null)}
    >
      {quietHours !== null && (
        <>
          <NativeSelect
            label="From"
            data={hours}
            value={String(quietHours.from)}
            error={faultOf('quietHours.from') ?? faultOf('quietHours')}
            onChange={({ currentTarget }) => set({ ...quietHours, from: Number(currentTarget.value) })}
          />
          <NativeSelect
            label="Until"
            data={hours}
            value={String(quietHours.to)}
            error={faultOf('quietHours.to')}
            onChange={({ currentTarget }) => set({ ...quietHours, to: Number(currentTarget.value) })}
          />
        </>
      )}
    </Optional>
  );
};

const Cap = ({ draft, change, faultOf }: PartProps) => {
  const { cap } = draft;
  const set = (next: ContactRules['cap']): void => change({ ...draft, cap: next });
  return (
    <Optional
      label="Cap: marketing mails of all automations together that one person gets"
      isOn={cap !== null}
      turn={(isOn) => set(isOn ? { mails: 3, seconds: 7 * 86_400 } : null)}
    >
      {cap !== null && (
        <>
          <NumberInput
            label="At most"
            suffix={cap.mails === 1 ? ' mail' : ' mails'}
            min={1}
            max={1000}
            allowDecimal={false}
            value={cap.mails}
            error={faultOf('cap.mails')}
            onChange={(mails) => {
              if (typeof mails === 'number') set({ ...cap, mails });
            }}
          />
          <SecondsInput
            label="Within"
            seconds={cap.seconds}
            least={60}
            fault={faultOf('cap.seconds')}
            change={(seconds) => set({ ...cap, seconds })}
          />
        </>
      )}
    </Optional>
  );
};

const PerDomain = ({ draft, change, faultOf }: PartProps) => (
  <Optional
    label="Rate: not too many at once to one mail domain (gmail.com …)"
    isOn={draft.mailsPerDomainMinute !== null}
    turn={(isOn) => change({ ...draft, mailsPerDomainMinute: isOn ? 100 : null })}
  >
    <NumberInput
      label="Mails a minute to one domain"
      min={1}
      max={100_000}
      allowDecimal={false}
      value={draft.mailsPerDomainMinute ?? ''}
      error={faultOf('mailsPerDomainMinute')}
      onChange={(rate) => {
        if (typeof rate === 'number') change({ ...draft, mailsPerDomainMinute: rate });
      }}
    />
  </Optional>
);
