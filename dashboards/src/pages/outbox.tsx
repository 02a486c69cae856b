import { Link } from '@tanstack/react-router';
import { Mail } from 'lucide-react';
import type { listOutbox } from '../../../schemas/api/automations.ts';
import { useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago } from '../format.ts';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { useSite } from '../session.ts';

export const OutboxPage = () => {
  const site = useSite();
  const now = useNow(10_000);
  const answer = useAnswer<typeof listOutbox>(
    { method: 'GET', path: '/api/sites/:site/outbox' },
    { params: { site: site.id }, query: { limit: 100 } },
    { everyMs: 5000 },
  );
  return (
    <div className="page">
      <PageHead title="Outbox">
        <span className="soft small">Mails kept on this machine: no SMTP server is set, so none left it.</span>
      </PageHead>
      <Tile flush>
        <Shown
          answer={answer}
          height={360}
          empty={({ mails }) =>
            mails.length > 0 ? null : (
              <State title="No mails yet" minHeight={260}>
                {site.demo ? (
                  <>
                    <a href="/demo" target="_blank" rel="noreferrer">
                      Open the demo shop
                    </a>
                    , sign in, leave something in the basket: two minutes later its mail is here.
                  </>
                ) : (
                  'What automations write is kept here as long as SMTP_URL is not set.'
                )}
              </State>
            )
          }
        >
          {({ mails }) => (
            <ul className="list">
              {mails.map((mail) => (
                <li key={mail.id}>
                  <Link to="/$site/outbox/$id" params={{ site: site.id, id: mail.id }} className="line">
                    <span className="badge-icon good" aria-hidden>
                      <Mail size={15} />
                    </span>
                    <span className="grow">
                      <span className="clip" style={{ display: 'block', fontWeight: 560 }}>
                        {mail.subject}
                      </span>
                      <span className="small soft clip" style={{ display: 'block' }}>
                        to {mail.to}
                      </span>
                    </span>
                    <span className="small soft" style={{ whiteSpace: 'nowrap' }}>
                      {ago(mail.at, now)}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Shown>
      </Tile>
    </div>
  );
};
