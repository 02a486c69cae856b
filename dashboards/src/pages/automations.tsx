import { Button, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { AutomationAnswer, listAutomations, putAutomation } from '../../../schemas/api/automations.ts';
import { useAnswer } from '../ask.ts';
import { automationWords } from '../automation-words.ts';
import { call } from '../call.ts';
import { useNow } from '../clock.ts';
import { ago } from '../format.ts';
import { ContactRulesTile } from '../parts/contact-rules/contact-rules.tsx';
import { PausedNotice } from '../parts/contact-rules/paused.tsx';
import { Suppressions } from '../parts/contact-rules/suppressions.tsx';
import { Ledger } from '../parts/ledger.tsx';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { useSite } from '../session.ts';

export const AutomationsPage = () => {
  const site = useSite();
  const answer = useAnswer<typeof listAutomations>(
    { method: 'GET', path: '/api/sites/:site/automations' },
    { params: { site: site.id } },
  );
  return (
    <div className="page">
      <PausedNotice />
      <PageHead title="Automations">
        <Button
          renderRoot={(props) => <Link to="/$site/automations/new" params={{ site: site.id }} {...props} />}
          leftSection={<Plus size={16} />}
        >
          New automation
        </Button>
      </PageHead>
      <Tile flush>
        <Shown
          answer={answer}
          height={140}
          empty={({ automations }) =>
            automations.length > 0 ? null : (
              <State title="No automations yet" minHeight={160}>
                “New automation” has some to begin with.
              </State>
            )
          }
        >
          {({ automations }) => (
            <ul className="list">
              {automations.map((one) => (
                <AutomationRow key={one.id} answer={one} />
              ))}
            </ul>
          )}
        </Shown>
      </Tile>
      <ContactRulesTile />
      <Suppressions />
      <Ledger />
    </div>
  );
};

const AutomationRow = ({ answer }: { answer: AutomationAnswer }) => {
  const site = useSite();
  const now = useNow();
  const queries = useQueryClient();
  const { id, version, automation } = answer;
  const switching = useMutation({
    mutationFn: (enabled: boolean) =>
      call<typeof putAutomation>(
        { method: 'PUT', path: '/api/sites/:site/automations/:id' },
        { params: { site: site.id, id }, body: { ...automation, enabled } },
        { ifMatch: version },
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/automations'] }),
  });
  return (
    <li className="line" style={{ paddingBlock: 14 }}>
      <Switch
        aria-label={`${automation.name} is on`}
        checked={switching.isPending ? switching.variables : automation.enabled}
        onChange={({ currentTarget }) => switching.mutate(currentTarget.checked)}
      />
      <div className="grow">
        <div className="row wrap" style={{ gap: 8 }}>
          <Link to="/$site/automations/$id" params={{ site: site.id, id }} style={{ fontWeight: 600 }}>
            {automation.name}
          </Link>
          <Tag tone={automation.enabled ? 'good' : 'plain'}>{automation.enabled ? 'On' : 'Off'}</Tag>
          {automation.purpose === 'service' && <Tag tone="info">Service</Tag>}
        </div>
        <div className="small soft">{automationWords(automation)}</div>
        {switching.error !== null && (
          <div role="alert" className="small" style={{ color: 'var(--bad)' }}>
            {switching.error.message}
          </div>
        )}
      </div>
      <span className="small soft wide-only">changed {ago(answer.changedAt, now)}</span>
    </li>
  );
};
