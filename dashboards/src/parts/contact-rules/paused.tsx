import { Switch } from '@mantine/core';
import { OctagonPause } from 'lucide-react';
import { Faults } from '../faults.tsx';
import './contact-rules.css';
import { type Rules, useContactRules, usePutContactRules } from './rules.ts';

/** The switch that stops everything. It holds at once, without a button to save it. */
export const PauseSwitch = ({ version, rules }: Rules) => {
  const putting = usePutContactRules(version);
  const isPaused = putting.isPending ? putting.variables.paused : rules.paused;
  return (
    <div className={isPaused ? 'pause on' : 'pause'}>
      <Switch
        color="red"
        label={<strong>Pause everything</strong>}
        description={
          isPaused
            ? 'Nothing is planned and nothing is sent, by any automation, service messages included. Switched off again, what is not too old by then goes on.'
            : 'Stops every automation of this site at once, service messages included. What is planned waits.'
        }
        checked={isPaused}
        onChange={({ currentTarget }) => putting.mutate({ ...rules, paused: currentTarget.checked })}
      />
      <Faults error={putting.error} />
    </div>
  );
};

/** At the top of pages of automations for as long as nothing is sent. */
export const PausedNotice = () => {
  const { data } = useContactRules();
  const isPaused = data?.rules.paused === true;
  return (
    // There all the time, so that what comes into it is read out.
    <div role="status" className={isPaused ? undefined : 'unseen'}>
      {isPaused && (
        <div className="paused-notice">
          <OctagonPause size={20} aria-hidden />
          <div>
            <strong>Everything is paused.</strong> No automation plans or sends anything until “Pause everything” is
            switched off in the contact rules.
          </div>
        </div>
      )}
    </div>
  );
};
