import { Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AutomationAnswer, listAutomations, putAutomation } from '../../../schemas/api/automations.ts';
import type { Automation, Step } from '../../../schemas/automation.ts';
import { useAnswer } from '../ask.ts';
import { call } from '../call.ts';
import { useNow } from '../clock.ts';
import { ago, plural } from '../format.ts';
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
      <PageHead title="Automations" />
      <Tile flush>
        <Shown
          answer={answer}
          height={140}
          empty={({ automations }) =>
            automations.length > 0 ? null : (
              <State title="No automations yet" minHeight={160}>
                Make one with <code>POST /api/sites/{site.id}/automations</code>.
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
        </div>
        <div className="small soft">{inWords(automation)}</div>
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

const begins: Readonly<Record<Automation['trigger']['kind'], string>> = {
  'abandoned-basket': 'When a basket was left',
  'abandoned-checkout': 'When a checkout was left',
  browsed: 'When somebody looked and left',
  event: 'When',
  'product-news': 'When there is news of a product',
  lapsed: 'When somebody has not bought for long',
  segment: 'When somebody is in a segment',
};

/** Steps that send something. */
const actingSteps = (steps: readonly Step[]): Extract<Step, { id: string }>[] =>
  steps.flatMap((step) => {
    if (step.kind === 'wait') return [];
    return step.kind === 'branch' ? [...actingSteps(step.yes), ...actingSteps(step.no)] : [step];
  });

/** What it does, in a line. */
const inWords = ({ trigger, steps }: Automation): string => {
  const when = trigger.kind === 'event' ? `${begins.event} “${trigger.event}”` : begins[trigger.kind];
  const [first, ...more] = actingSteps(steps);
  const what = first === undefined ? 'nothing' : first.kind === 'email' ? `“${first.email.subject}”` : 'a webhook';
  return `${when}: ${what}${more.length === 0 ? '' : ` and ${plural(more.length, 'more step')}`}`;
};
