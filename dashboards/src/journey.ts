import type { TimelineEvent } from '../../schemas/api/people.ts';
import { dayOf } from './range.ts';

export type Session = { key: string; device: string; events: TimelineEvent[] };
export type JourneyDay = { day: string; sessions: Session[] };

/** A pause this long begins another visit where events name no session. */
const pauseMs = 30 * 60_000;

const belongs = (session: Session | undefined, event: TimelineEvent): boolean => {
  const last = session?.events.at(-1);
  if (last === undefined || last.session !== event.session || last.anonymousId !== event.anonymousId) return false;
  return event.session !== '' || Date.parse(last.timestamp) - Date.parse(event.timestamp) < pauseMs;
};

/** Newest first, as it comes: days of the site, and the visits within a day. */
export const journeyOf = (events: readonly TimelineEvent[], timeZone: string): JourneyDay[] => {
  const days: JourneyDay[] = [];
  for (const event of events) {
    const day = dayOf(Date.parse(event.timestamp), timeZone);
    const today = days.at(-1)?.day === day ? days.at(-1) : undefined;
    const session = today?.sessions.at(-1);
    const device = [event.browser, event.device].filter((one) => one !== '').join(' on ') || event.channel;
    if (session !== undefined && belongs(session, event)) session.events.push(event);
    else if (today !== undefined) today.sessions.push({ key: event.messageId, device, events: [event] });
    else days.push({ day, sessions: [{ key: event.messageId, device, events: [event] }] });
  }
  return days;
};

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** What an event was about, in a few words. */
export const aboutOf = ({ properties, url }: TimelineEvent): string => {
  const { name, title, query, products, quantity } = properties;
  if (Array.isArray(products) && products.length > 0)
    return products
      .slice(0, 3)
      .map((product: unknown) => textOf((product as Record<string, unknown> | null)?.['name']))
      .filter((one) => one !== '')
      .join(', ');
  const count = Number(textOf(quantity));
  const what = textOf(name) || textOf(query) || textOf(title) || textOf(properties['subject']);
  if (what !== '') return count > 1 ? `${count} × ${what}` : what;
  return textOf(properties['path']) || url.replace(/^https?:\/\/[^/]+/, '');
};

/** The money of an event: what was paid, else what it is worth, else its price. */
export const moneyOf = ({ properties }: TimelineEvent): { amount: string; currency: string } | null => {
  const amount = textOf(properties['revenue'] ?? properties['total'] ?? properties['value'] ?? properties['price']);
  return amount === '' || Number.isNaN(Number(amount)) ? null : { amount, currency: textOf(properties['currency']) };
};
