import { ActionIcon } from '@mantine/core';
import { Pause, Play } from 'lucide-react';
import './feed.css';
import { useNow } from '../clock.ts';
import { ago, money } from '../format.ts';
import type { Live } from '../live.ts';
import { EventIcon, eventTitle } from './event-look.tsx';
import { PersonLink } from './person.tsx';
import { State } from './states.tsx';
import { Tile } from './tile.tsx';

/** What happens right now; it can be held still for reading. */
export const Feed = ({ live, isPaused, pause }: { live: Live; isPaused: boolean; pause: (is: boolean) => void }) => {
  const now = useNow(5000);
  return (
    <Tile
      flush
      title="Right now"
      aside={
        <div className="row">
          <span className={`pulse ${live.isOpen && !isPaused ? 'on' : ''}`} aria-hidden />
          <span className="small soft">{isPaused ? 'Paused' : live.isOpen ? 'Live' : 'Connecting …'}</span>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="md"
            aria-label={isPaused ? 'Go on with the feed' : 'Pause the feed'}
            onClick={() => pause(!isPaused)}
          >
            {isPaused ? <Play size={15} /> : <Pause size={15} />}
          </ActionIcon>
        </div>
      }
    >
      <ul className="feed" aria-label="Newest events">
        {live.events.length === 0 && (
          <li>
            <State title="Waiting for the next event" minHeight={220}>
              It shows up here about a second after it was sent.
            </State>
          </li>
        )}
        {live.events.map((event) => (
          <li key={event.key} className="feed-item">
            <EventIcon event={event.event} />
            <div className="grow">
              <div className="clip">
                <strong>{eventTitle(event.event)}</strong>{' '}
                <span className="soft">{event.productName || event.url}</span>
              </div>
              <div className="row small soft" style={{ gap: 6 }}>
                <PersonLink id={event.person} person={event} />
                <span style={{ whiteSpace: 'nowrap' }}>{ago(event.timestamp, Math.max(now, Date.now()))}</span>
              </div>
            </div>
            {event.value !== null && Number(event.value) > 0 && (
              <span className="num small">{money(event.value, event.currency)}</span>
            )}
          </li>
        ))}
      </ul>
    </Tile>
  );
};
