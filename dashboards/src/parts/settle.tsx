import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ActionAnswer, settleAction } from '../../../schemas/api/automations.ts';
import { call } from '../call.ts';
import { useSite } from '../session.ts';
import { Faults } from './faults.tsx';

/** What the performer makes of a decision stands in the ledger a moment later. */
const performedMs = 1500;

/** Of a mail of which nobody knows whether it went out, a person decides: who looks into the mail server's log, or asks. */
export const Settle = ({ action: { id, email } }: { action: ActionAnswer }) => {
  const site = useSite();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState<boolean | null>(null);
  const settling = useMutation({
    mutationFn: (as: 'sent' | 'again') =>
      call<typeof settleAction>(
        { method: 'POST', path: '/api/sites/:site/actions/:id/settle' },
        { params: { site: site.id, id }, body: { as } },
      ),
    onSettled: async () => {
      await new Promise((resolve) => setTimeout(resolve, performedMs));
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/actions'] });
    },
  });
  const leave = (): void => {
    settling.reset();
    setAsking(false);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div role="group" aria-label={`Decide about the mail to ${email}`} className="stack tight small settle">
      <span>
        {isAsking === true
          ? `If it did go out, ${email} gets it twice. It goes only if every rule allows it still: a basket that was bought meanwhile gets nothing.`
          : 'The mail server fell silent after it had the message: it may have gone out or not. The server’s log, or the person, can say.'}
      </span>
      <div className="row wrap">
        {isAsking === true ? (
          <>
            <Button key="again" size="xs" loading={settling.isPending} onClick={() => settling.mutate('again')}>
              Send it again
            </Button>
            {/* Under the hand that has just clicked. */}
            <Button key="leave" variant="default" size="xs" autoFocus onClick={leave}>
              Leave it
            </Button>
          </>
        ) : (
          <>
            <Button
              key="sent"
              variant="default"
              size="xs"
              loading={settling.isPending}
              onClick={() => settling.mutate('sent')}
            >
              It went out
            </Button>
            <Button
              key="ask"
              variant="default"
              size="xs"
              disabled={settling.isPending}
              autoFocus={isAsking === false}
              onClick={() => setAsking(true)}
            >
              Send again …
            </Button>
          </>
        )}
      </div>
      <Faults error={settling.error} />
    </div>
  );
};
