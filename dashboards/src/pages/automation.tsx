import { Link, useParams } from '@tanstack/react-router';
import type {
  AutomationAnswer,
  AutomationPreview,
  getAutomation,
  previewAutomation,
} from '../../../schemas/api/automations.ts';
import type { Step } from '../../../schemas/automation.ts';
import { useAnswer } from '../ask.ts';
import { actingSteps } from '../automation-steps.ts';
import { reasonWords, stepWords } from '../automation-words.ts';
import { useNow } from '../clock.ts';
import { ago, count, money } from '../format.ts';
import { AutomationDelete } from '../parts/automation-delete.tsx';
import { AutomationEditor } from '../parts/automation-editor/automation-editor.tsx';
import { AutomationExport } from '../parts/automation-export.tsx';
import { AutomationMail } from '../parts/automation-mail.tsx';
import { AutomationReplay } from '../parts/automation-replay.tsx';
import { AutomationResults } from '../parts/automation-results.tsx';
import { AutomationVersions } from '../parts/automation-versions.tsx';
import { PausedNotice } from '../parts/contact-rules/paused.tsx';
import { Ledger } from '../parts/ledger.tsx';
import { Avatar, PersonLink } from '../parts/person.tsx';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { useSite } from '../session.ts';

export const AutomationPage = () => {
  const site = useSite();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const answer = useAnswer<typeof getAutomation>(
    { method: 'GET', path: '/api/sites/:site/automations/:id' },
    { params: { site: site.id, id } },
  );
  return (
    <div className="page">
      <PausedNotice />
      <PageHead title={answer.data?.automation.name ?? 'Automation'}>
        {answer.data !== undefined && (
          <Tag tone={answer.data.automation.enabled ? 'good' : 'plain'}>
            {answer.data.automation.enabled ? 'On' : 'Off'}
          </Tag>
        )}
        {answer.data !== undefined && <AutomationExport automation={answer.data.automation} />}
        {answer.data !== undefined && <AutomationDelete id={id} name={answer.data.automation.name} />}
        <Link to="/$site/automations" params={{ site: site.id }} className="small">
          All automations
        </Link>
      </PageHead>
      {answer.data === undefined ? (
        <Tile title="What it does">
          <Shown answer={answer} height={620}>
            {() => null}
          </Shown>
        </Tile>
      ) : (
        <Parts id={id} known={answer.data} />
      )}
    </div>
  );
};

/** Stands only where the automation is there: what is beside the editor would be pushed away when that comes. */
const Parts = ({ id, known }: { id: string; known: AutomationAnswer }) => {
  const site = useSite();
  const preview = useAnswer<typeof previewAutomation>(
    { method: 'POST', path: '/api/sites/:site/automations/:id/preview' },
    { params: { site: site.id, id } },
    { everyMs: 15_000 },
  );
  const { steps } = known.automation;
  return (
    <div className="columns even" style={{ alignItems: 'start' }}>
      <Tile title="What it does">
        <AutomationEditor key={known.id} answer={known} />
      </Tile>
      <div className="stack" style={{ alignContent: 'start' }}>
        <Tile flush title="Who would get it now" aside={<span className="small soft">sends nothing</span>}>
          <Shown answer={preview} height={260}>
            {(data) => <Preview preview={data} steps={steps} />}
          </Shown>
        </Tile>
        <AutomationMail automation={id} version={known.version} steps={steps} />
        <AutomationReplay automation={id} />
        <AutomationResults automation={id} steps={steps} />
        <AutomationVersions known={known} />
        <Ledger automation={id} />
      </div>
    </div>
  );
};

const mostNamed = 8;

const Preview = ({ preview, steps }: { preview: AutomationPreview; steps: readonly Step[] }) => {
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
