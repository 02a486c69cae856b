import { z } from 'zod';
import { AnyObject, Cursor, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
export const personParams = params.extend({ id: PersonId });

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

export const TimelineKind = z.enum([
  'view',
  'basket',
  'order',
  'delivery',
  'feedback',
  'support',
  'mail',
  'identity',
  'other',
]);
export type TimelineKind = z.infer<typeof TimelineKind>;

export const listPersonEvents = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/persons/:id/events',
  summary: "A person's journey, newest first; `kind` (repeatable) shows only events of these kinds",
  access: 'viewer',
  params: personParams,
  query: z.object({
    cursor: Cursor.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
    kind: z.union([TimelineKind, z.array(TimelineKind).max(9)]).optional(),
  }),
  answer: z.object({ events: z.array(TimelineEvent), nextCursor: Cursor.nullable() }),
});

export const Suppression = z.object({
  address: z.string(),
  channel: z.string(),
  reason: z.string(),
  at: Timestamp,
});
export type Suppression = z.infer<typeof Suppression>;
export const listSuppressions = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/suppressions',
  summary: 'Who must not be written to, newest first; `search` finds by a part of the address',
  access: 'viewer',
  params,
  query: z.object({
    search: z.string().max(254).default(''),
    cursor: Cursor.optional(),
    limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
  }),
  answer: z.object({ suppressions: z.array(Suppression), nextCursor: Cursor.nullable() }),
});
export const addSuppression = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/suppressions',
  summary: 'Write to this address no more',
  access: 'admin',
  params,
  body: z.object({
    address: z.email(),
    reason: z
      .string()
      .min(1)
      .max(100)
      .default('added by hand')
      .describe('"unsubscribed" keeps marketing away; any other reason keeps service messages away, too'),
  }),
  answer: Suppression,
  status: 201,
});
export const removeSuppression = defineRoute({
  method: 'DELETE',
  path: '/api/sites/:site/suppressions',
  summary: 'This address may be written to again',
  access: 'admin',
  params,
  // Whatever is listed can be taken out: a bounce may name what is hardly an address.
  query: z.object({ address: z.string().min(1).max(400) }),
  answer: z.object({ address: z.string() }),
});
