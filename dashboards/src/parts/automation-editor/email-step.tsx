import { Button, Textarea, TextInput } from '@mantine/core';
import { Split, X } from 'lucide-react';
import type { Step } from '../../../../schemas/automation.ts';
import { variantNames } from '../../automation-steps.ts';
import { DiscountFields } from './discount-fields.tsx';
import { type FaultOf, within } from './fields.tsx';

type MailStep = Extract<Step, { kind: 'email' }>;
type Props = { step: MailStep; change: (step: MailStep) => void; faultOf: FaultOf };

type Email = MailStep['email'];

export const EmailStep = ({ step, change, faultOf }: Props) => {
  const { variants } = step;
  const set = (next: Email[]): void => change({ ...step, variants: next });
  return (
    <div className="stack tight">
      <MailFields
        email={step.email}
        change={(email) => change({ ...step, email })}
        faultOf={within(faultOf, 'email')}
      />
      {variants.map((email, index) => {
        const letter = variantNames[index + 1];
        const name = `Mail ${letter}, tried against the one above`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a variant is its place
          <fieldset key={index} className="editor-variant stack tight">
            <legend>{name}</legend>
            <MailFields
              email={email}
              change={(next) => set(variants.map((one, at) => (at === index ? next : one)))}
              faultOf={within(faultOf, `variants.${index}`)}
            />
            <Button
              variant="subtle"
              color="gray"
              size="xs"
              style={{ justifySelf: 'start' }}
              leftSection={<X size={14} />}
              onClick={() => set(variants.filter((_, at) => at !== index))}
            >
              Remove mail {letter}
            </Button>
          </fieldset>
        );
      })}
      <DiscountFields step={step} change={change} faultOf={faultOf} />
      {variants.length + 1 < variantNames.length && (
        <div className="row wrap">
          <Button
            variant="default"
            size="xs"
            leftSection={<Split size={14} />}
            onClick={() => set([...variants, step.email])}
          >
            Try another mail against it
          </Button>
          <span className="small soft">Each person gets one of them, in equal shares.</span>
        </div>
      )}
    </div>
  );
};

const MailFields = ({ email, change, faultOf }: { email: Email; change: (email: Email) => void; faultOf: FaultOf }) => {
  const set = (changed: Partial<Email>): void => change({ ...email, ...changed });
  return (
    <>
      <TextInput
        label="Subject"
        value={email.subject}
        maxLength={300}
        error={faultOf('subject')}
        onChange={({ currentTarget }) => set({ subject: currentTarget.value })}
      />
      <TextInput
        label="Preview line"
        value={email.preheader}
        maxLength={300}
        error={faultOf('preheader')}
        onChange={({ currentTarget }) => set({ preheader: currentTarget.value })}
      />
      <TextInput
        label="Heading"
        value={email.heading}
        maxLength={300}
        error={faultOf('heading')}
        onChange={({ currentTarget }) => set({ heading: currentTarget.value })}
      />
      <Textarea
        label="Text"
        description="An empty line begins a paragraph. Liquid variables work, e.g. {{ person.firstName }}."
        value={email.body}
        maxLength={20_000}
        autosize
        minRows={4}
        maxRows={16}
        error={faultOf('body')}
        onChange={({ currentTarget }) => set({ body: currentTarget.value })}
      />
      <div className="editor-fields">
        <TextInput
          label="Button"
          value={email.button}
          maxLength={100}
          error={faultOf('button')}
          onChange={({ currentTarget }) => set({ button: currentTarget.value })}
        />
        <TextInput
          label="Button leads to"
          type="url"
          placeholder="https://"
          value={email.buttonUrl}
          error={faultOf('buttonUrl')}
          onChange={({ currentTarget }) => set({ buttonUrl: currentTarget.value })}
        />
      </div>
    </>
  );
};
