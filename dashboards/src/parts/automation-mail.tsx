import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { renderAutomation, testAutomation } from '../../../schemas/api/automations.ts';
import type { Step } from '../../../schemas/automation.ts';
import { useAnswer } from '../ask.ts';
import { actingSteps, variantNames } from '../automation-steps.ts';
import { stepWords } from '../automation-words.ts';
import { call } from '../call.ts';
import { useSite } from '../session.ts';
import { Shown } from './states.tsx';
import { Tile } from './tile.tsx';

const forms = [
  { value: 'desktop', label: 'Desktop' },
  { value: 'phone', label: 'Phone' },
  { value: 'text', label: 'Text' },
];

/** The mails as they would look, with a sample of what they are about, and one of them sent to an address as a test. As saved: what is being typed is not in it. */
export const AutomationMail = ({
  automation,
  version,
  steps,
}: {
  automation: string;
  version: number;
  steps: readonly Step[];
}) => {
  const mails = actingSteps(steps).filter((step) => step.kind === 'email');
  const [chosen, choose] = useState('');
  const [form, setForm] = useState('desktop');
  const [first] = mails;
  const step = mails.find(({ id }) => id === chosen) ?? first;
  const [wanted, setWanted] = useState(0);
  if (step === undefined) return null;
  // Another mail may have fewer.
  const variant = Math.min(wanted, step.variants.length);
  return (
    <Tile
      title="How it looks"
      aside={<SegmentedControl size="xs" aria-label="Show as" data={forms} value={form} onChange={setForm} />}
    >
      <div className="stack">
        {mails.length > 1 && (
          <Select
            label="Which mail"
            allowDeselect={false}
            data={mails.map((mail) => ({ value: mail.id, label: stepWords(mail) }))}
            value={step.id}
            onChange={(id) => choose(id ?? '')}
          />
        )}
        {step.variants.length > 0 && (
          <div className="row wrap">
            <SegmentedControl
              size="xs"
              aria-label="Which of those tried against each other"
              data={[step.email, ...step.variants].map((_, at) => ({
                value: String(at),
                label: `Mail ${variantNames[at]}`,
              }))}
              value={String(variant)}
              onChange={(value) => setWanted(Number(value))}
            />
          </div>
        )}
        <Drawn
          key={`${step.id} ${variant} ${version}`}
          automation={automation}
          which={{ step: step.id, variant }}
          form={form}
        />
        <TestMail automation={automation} which={{ step: step.id, variant }} />
      </div>
    </Tile>
  );
};

type Which = { step: string; variant: number };

const Drawn = ({ automation, which, form }: { automation: string; which: Which; form: string }) => {
  const site = useSite();
  const answer = useAnswer<typeof renderAutomation>(
    { method: 'POST', path: '/api/sites/:site/automations/:id/render' },
    { params: { site: site.id, id: automation }, body: which },
  );
  return (
    <Shown answer={answer} height={420}>
      {({ subject, html, text }) => (
        <>
          <p>
            <span className="small soft">Subject</span> <strong>{subject}</strong>
          </p>
          {form === 'text' ? (
            <pre className="code">{text}</pre>
          ) : (
            <iframe
              title={`Mail: ${subject}`}
              sandbox=""
              srcDoc={html}
              style={{
                width: form === 'phone' ? 360 : '100%',
                maxWidth: '100%',
                height: 420,
                border: '1px solid var(--line)',
                borderRadius: 10,
                justifySelf: 'center',
              }}
            />
          )}
        </>
      )}
    </Shown>
  );
};

const outcomes = { accepted: 'Sent', refused: 'Refused', unknown: 'Not known whether it arrived' } as const;

const TestMail = ({ automation, which }: { automation: string; which: Which }) => {
  const site = useSite();
  const [address, setAddress] = useState('');
  const sending = useMutation({
    mutationFn: () =>
      call<typeof testAutomation>(
        { method: 'POST', path: '/api/sites/:site/automations/:id/test' },
        { params: { site: site.id, id: automation }, body: { address, ...which } },
      ),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    sending.mutate();
  };
  return (
    <form className="row wrap" style={{ alignItems: 'end' }} onSubmit={send}>
      <TextInput
        className="grow"
        label="Send a test to"
        type="email"
        required
        value={address}
        onChange={({ currentTarget }) => setAddress(currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={sending.isPending}>
        Send test
      </Button>
      <div aria-live="polite" className="small" style={{ flexBasis: '100%' }}>
        {sending.data !== undefined && `${outcomes[sending.data.outcome]}: ${sending.data.said}`}
        {sending.error !== null && <span style={{ color: 'var(--bad)' }}>{sending.error.message}</span>}
      </div>
    </form>
  );
};
