import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { getIngestStats, getSite, IngestStats } from '../../../schemas/api/administration.ts';
import { useAnswer } from '../ask.ts';
import { count, exactTime } from '../format.ts';
import { useLive } from '../live.ts';
import { Copied } from '../parts/copied.tsx';
import { EventIcon, eventTitle } from '../parts/event-look.tsx';
import { Shown } from '../parts/states.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { type Raw, readChoice } from '../search.ts';
import { useSite } from '../session.ts';
import { samples } from '../snippets.ts';
import { useUrlState } from '../url-state.ts';

const ways = ['snippet', 'curl', 'browser', 'node'] as const;
const read = (raw: Raw) => ({ way: readChoice(raw['way'], ways, 'snippet') });

export const SetupPage = () => {
  const site = useSite();
  const answer = useAnswer<typeof getSite>({ method: 'GET', path: '/api/sites/:site' }, { params: { site: site.id } });
  const stats = useAnswer<typeof getIngestStats>(
    { method: 'GET', path: '/api/sites/:site/ingest/stats' },
    { params: { site: site.id } },
    { everyMs: 3000 },
  );
  return (
    <div className="page">
      <PageHead title="Set-up" />
      <div className="columns">
        <Tile title="Send events">
          <Shown answer={answer} height={650}>
            {({ writeKeys }) => <Ways writeKey={writeKeys[0] ?? ''} />}
          </Shown>
        </Tile>
        <div className="stack" style={{ alignContent: 'start' }}>
          <FirstEvent site={site.id} timeZone={site.timeZone} />
          <Tile title="What came in">
            <Shown answer={stats} height={170}>
              {(data) => <Account stats={data} />}
            </Shown>
          </Tile>
          <Tile title="This site">
            <dl className="facts">
              <dt>Id</dt>
              <dd className="mono">{site.id}</dd>
              <dt>Currency</dt>
              <dd>{site.currency}</dd>
              <dt>Time zone</dt>
              <dd>{site.timeZone}</dd>
              <dt>Origins</dt>
              <dd>{answer.data === undefined ? '…' : answer.data.allowedOrigins.join(', ') || 'any'}</dd>
            </dl>
          </Tile>
        </div>
      </div>
    </div>
  );
};

const Ways = ({ writeKey }: { writeKey: string }) => {
  const [{ way }, setSearch] = useUrlState(read);
  const sample = samples(window.location.origin, writeKey)[way];
  return (
    <div className="stack">
      <div className="row wrap">
        <span className="soft">Write key</span>
        <code className="mono break">{writeKey}</code>
        <Copied text={writeKey} label="Copy the write key" />
      </div>
      <SegmentedControl
        aria-label="How events are sent"
        data={[
          { value: 'snippet', label: 'Snippet' },
          { value: 'curl', label: 'curl' },
          { value: 'browser', label: 'npm, browser' },
          { value: 'node', label: 'npm, server' },
        ]}
        value={way}
        style={{ justifySelf: 'start', maxWidth: '100%' }}
        onChange={(next) => setSearch({ way: readChoice(next, ways, 'snippet') }, { replace: true })}
      />
      <p>{sample.about}</p>
      <div className="row apart">
        <span className="small soft">{sample.place}</span>
        <Copied text={sample.code} label="Copy the example" />
      </div>
      <pre className="code">{sample.code}</pre>
      <p className="soft">
        Any client that speaks Segment’s protocol works when its host is set to this server. Names of e-commerce events
        follow Segment’s specification: Product Viewed, Product Added, Checkout Started, Order Completed …
      </p>
    </div>
  );
};

/** Watches for the next event, so that one sees at once that it works. */
const FirstEvent = ({ site, timeZone }: { site: string; timeZone: string }) => {
  const live = useLive(site, false);
  const [newest] = live.events;
  return (
    <Tile
      title="Does it arrive?"
      aside={<Tag tone={newest === undefined ? 'plain' : 'good'}>{newest === undefined ? 'Waiting' : 'It does'}</Tag>}
    >
      <div aria-live="polite" className="row" style={{ minHeight: 44, gap: 12 }}>
        {newest === undefined ? (
          <span className="soft">Send an event: it shows up here within a second or two.</span>
        ) : (
          <>
            <EventIcon event={newest.event} />
            <span className="grow clip">
              {eventTitle(newest.event)} <span className="soft">{newest.productName || newest.url}</span>
            </span>
            <span className="small soft num">{exactTime(newest.timestamp, timeZone)}</span>
          </>
        )}
      </div>
    </Tile>
  );
};

const Account = ({ stats }: { stats: IngestStats }) => {
  const site = useSite();
  const rows: [string, number][] = [
    ['Stored', stats.stored],
    ['Sent twice, kept once', stats.duplicate],
    ['Rejected', stats.rejected],
    ['Waiting', stats.waiting],
  ];
  return (
    <>
      <dl className="stack tight">
        {rows.map(([name, value]) => (
          <div key={name} className="row apart">
            <dt className="soft">{name}</dt>
            <dd className="num">{count(value)}</dd>
          </div>
        ))}
        <div className="row apart" style={{ borderTop: '1px solid var(--line)', paddingTop: 8, fontWeight: 620 }}>
          <dt>Received</dt>
          <dd className="num">{count(stats.received)}</dd>
        </div>
      </dl>
      {stats.rejected > 0 && (
        <p className="small" style={{ marginTop: 8 }}>
          <Link to="/$site/rejected" params={{ site: site.id }}>
            See what was rejected, and why
          </Link>
        </p>
      )}
    </>
  );
};
