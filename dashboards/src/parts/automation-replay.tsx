import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ReplayAnswer, replayAutomation } from '../../../schemas/api/automations.ts';
import type { Automation } from '../../../schemas/automation.ts';
import { call } from '../call.ts';
import { count, duration, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { Tile } from './tile.tsx';

const days = 30;

/** What the automation, as saved, would have sent. */
export const AutomationReplay = ({ automation }: { automation: string }) => (
  <Tile title={`The last ${days} days`} aside={<span className="small soft">sends nothing</span>}>
    <ReplayPart automation={automation} ask="Find out">
      What would it have sent, had it been on?
    </ReplayPart>
  </Tile>
);

/** Asked for only when somebody wants to know, as it takes up to half a minute. `draft`: of this instead of what is saved. */
export const ReplayPart = ({
  automation,
  draft,
  ask,
  children,
}: {
  automation: string;
  draft?: Automation;
  ask: string;
  children: ReactNode;
}) => {
  const site = useSite();
  const asking = useMutation({
    mutationFn: () =>
      call<typeof replayAutomation>(
        { method: 'POST', path: '/api/sites/:site/automations/:id/replay' },
        { params: { site: site.id, id: automation }, body: { days, automation: draft } },
      ),
  });
  return (
    <div className="stack tight">
      <div aria-live="polite">
        {asking.data === undefined ? <p className="soft">{children}</p> : <Told answer={asking.data} />}
        {asking.error !== null && <p style={{ color: 'var(--bad)' }}>{asking.error.message}</p>}
      </div>
      <div>
        <Button variant="default" loading={asking.isPending} onClick={() => asking.mutate()}>
          {asking.data === undefined ? ask : 'Ask again'}
        </Button>
      </div>
    </div>
  );
};

const Told = ({ answer }: { answer: ReplayAnswer }) => {
  const { messages, persons, heldOut, steps, everySeconds } = answer;
  return (
    <>
      <p>
        This automation would have sent <strong>{plural(messages, 'message')}</strong> to{' '}
        {plural(persons, 'person', 'persons')}
        {heldOut > 0 && `, and held out ${count(heldOut)}`}.
      </p>
      {steps.length > 1 && (
        <p className="small soft">{steps.map(({ step, messages: each }) => `${step}: ${count(each)}`).join(' · ')}</p>
      )}
      <p className="small soft">
        Under today’s rules, looked at every {duration(everySeconds)}. What the messages would have changed nobody
        knows.
      </p>
    </>
  );
};
