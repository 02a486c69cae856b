import { Link } from '@tanstack/react-router';
import { CircleX } from 'lucide-react';
import { useState } from 'react';
import type { listRejected } from '../../../schemas/api/administration.ts';
import type { RouteAnswer } from '../../../schemas/api/route.ts';
import { useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago } from '../format.ts';
import { Pager } from '../parts/pager.tsx';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { type Raw, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const read = (raw: Raw) => ({ cursor: readText(raw['cursor']) });
type Rejected = RouteAnswer<typeof listRejected>['rejected'][number];

export const RejectedPage = () => {
  const site = useSite();
  const [{ cursor }, setSearch] = useUrlState(read);
  const answer = useAnswer<typeof listRejected>(
    { method: 'GET', path: '/api/sites/:site/rejected' },
    { params: { site: site.id }, query: { limit: 50, ...(cursor === '' ? {} : { cursor }) } },
    { everyMs: 15_000 },
  );
  return (
    <div className="page">
      <PageHead title="Rejected events">
        <span className="soft small">Kept whole, with the reason; the rest of their batch was taken.</span>
      </PageHead>
      <Tile flush>
        <Shown
          answer={answer}
          height={420}
          empty={({ rejected }) =>
            rejected.length > 0 ? null : (
              <State title="Nothing was rejected" minHeight={260}>
                Every event was as it should be.{' '}
                <Link to="/$site/setup" params={{ site: site.id }}>
                  How to send events
                </Link>
              </State>
            )
          }
        >
          {({ rejected, nextCursor }) => (
            <>
              <ul className="list">
                {rejected.map((one) => (
                  <RejectedRow key={one.id} rejected={one} />
                ))}
              </ul>
              <Pager cursor={cursor} nextCursor={nextCursor} onChange={(next) => setSearch({ cursor: next })} />
            </>
          )}
        </Shown>
      </Tile>
    </div>
  );
};

/** As JSON where it is; else as it came. */
const readable = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

const RejectedRow = ({ rejected }: { rejected: Rejected }) => {
  const now = useNow();
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <button type="button" className="line" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className="badge-icon bad" aria-hidden>
          <CircleX size={15} />
        </span>
        <span className="grow">
          <span className="break" style={{ display: 'block', fontWeight: 560 }}>
            {rejected.message}
          </span>
          <span className="row small soft wrap" style={{ gap: 8 }}>
            {rejected.path !== '' && <code className="mono break">{rejected.path}</code>}
            <Tag tone="bad">{rejected.code}</Tag>
          </span>
        </span>
        <span className="small soft" style={{ whiteSpace: 'nowrap' }}>
          {ago(rejected.receivedAt, now)}
        </span>
      </button>
      {isOpen && (
        <div style={{ padding: '0 18px 16px' }}>
          {rejected.messageId !== '' && <p className="small soft break">Message {rejected.messageId}</p>}
          <pre className="code">{readable(rejected.event)}</pre>
        </div>
      )}
    </li>
  );
};
