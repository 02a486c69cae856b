import { Link, useParams } from '@tanstack/react-router';
import type { AutomationAnswer, getAutomation, previewAutomation } from '../../../schemas/api/automations.ts';
import { useAnswer } from '../ask.ts';
import { AutomationDelete } from '../parts/automation-delete.tsx';
import { AutomationEditor } from '../parts/automation-editor/automation-editor.tsx';
import { AutomationExport } from '../parts/automation-export.tsx';
import { AutomationMail } from '../parts/automation-mail.tsx';
import { AutomationPreviewList } from '../parts/automation-preview.tsx';
import { AutomationReplay } from '../parts/automation-replay.tsx';
import { AutomationResults } from '../parts/automation-results.tsx';
import { AutomationVersions } from '../parts/automation-versions.tsx';
import { PausedNotice } from '../parts/contact-rules/paused.tsx';
import { Ledger } from '../parts/ledger.tsx';
import { Shown } from '../parts/states.tsx';
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
            {(data) => <AutomationPreviewList preview={data} steps={steps} />}
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
