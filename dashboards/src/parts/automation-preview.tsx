import type { AutomationPreview } from '../../../schemas/api/automations.ts';
import type { Step } from '../../../schemas/automation.ts';
import { actingSteps } from '../automation-steps.ts';
import { reasonWords, stepWords } from '../automation-words.ts';
import { useNow } from '../clock.ts';
import { ago, count, money } from '../format.ts';
import { Avatar, PersonLink } from './person.tsx';
import { State } from './states.tsx';

const mostNamed = 8;

/** Whose step has come, and why it has not for the others. `steps`: of the automation that was asked about. */
export const AutomationPreviewList = ({ preview, steps }: { preview: AutomationPreview; steps: readonly Step[] }) => {
  const now = useNow();
  const acting = actingSteps(steps);
  const whatOf = (id: string): string => {
    const step = acting.find((one) => one.id === id);
    // Where there is but one, everybody gets the same.
    return step === undefined || acting.length === 1 ? '' : ` · ${stepWords(step)}`;
  };
  const byReason = new Map<string, AutomationPreview['heldBack']>();
  for (const one of preview.heldBack) byReason.set(one.reason, [...(byReason.get(one.reason) ?? []), one]);
  return (
    <>
      {preview.due.length === 0 && (
        <State title="Nobody right now">
          A person is due when a step’s time has come and no rule speaks against it.
        </State>
      )}
      <ul className="list" style={{ paddingTop: 8 }}>
        {preview.due.slice(0, mostNamed).map((one) => (
          <li key={one.person + one.lastActivity} className="line">
            <Avatar person={one} />
            <div className="grow clip">
              <PersonLink id={one.person} person={one} />
              <div className="small soft">
                {one.value === null ? 'since' : 'basket idle since'} {ago(one.lastActivity, now)}
                {whatOf(one.step)}
              </div>
            </div>
            <span className="num">{one.value === null ? '' : money(one.value, one.currency)}</span>
          </li>
        ))}
        {preview.due.length > mostNamed && (
          <li className="line soft">and {count(preview.due.length - mostNamed)} more</li>
        )}
      </ul>
      {byReason.size > 0 && (
        <div style={{ padding: '6px 18px 16px' }}>
          <h3 style={{ fontSize: 13, margin: '6px 0' }}>Why others would not</h3>
          <ul className="stack tight">
            {[...byReason].map(([reason, people]) => (
              <li key={reason}>
                <details>
                  <summary style={{ cursor: 'pointer', minHeight: 24 }}>
                    <strong className="num">{count(people.length)}</strong> {reasonWords(reason)}
                  </summary>
                  <ul style={{ padding: '4px 0 0 16px' }} className="small">
                    {people.slice(0, mostNamed).map((one) => (
                      <li key={one.person} className="clip">
                        <PersonLink id={one.person} person={one} />
                      </li>
                    ))}
                    {people.length > mostNamed && <li className="soft">and {count(people.length - mostNamed)} more</li>}
                  </ul>
                </details>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
};
