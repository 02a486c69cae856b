import { TextInput } from '@mantine/core';
import type { Step } from '../../../../schemas/automation.ts';
import { WebhookSecret } from '../webhook-secret.tsx';
import type { FaultOf } from './fields.tsx';

type HookStep = Extract<Step, { kind: 'webhook' }>;

export const WebhookStep = ({
  step,
  automation,
  change,
  faultOf,
}: {
  step: HookStep;
  automation: string;
  change: (step: HookStep) => void;
  faultOf: FaultOf;
}) => (
  <div className="stack tight">
    <TextInput
      label="Address"
      description="Gets a signed POST about the person and what happened."
      type="url"
      placeholder="https://"
      value={step.url}
      error={faultOf('url')}
      onChange={({ currentTarget }) => change({ ...step, url: currentTarget.value })}
    />
    <WebhookSecret automation={automation} />
  </div>
);
