import { Button, FileButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { FileUp } from 'lucide-react';
import { useRef } from 'react';
import type { createAutomation, listReadyMade } from '../../../schemas/api/automations.ts';
import type { Automation } from '../../../schemas/automation.ts';
import { useAnswer } from '../ask.ts';
import { readAutomationFile } from '../automation-file.ts';
import { automationWords } from '../automation-words.ts';
import { call } from '../call.ts';
import { Faults } from '../parts/faults.tsx';
import { Shown } from '../parts/states.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { readyMadeLines } from '../ready-made.ts';
import { useSite } from '../session.ts';

/** Makes one, off, and goes on to its page. */
const useCreating = () => {
  const site = useSite();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (document: Automation | Promise<Automation>) =>
      call<typeof createAutomation>(
        { method: 'POST', path: '/api/sites/:site/automations' },
        { params: { site: site.id }, body: await document },
      ),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/automations'] });
      await navigate({ to: '/$site/automations/$id', params: { site: site.id, id } });
    },
  });
};

export const NewAutomationPage = () => {
  const site = useSite();
  const answer = useAnswer<typeof listReadyMade>(
    { method: 'GET', path: '/api/sites/:site/automations/ready-made' },
    { params: { site: site.id } },
  );
  const creating = useCreating();
  return (
    <div className="page">
      <PageHead title="New automation">
        <Link to="/$site/automations" params={{ site: site.id }} className="small">
          All automations
        </Link>
      </PageHead>
      <Import />
      <Tile
        flush
        title="Begin with a ready-made one"
        aside={<span className="small soft">off until you switch it on</span>}
      >
        {creating.error !== null && (
          <div style={{ padding: '8px 18px' }}>
            <Faults error={creating.error} />
          </div>
        )}
        <Shown answer={answer} height={620}>
          {({ automations }) => (
            <ul className="list two-columns">
              {automations.map(({ id, automation }) => (
                <li key={id} className="line" style={{ alignItems: 'start', paddingBlock: 12 }}>
                  <div className="grow">
                    <div className="row wrap">
                      <strong>{automation.name}</strong>
                      {automation.purpose === 'service' && <Tag tone="info">Service</Tag>}
                    </div>
                    <div>{readyMadeLines[id]}</div>
                    <div className="small soft break">{automationWords(automation)}</div>
                  </div>
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`Use “${automation.name}”`}
                    disabled={creating.isPending}
                    onClick={() => creating.mutate({ ...automation, enabled: false })}
                  >
                    Use
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </Shown>
      </Tile>
    </div>
  );
};

const Import = () => {
  const importing = useCreating();
  const forget = useRef<() => void>(null);
  return (
    <Tile>
      <div className="row wrap apart">
        <div>
          <strong>Import one from a file</strong>
          <div className="small soft">A JSON file, as an automation’s page exports it. It comes in switched off.</div>
        </div>
        <FileButton
          accept="application/json,.json"
          resetRef={forget}
          onChange={(file) => {
            if (file !== null) importing.mutate(readAutomationFile(file));
            // The same file, put right, can be chosen again.
            forget.current?.();
          }}
          inputProps={{ 'aria-label': 'File of an automation' }}
        >
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileUp size={15} />} loading={importing.isPending}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </div>
      {importing.error !== null && (
        <div style={{ marginTop: 10 }}>
          <Faults error={importing.error} />
        </div>
      )}
    </Tile>
  );
};
