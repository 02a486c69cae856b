import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { getWebhookSecret, renewWebhookSecret } from '../../../schemas/api/automations.ts';
import { call } from '../call.ts';
import { dayAndTime } from '../format.ts';
import { useSite } from '../session.ts';
import { Copied } from './copied.tsx';
import { Faults } from './faults.tsx';

const path = '/api/sites/:site/automations/:id/webhook-secret';

/** Shown on demand only: who looks over a shoulder must not see it. */
export const WebhookSecret = ({ automation }: { automation: string }) => {
  const site = useSite();
  const [isAsking, setAsking] = useState(false);
  const params = { site: site.id, id: automation };
  const showing = useMutation({
    mutationFn: () => call<typeof getWebhookSecret>({ method: 'GET', path }, { params }),
  });
  const renewing = useMutation({
    mutationFn: () => call<typeof renewWebhookSecret>({ method: 'POST', path }, { params }),
    onSuccess: () => setAsking(false),
  });
  const shown = renewing.data ?? showing.data;
  const hide = (): void => {
    showing.reset();
    renewing.reset();
    setAsking(false);
  };
  if (shown === undefined)
    return (
      <>
        <Button
          variant="default"
          size="xs"
          style={{ justifySelf: 'start' }}
          loading={showing.isPending}
          onClick={() => showing.mutate()}
        >
          Show the signing secret
        </Button>
        <Faults error={showing.error} />
      </>
    );
  return (
    <div className="stack tight">
      <div className="row wrap">
        <code className="mono break">{shown.secret}</code>
        <Copied text={shown.secret} label="Copy the signing secret" />
        <Button variant="subtle" color="gray" size="compact-sm" onClick={hide}>
          Hide
        </Button>
        {!isAsking && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setAsking(true)}>
            Make a new one
          </Button>
        )}
      </div>
      <div className="small soft" aria-live="polite">
        {shown.alsoUntil !== null &&
          `Until ${dayAndTime(shown.alsoUntil, site.timeZone)} messages carry the signature of the one before, too.`}
      </div>
      {isAsking && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
        <div className="row wrap" role="group" aria-label="Make a new signing secret?">
          <span className="small">
            For 24 hours messages carry the signatures of both, then of the new one alone: give it to the receiver by
            then.
          </span>
          <Button variant="default" size="xs" autoFocus onClick={() => setAsking(false)}>
            Keep this one
          </Button>
          <Button size="xs" loading={renewing.isPending} onClick={() => renewing.mutate()}>
            Make a new secret
          </Button>
        </div>
      )}
      <Faults error={renewing.error} />
    </div>
  );
};
