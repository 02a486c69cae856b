import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { getWebhookSecret } from '../../../../schemas/api/automations.ts';
import type { Step } from '../../../../schemas/automation.ts';
import { call } from '../../call.ts';
import { useSite } from '../../session.ts';
import { Copied } from '../copied.tsx';
import { FaultLine, type FaultOf } from './fields.tsx';

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
    <Secret automation={automation} />
  </div>
);

/** Shown on demand only: who looks over a shoulder must not see it. */
const Secret = ({ automation }: { automation: string }) => {
  const site = useSite();
  const asking = useMutation({
    mutationFn: () =>
      call<typeof getWebhookSecret>(
        { method: 'GET', path: '/api/sites/:site/automations/:id/webhook-secret' },
        { params: { site: site.id, id: automation } },
      ),
  });
  if (asking.data === undefined)
    return (
      <>
        <Button
          variant="default"
          size="xs"
          style={{ justifySelf: 'start' }}
          loading={asking.isPending}
          onClick={() => asking.mutate()}
        >
          Show the signing secret
        </Button>
        <FaultLine fault={asking.error?.message} />
      </>
    );
  return (
    <div className="row wrap">
      <code className="mono break">{asking.data.secret}</code>
      <Copied text={asking.data.secret} label="Copy the signing secret" />
      <Button variant="subtle" color="gray" size="compact-sm" onClick={asking.reset}>
        Hide
      </Button>
    </div>
  );
};
