import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState } from 'react';
import type { listPersons } from '../../../schemas/api/people.ts';
import { useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago, day, plural } from '../format.ts';
import { Pager } from '../parts/pager.tsx';
import { Avatar, PersonLink } from '../parts/person.tsx';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { type Raw, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const read = (raw: Raw) => ({ search: readText(raw['search']).slice(0, 200), cursor: readText(raw['cursor']) });

export const PeoplePage = () => {
  const site = useSite();
  const now = useNow();
  const [search, setSearch] = useUrlState(read);
  const [typed, setTyped] = useState(search.search);
  const find = useDebouncedCallback((text: string) => setSearch({ search: text, cursor: '' }, { replace: true }), 250);
  const answer = useAnswer<typeof listPersons>(
    { method: 'GET', path: '/api/sites/:site/persons' },
    {
      params: { site: site.id },
      query: { search: search.search, limit: 50, ...(search.cursor === '' ? {} : { cursor: search.cursor }) },
    },
  );
  return (
    <div className="page">
      <PageHead title="People">
        <TextInput
          type="search"
          aria-label="Search people"
          placeholder="Email, name, user or device id"
          leftSection={<Search size={15} />}
          value={typed}
          maxLength={200}
          w={{ base: '100%', sm: 320 }}
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            find(currentTarget.value);
          }}
        />
      </PageHead>
      <Tile flush>
        <Shown
          answer={answer}
          height={560}
          empty={({ persons }) =>
            persons.length > 0 ? null : (
              <State
                title={search.search === '' ? 'Nobody was here yet' : `Nobody is called “${search.search}”`}
                minHeight={300}
              >
                {search.search === ''
                  ? 'People show up with their first event.'
                  : 'Search by email, name, user id or device id.'}
              </State>
            )
          }
        >
          {({ persons, nextCursor }) => (
            <>
              <ul className="list" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1 }}>
                {persons.map((person) => (
                  <li key={person.id} className="line">
                    <Avatar person={person} />
                    <div className="grow">
                      <div className="clip" style={{ fontWeight: 560 }}>
                        <PersonLink id={person.id} person={person} />
                      </div>
                      <div className="small soft clip">
                        {[person.email, person.userId].filter((one) => one !== '').join(' · ') || 'not signed in'}
                      </div>
                    </div>
                    <span className="small soft num wide-only" style={{ width: 110, textAlign: 'right' }}>
                      {plural(person.events, 'event')}
                    </span>
                    <span className="small soft wide-only" style={{ width: 130, textAlign: 'right' }}>
                      since {day(person.firstSeen, site.timeZone)}
                    </span>
                    <span className="small soft" style={{ width: 90, textAlign: 'right', whiteSpace: 'nowrap' }}>
                      {ago(person.lastSeen, now)}
                    </span>
                  </li>
                ))}
              </ul>
              <Pager cursor={search.cursor} nextCursor={nextCursor} onChange={(cursor) => setSearch({ cursor })} />
            </>
          )}
        </Shown>
      </Tile>
    </div>
  );
};
