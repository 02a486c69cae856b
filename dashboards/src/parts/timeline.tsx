import { useState } from 'react';
import type { TimelineEvent } from '../../../schemas/api/people.ts';
import { duration, exactTime, longDay, money, plural, time } from '../format.ts';
import { aboutOf, journeyOf, moneyOf, type Session } from '../journey.ts';
import { EventIcon, eventTitle } from './event-look.tsx';
import './timeline.css';

/** A person's events by day and visit, newest first; each opens to all that was sent. */
export const Timeline = ({ events, timeZone }: { events: readonly TimelineEvent[]; timeZone: string }) => (
  <div className="stack">
    {journeyOf(events, timeZone).map(({ day, sessions }) => (
      <section key={day} aria-label={day}>
        <h3 className="journey-day">{longDay(sessions[0]?.events[0]?.timestamp ?? `${day}T12:00:00Z`, timeZone)}</h3>
        {sessions.map((session) => (
          <Visit key={session.key} session={session} timeZone={timeZone} />
        ))}
      </section>
    ))}
  </div>
);

const Visit = ({ session, timeZone }: { session: Session; timeZone: string }) => {
  const newest = session.events[0]?.timestamp ?? '';
  const oldest = session.events.at(-1)?.timestamp ?? newest;
  const seconds = (Date.parse(newest) - Date.parse(oldest)) / 1000;
  return (
    <div className="visit">
      <div className="small soft row wrap" style={{ marginBottom: 4 }}>
        <span className="num">{time(oldest, timeZone)}</span>
        <span>{plural(session.events.length, 'event')}</span>
        {seconds >= 1 && <span>{duration(seconds)}</span>}
        {session.device !== '' && <span>{session.device}</span>}
      </div>
      <ol className="visit-events">
        {session.events.map((event) => (
          <EventRow key={event.messageId} event={event} timeZone={timeZone} />
        ))}
      </ol>
    </div>
  );
};

const EventRow = ({ event, timeZone }: { event: TimelineEvent; timeZone: string }) => {
  const [isOpen, setOpen] = useState(false);
  const worth = moneyOf(event);
  const about = aboutOf(event);
  return (
    <li>
      <button type="button" className="event-row" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <EventIcon event={event.event || event.type} />
        <span className="grow event-words">
          <span className="event-name">{eventTitle(event.event, event.type)}</span>
          {about !== '' && <span className="soft clip">{about}</span>}
        </span>
        {worth !== null && <span className="num">{money(worth.amount, worth.currency)}</span>}
        <span className="small soft num">{exactTime(event.timestamp, timeZone)}</span>
      </button>
      {isOpen && <EventDetails event={event} />}
    </li>
  );
};

const EventDetails = ({ event }: { event: TimelineEvent }) => (
  <div className="event-details">
    <dl className="facts small">
      <dt>Message</dt>
      <dd className="mono">{event.messageId}</dd>
      {event.url !== '' && (
        <>
          <dt>Page</dt>
          <dd>{event.url}</dd>
        </>
      )}
      <dt>Device</dt>
      <dd className="mono">{event.anonymousId || '–'}</dd>
      <dt>User</dt>
      <dd>{event.userId || 'not signed in'}</dd>
      <dt>Channel</dt>
      <dd>{event.channel || '–'}</dd>
    </dl>
    {Object.keys(event.properties).length > 0 && (
      <pre className="code">{JSON.stringify(event.properties, null, 2)}</pre>
    )}
    {Object.keys(event.traits).length > 0 && <pre className="code">{JSON.stringify(event.traits, null, 2)}</pre>}
  </div>
);
