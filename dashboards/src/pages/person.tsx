import { Select, Skeleton } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { listPersonEvents, TimelineKind } from '../../../schemas/api/people.ts';
import type { getPerson, PersonProfile } from '../../../schemas/api/profile.ts';
import { useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago, count, dayAndTime } from '../format.ts';
import { Pager } from '../parts/pager.tsx';
import { Avatar, personName } from '../parts/person.tsx';
import { BasketsNow, Orders, Returns, Worth } from '../parts/profile-orders.tsx';
import { Mails, Support, Voice } from '../parts/profile-voice.tsx';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { type Raw, readChoice, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const kinds: Readonly<Record<'all' | TimelineKind, string>> = {
  all: 'Everything',
  view: 'Looking around',
  basket: 'Baskets and checkouts',
  order: 'Orders',
  delivery: 'Deliveries and returns',
  feedback: 'Reviews and surveys',
  support: 'Support',
  mail: 'Mails',
  identity: 'Signing in',
  other: 'Other',
};
const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];

const read = (raw: Raw) => ({ cursor: readText(raw['cursor']), kind: readChoice(raw['kind'], kindNames, 'all') });

export const PersonPage = () => {
  const site = useSite();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const [search, setSearch] = useUrlState(read);
  const person = useAnswer<typeof getPerson>(
    { method: 'GET', path: '/api/sites/:site/persons/:id' },
    { params: { site: site.id, id } },
    { everyMs: 15_000 },
  );
  const events = useAnswer<typeof listPersonEvents>(
    { method: 'GET', path: '/api/sites/:site/persons/:id/events' },
    {
      params: { site: site.id, id },
      query: {
        limit: 100,
        ...(search.cursor === '' ? {} : { cursor: search.cursor }),
        ...(search.kind === 'all' ? {} : { kind: search.kind }),
      },
    },
    { everyMs: 15_000 },
  );
  return (
    <div className="page">
      <PageHead
        title={person.data === undefined ? 'Person' : personName(person.data)}
        before={
          person.data === undefined ? (
            <Skeleton circle height={52} aria-hidden />
          ) : (
            <Avatar person={person.data} large />
          )
        }
        isOneLine
      >
        <Link to="/$site/people" params={{ site: site.id }} className="small">
          All people
        </Link>
      </PageHead>
      <div className="columns">
        <Tile
          title="Journey"
          aside={
            <Select
              aria-label="Which events"
              data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
              value={search.kind}
              allowDeselect={false}
              w={210}
              onChange={(kind) => setSearch({ kind: readChoice(kind, kindNames, 'all'), cursor: '' })}
            />
          }
        >
          <Shown
            answer={events}
            height={500}
            empty={(data) => (data.events.length > 0 ? null : <State title="No events" minHeight={240} />)}
          >
            {(data) => (
              <>
                <Timeline events={data.events} timeZone={site.timeZone} />
                <Pager
                  cursor={search.cursor}
                  nextCursor={data.nextCursor}
                  onChange={(cursor) => setSearch({ cursor })}
                />
              </>
            )}
          </Shown>
        </Tile>
        <div className={events.isPending ? 'stack waits' : 'stack'} style={{ alignContent: 'start' }}>
          <Shown answer={person} height={360}>
            {(profile) => <Profile profile={profile} />}
          </Shown>
        </div>
      </div>
    </div>
  );
};

const traitText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

const Profile = ({ profile }: { profile: PersonProfile }) => {
  const site = useSite();
  const now = useNow();
  const traits = Object.entries(profile.traits);
  const devices = profile.identities.filter(({ kind }) => kind === 'device');
  return (
    <>
      <Worth value={profile.value} />
      <BasketsNow baskets={profile.baskets} />
      <Tile title="Who">
        <dl className="facts">
          <dt>Email</dt>
          <dd>{profile.email || 'not known'}</dd>
          <dt>User id</dt>
          <dd>{profile.userId || <Tag>never signed in</Tag>}</dd>
          <dt>First seen</dt>
          <dd>{dayAndTime(profile.firstSeen, site.timeZone)}</dd>
          <dt>Last seen</dt>
          <dd>{ago(profile.lastSeen, now)}</dd>
          <dt>Events</dt>
          <dd className="num">{count(profile.events)}</dd>
        </dl>
      </Tile>
      <Orders orders={profile.orders} />
      <Returns returns={profile.returns} />
      <Voice reviews={profile.reviews} satisfaction={profile.satisfaction} />
      <Support support={profile.support} />
      <Mails mails={profile.mails} />
      {traits.length > 0 && (
        <Tile title="Traits">
          <dl className="facts">
            {traits.map(([name, value]) => (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{name}</dt>
                <dd>{traitText(value)}</dd>
              </div>
            ))}
          </dl>
        </Tile>
      )}
      <Tile title="Devices joined to this person">
        {devices.length === 0 ? (
          <p className="soft">None: nothing was done here before signing in.</p>
        ) : (
          <ul className="stack tight">
            {devices.map(({ id, joinedBy }) => (
              <li key={id}>
                <div className="mono break">{id}</div>
                {joinedBy !== null && (
                  <div className="small soft break">
                    joined {dayAndTime(joinedBy.at, site.timeZone)} by {joinedBy.event}{' '}
                    <span className="mono">{joinedBy.messageId}</span>, which named both
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </Tile>
    </>
  );
};
