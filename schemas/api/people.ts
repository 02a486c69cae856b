import { z } from 'zod';
import { AnyObject, Cursor, Money, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const personParams = params.extend({ id: PersonId });

export const PersonSummary = z.object({
  id: PersonId,
  /** '' for a person who never signed in. */
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  firstSeen: Timestamp,
  lastSeen: Timestamp,
  events: z.number().int(),
});
export type PersonSummary = z.infer<typeof PersonSummary>;

export const listPersons = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/persons',
  summary: 'Persons, last seen first; `search` finds by user id, email, name or device id',
  access: 'viewer',
  params,
  query: z.object({
    search: z.string().max(200).default(''),
    cursor: Cursor.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answer: z.object({ persons: z.array(PersonSummary), nextCursor: Cursor.nullable() }),
});

export const PersonProfile = PersonSummary.extend({
  traits: AnyObject,
  orders: z.number().int(),
  revenue: z.array(Money),
  devices: z.array(
    z.object({
      anonymousId: z.string(),
      /** When and by which event it was joined to the user. */
      linkedAt: Timestamp,
      messageId: z.string(),
    }),
  ),
});
export type PersonProfile = z.infer<typeof PersonProfile>;

export const getPerson = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/persons/:id',
  summary: 'A person, whole: ids, traits, orders; the id of a device that was joined answers the person it belongs to',
  access: 'viewer',
  params: personParams,
  answer: PersonProfile,
});

export const TimelineEvent = z.object({
  messageId: z.string(),
  timestamp: Timestamp,
  event: z.string(),
  type: z.string(),
  anonymousId: z.string(),
  userId: z.string(),
  session: z.string(),
  channel: z.string(),
  url: z.string(),
  device: z.string(),
  browser: z.string(),
  properties: AnyObject,
  traits: AnyObject,
});
export type TimelineEvent = z.infer<typeof TimelineEvent>;

export const listPersonEvents = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/persons/:id/events',
  summary: "A person's journey, newest first",
  access: 'viewer',
  params: personParams,
  query: z.object({ cursor: Cursor.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
  answer: z.object({ events: z.array(TimelineEvent), nextCursor: Cursor.nullable() }),
});

export const Suppression = z.object({
  address: z.string(),
  channel: z.string(),
  reason: z.string(),
  at: Timestamp,
});
export const listSuppressions = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/suppressions',
  summary: 'Who must not be written to',
  access: 'viewer',
  params,
  answer: z.object({ suppressions: z.array(Suppression) }),
});
export const addSuppression = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/suppressions',
  summary: 'Never write to this address again',
  access: 'admin',
  params,
  body: z.object({ address: z.email(), reason: z.string().min(1).max(100).default('added by hand') }),
  answer: Suppression,
  status: 201,
});
export const removeSuppression = defineRoute({
  method: 'DELETE',
  path: '/api/sites/:site/suppressions',
  summary: 'This address may be written to again',
  access: 'admin',
  params,
  query: z.object({ address: z.email() }),
  answer: z.object({ address: z.string() }),
});
