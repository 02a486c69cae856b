import { NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import type { Step } from '../../../../schemas/automation.ts';
import { type FaultOf, SecondsInput } from './fields.tsx';

type MailStep = Extract<Step, { kind: 'email' }>;
type Props = { step: MailStep; change: (step: MailStep) => void; faultOf: FaultOf };

export const EmailStep = ({ step, change, faultOf }: Props) => {
  const { email } = step;
  const set = (changed: Partial<MailStep['email']>): void => change({ ...step, email: { ...email, ...changed } });
  return (
    <div className="stack tight">
      <TextInput
        label="Subject"
        value={email.subject}
        maxLength={300}
        error={faultOf('email.subject')}
        onChange={({ currentTarget }) => set({ subject: currentTarget.value })}
      />
      <TextInput
        label="Preview line"
        value={email.preheader}
        maxLength={300}
        error={faultOf('email.preheader')}
        onChange={({ currentTarget }) => set({ preheader: currentTarget.value })}
      />
      <TextInput
        label="Heading"
        value={email.heading}
        maxLength={300}
        error={faultOf('email.heading')}
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
        error={faultOf('email.body')}
        onChange={({ currentTarget }) => set({ body: currentTarget.value })}
      />
      <div className="editor-fields">
        <TextInput
          label="Button"
          value={email.button}
          maxLength={100}
          error={faultOf('email.button')}
          onChange={({ currentTarget }) => set({ button: currentTarget.value })}
        />
        <TextInput
          label="Button leads to"
          type="url"
          placeholder="https://"
          value={email.buttonUrl}
          error={faultOf('email.buttonUrl')}
          onChange={({ currentTarget }) => set({ buttonUrl: currentTarget.value })}
        />
      </div>
      <Discount step={step} change={change} faultOf={faultOf} />
    </div>
  );
};

const Discount = ({ step, change, faultOf }: Props) => {
  const { discount, ...rest } = step;
  const first = { percent: 10, validSeconds: 7 * 86_400 };
  return (
    <>
      <Switch
        mt={6}
        label="With a discount: a personal code that works once"
        checked={discount !== undefined}
        onChange={({ currentTarget }) => change(currentTarget.checked ? { ...rest, discount: first } : rest)}
      />
      {discount !== undefined && (
        <div className="editor-fields">
          <NumberInput
            label="Discount"
            suffix="%"
            min={1}
            max={100}
            allowDecimal={false}
            value={discount.percent}
            error={faultOf('discount.percent')}
            onChange={(percent) => {
              if (typeof percent === 'number') change({ ...step, discount: { ...discount, percent } });
            }}
          />
          <SecondsInput
            label="The code is good for"
            seconds={discount.validSeconds}
            least={60}
            fault={faultOf('discount.validSeconds')}
            change={(validSeconds) => change({ ...step, discount: { ...discount, validSeconds } })}
          />
        </div>
      )}
    </>
  );
};
