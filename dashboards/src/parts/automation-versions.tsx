import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { AutomationAnswer, listAutomationVersions, putAutomation } from '../../../schemas/api/automations.ts';
import { useAnswer } from '../ask.ts';
import { automationWords } from '../automation-words.ts';
import { call } from '../call.ts';
import { useNow } from '../clock.ts';
import { ago, dayAndTime, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { Faults } from './faults.tsx';
import { Shown } from './states.tsx';
import { Tag, Tile } from './tile.tsx';

/** At first; the others on demand. */
const shownAtFirst = 5;

/** What it was before. A version that is put back becomes the next one, and is on or off as the automation is now. */
export const AutomationVersions = ({ known }: { known: AutomationAnswer }) => {
  const site = useSite();
  const queries = useQueryClient();
  const [isWhole, showWhole] = useState(false);
  const answer = useAnswer<typeof listAutomationVersions>(
    { method: 'GET', path: '/api/sites/:site/automations/:id/versions' },
    { params: { site: site.id, id: known.id } },
  );
  const restoring = useMutation({
    mutationFn: ({ automation }: AutomationAnswer) =>
      call<typeof putAutomation>(
        { method: 'PUT', path: '/api/sites/:site/automations/:id' },
        { params: { site: site.id, id: known.id }, body: { ...automation, enabled: known.automation.enabled } },
        { ifMatch: known.version },
      ),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Tile flush title="Versions" aside={<span className="small soft">each time it was saved</span>}>
      <Shown answer={answer} height={120}>
        {({ versions }) => (
          <>
            <ul className="list">
              {versions.slice(0, isWhole ? versions.length : shownAtFirst).map((one) => (
                <VersionLine key={one.version} one={one} isNewest={one.version === versions[0]?.version}>
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`Restore version ${one.version}`}
                    disabled={restoring.isPending}
                    loading={restoring.isPending && restoring.variables.version === one.version}
                    onClick={() => restoring.mutate(one)}
                  >
                    Restore
                  </Button>
                </VersionLine>
              ))}
            </ul>
            {restoring.error !== null && (
              <div className="line">
                <Faults error={restoring.error} />
              </div>
            )}
            {!isWhole && versions.length > shownAtFirst && (
              <div className="line">
                <Button variant="subtle" size="xs" onClick={() => showWhole(true)}>
                  Show all {plural(versions.length, 'version')}
                </Button>
              </div>
            )}
          </>
        )}
      </Shown>
    </Tile>
  );
};

const VersionLine = ({
  one: { version, changedAt, automation },
  isNewest,
  children,
}: {
  one: AutomationAnswer;
  isNewest: boolean;
  children: ReactNode;
}) => {
  const site = useSite();
  const now = useNow();
  return (
    <li className="line">
      <div className="grow">
        <div className="clip">
          {version} · {automation.name}
        </div>
        <div className="small soft">
          <span title={dayAndTime(changedAt, site.timeZone)}>{ago(changedAt, now)}</span> ·{' '}
          {automationWords(automation)}
        </div>
      </div>
      {isNewest ? <Tag>Now</Tag> : children}
    </li>
  );
};
