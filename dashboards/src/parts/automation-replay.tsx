import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReplayAnswer, replayAutomation } from '../../../schemas/api/automations.ts';
import { call } from '../call.ts';
import { count, duration, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { Tile } from './tile.tsx';

const days = 30;

/** What the automation, as saved, would have sent: asked for only when somebody wants to know, as it takes up to half a minute. */
export const AutomationReplay = ({ automation }: { automation: string }) => {
  const site = useSite();
  const asking = useMutation({
    mutationFn: () =>
      call<typeof replayAutomation>(
        { method: 'POST', path: '/api/sites/:site/automations/:id/replay' },
        { params: { site: site.id, id: automation }, body: { days } },
      ),
  });
  return (
    <Tile title={`The last ${days} days`} aside={<span className="small soft">sends nothing</span>}>
      <div className="stack tight">
        <div aria-live="polite">
          {asking.data === undefined ? (
            <p className="soft">What would it have sent, had it been on?</p>
          ) : (
            <Told answer={asking.data} />
          )}
          {asking.error !== null && <p style={{ color: 'var(--bad)' }}>{asking.error.message}</p>}
        </div>
        <div>
          <Button variant="default" loading={asking.isPending} onClick={() => asking.mutate()}>
            {asking.data === undefined ? 'Find out' : 'Ask again'}
          </Button>
        </div>
      </div>
    </Tile>
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
