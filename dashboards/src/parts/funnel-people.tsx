import { Drawer } from '@mantine/core';
import { useState } from 'react';
import type { FunnelPerson, listFunnelPersons } from '../../../schemas/api/funnels.ts';
import { useAnswer } from '../ask.ts';
import type { CallInput } from '../call.ts';
import { dayAndTime, duration } from '../format.ts';
import type { Outcome, Who } from '../funnel-search.ts';
import { useSite } from '../session.ts';
import { Pager } from './pager.tsx';
import { Avatar, PersonLink } from './person.tsx';
import { Renewed, Shown, State } from './states.tsx';

const titles: Record<Outcome, string> = {
  reached: 'Reached',
  dropped: 'Stopped before',
  pending: 'May still get to',
};

const bucketName = ({ bucket }: Who): string => {
  if (bucket === undefined) return '';
  return bucket.kind === 'value' ? bucket.value : bucket.kind === 'none' ? 'nothing known' : 'all others';
};

type Question = Pick<
  CallInput<typeof listFunnelPersons>['body'],
  'steps' | 'from' | 'to' | 'windowSeconds' | 'order' | 'countBy' | 'exclusions' | 'breakdown' | 'constant'
>;

/** The people behind a bar: each leads to the whole customer. */
export const FunnelPeople = ({
  who,
  label,
  rowName,
  query,
  close,
}: {
  who: Who | null;
  label: string;
  /** What the page calls a row of the breakdown. */
  rowName: (value: string) => string;
  query: Question;
  close: () => void;
}) => (
  <Drawer
    opened={who !== null}
    onClose={close}
    position="right"
    size={480}
    padding={0}
    styles={{ header: { padding: '14px 18px' } }}
    closeButtonProps={{ 'aria-label': 'Close the list' }}
    title={
      who === null
        ? ''
        : `${titles[who.outcome]} “${label}”${who.bucket === undefined ? '' : ` · ${rowName(bucketName(who))}`}`
    }
  >
    {who !== null && <List key={JSON.stringify(who)} who={who} query={query} />}
  </Drawer>
);

const List = ({ who, query }: { who: Who; query: Question }) => {
  const site = useSite();
  const [cursor, setCursor] = useState('');
  const answer = useAnswer<typeof listFunnelPersons>(
    { method: 'POST', path: '/api/sites/:site/funnels/persons' },
    { params: { site: site.id }, body: { ...query, ...who, limit: 50, ...(cursor === '' ? {} : { cursor }) } },
  );
  return (
    <Shown
      answer={answer}
      height={400}
      empty={({ persons }) => (persons.length > 0 ? null : <State title="Nobody" minHeight={200} />)}
    >
      {({ persons, nextCursor }) => (
        <Renewed answer={answer}>
          <ul className="list" aria-label="People behind the bar">
            {persons.map((person, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: where entries are counted, a person stands here several times
              <PersonRow key={index} person={person} />
            ))}
          </ul>
          <Pager cursor={cursor} nextCursor={nextCursor} onChange={setCursor} names={['Before', 'Further']} />
        </Renewed>
      )}
    </Shown>
  );
};

const PersonRow = ({ person }: { person: FunnelPerson }) => {
  const { timeZone } = useSite();
  const first = person.events[0];
  const last = person.events.at(-1);
  return (
    <li className="line">
      <Avatar person={person} />
      <div className="grow" style={{ minWidth: 0 }}>
        <div className="clip" style={{ fontWeight: 560 }}>
          <PersonLink id={person.person} person={person} />
        </div>
        {first !== undefined && last !== undefined && (
          <div className="small soft">
            {last.event}, {dayAndTime(last.timestamp, timeZone)}
            {first !== last &&
              `, ${duration((Date.parse(last.timestamp) - Date.parse(first.timestamp)) / 1000)} after the first step`}
          </div>
        )}
      </div>
    </li>
  );
};
