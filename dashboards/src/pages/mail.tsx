import { SegmentedControl } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { getOutboxMail } from '../../../schemas/api/automations.ts';
import type { RouteAnswer } from '../../../schemas/api/route.ts';
import { useAnswer } from '../ask.ts';
import { dayAndTime } from '../format.ts';
import { Shown } from '../parts/states.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { type Raw, readChoice } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const views = ['desktop', 'phone', 'text', 'headers'] as const;
const read = (raw: Raw) => ({ view: readChoice(raw['view'], views, 'desktop') });
type Mail = RouteAnswer<typeof getOutboxMail>;

export const MailPage = () => {
  const site = useSite();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const [{ view }, setSearch] = useUrlState(read);
  const answer = useAnswer<typeof getOutboxMail>(
    { method: 'GET', path: '/api/sites/:site/outbox/:id' },
    { params: { site: site.id, id } },
  );
  return (
    <div className="page">
      <PageHead title={answer.data?.subject ?? 'Mail'}>
        <SegmentedControl
          aria-label="Show as"
          data={[
            { value: 'desktop', label: 'Desktop' },
            { value: 'phone', label: 'Phone' },
            { value: 'text', label: 'Text' },
            { value: 'headers', label: 'Headers' },
          ]}
          value={view}
          onChange={(next) => setSearch({ view: readChoice(next, views, 'desktop') }, { replace: true })}
        />
        <Link to="/$site/outbox" params={{ site: site.id }} className="small">
          All mails
        </Link>
      </PageHead>
      <Tile>
        <Shown answer={answer} height={700}>
          {(mail) => (
            <div className="stack">
              <dl className="facts">
                <dt>From</dt>
                <dd>{mail.from}</dd>
                <dt>To</dt>
                <dd>{mail.to}</dd>
                <dt>Sent</dt>
                <dd>{dayAndTime(mail.at, site.timeZone)}</dd>
              </dl>
              <Body mail={mail} view={view} />
            </div>
          )}
        </Shown>
      </Tile>
    </div>
  );
};

const Body = ({ mail, view }: { mail: Mail; view: (typeof views)[number] }) => {
  switch (view) {
    case 'text':
      return <pre className="code">{mail.text}</pre>;
    case 'headers':
      return (
        <dl className="facts mono">
          {mail.headers.map(({ name, value }) => (
            <div key={name + value} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      );
    case 'desktop':
    case 'phone':
      return (
        <div style={{ background: 'var(--sunken)', borderRadius: 12, padding: view === 'phone' ? 16 : 0 }}>
          {/* Nothing in a mail may run or reach this page; its links open beside it. */}
          <iframe
            title="The mail as it looks"
            sandbox="allow-popups allow-popups-to-escape-sandbox"
            srcDoc={mail.html.replace(/<head>/i, '<head><base target="_blank">')}
            style={{
              display: 'block',
              width: view === 'phone' ? 'min(375px, 100%)' : '100%',
              height: 760,
              margin: '0 auto',
              border: '1px solid var(--line)',
              borderRadius: view === 'phone' ? 24 : 12,
              background: '#fff',
            }}
          />
        </div>
      );
    default:
      return view satisfies never;
  }
};
