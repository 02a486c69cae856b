import { z } from 'zod';
import { Cursor, SiteId, Timestamp } from '../primitives.ts';
import { NewSite, SiteAnswer, SiteChange } from '../site.ts';
import { FunnelQuery } from './funnels.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

export const SessionAnswer = z.object({
  role: z.enum(['admin']),
  sites: z.array(
    z.object({ id: SiteId, name: z.string(), currency: z.string(), timeZone: z.string(), demo: z.boolean() }),
  ),
});
export type SessionAnswer = z.infer<typeof SessionAnswer>;
export const signIn = defineRoute({
  method: 'POST',
  path: '/api/session',
  summary: 'Sign in with the admin token; sets a session cookie',
  access: 'public',
  body: z.object({ token: z.string().min(1).max(500) }),
  answer: SessionAnswer,
});
export const getSession = defineRoute({
  method: 'GET',
  path: '/api/session',
  summary: 'Who am I, and which sites may I see?',
  access: 'viewer',
  answer: SessionAnswer,
});
export const signOut = defineRoute({
  method: 'DELETE',
  path: '/api/session',
  summary: 'Sign out',
  access: 'public',
  answer: z.object({ signedOut: z.literal(true) }),
});

export const listSites = defineRoute({
  method: 'GET',
  path: '/api/sites',
  summary: 'All sites',
  access: 'admin',
  answer: z.object({ sites: z.array(SiteAnswer) }),
});
export const createSite = defineRoute({
  method: 'POST',
  path: '/api/sites',
  summary: 'A new site with a write key and a secret key (shown this once)',
  access: 'admin',
  body: NewSite,
  answer: SiteAnswer,
  status: 201,
});
export const getSite = defineRoute({
  method: 'GET',
  path: '/api/sites/:site',
  summary: 'One site',
  access: 'viewer',
  params,
  answer: SiteAnswer,
});
/** Takes `If-Match: <version>`; 412 when it was changed since. */
export const patchSite = defineRoute({
  method: 'PATCH',
  path: '/api/sites/:site',
  summary: 'Change a site; what is left out stays as it is',
  access: 'admin',
  params,
  body: SiteChange,
  answer: SiteAnswer,
});

export const IngestStats = z.object({
  received: z.number().int(),
  stored: z.number().int(),
  duplicate: z.number().int(),
  rejected: z.number().int(),
  waiting: z.number().int(),
});
export type IngestStats = z.infer<typeof IngestStats>;
export const getIngestStats = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/ingest/stats',
  summary: 'received = stored + duplicate + rejected + waiting',
  access: 'viewer',
  params,
  answer: IngestStats,
});

export const listRejected = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/rejected',
  summary: 'Events that were not taken, whole, with the reason, newest first',
  access: 'viewer',
  params,
  query: z.object({ cursor: Cursor.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answer: z.object({
    rejected: z.array(
      z.object({
        id: z.string(),
        receivedAt: Timestamp,
        messageId: z.string(),
        code: z.string(),
        path: z.string(),
        message: z.string(),
        event: z.string(),
      }),
    ),
    nextCursor: Cursor.nullable(),
  }),
});

const savedParams = params.extend({ id: z.string().regex(/^[a-z0-9-]{1,60}$/) });
export const SavedFunnel = z.object({
  name: z.string().min(1).max(100),
  /** Steps and options; the range is the page's. */
  query: z.object(FunnelQuery.shape).omit({ from: true, to: true }),
});
export type SavedFunnel = z.infer<typeof SavedFunnel>;
const SavedFunnelAnswer = z.object({
  id: z.string(),
  version: z.number().int(),
  changedAt: Timestamp,
  funnel: SavedFunnel,
});
export const listFunnels = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/funnels',
  summary: 'Saved funnels',
  access: 'viewer',
  params,
  answer: z.object({ funnels: z.array(SavedFunnelAnswer) }),
});
export const createFunnel = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/funnels',
  summary: 'Save a funnel',
  access: 'admin',
  params,
  body: SavedFunnel,
  answer: SavedFunnelAnswer,
  status: 201,
});
export const getFunnel = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/funnels/:id',
  summary: 'One saved funnel',
  access: 'viewer',
  params: savedParams,
  answer: SavedFunnelAnswer,
});
export const putFunnel = defineRoute({
  method: 'PUT',
  path: '/api/sites/:site/funnels/:id',
  summary: 'Change a saved funnel; with `If-Match` only if that is still its version',
  access: 'admin',
  params: savedParams,
  body: SavedFunnel,
  answer: SavedFunnelAnswer,
});
export const listFunnelVersions = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/funnels/:id/versions',
  summary: 'Every version of a saved funnel, newest first',
  access: 'viewer',
  params: savedParams,
  answer: z.object({ versions: z.array(SavedFunnelAnswer) }),
});
export const deleteFunnel = defineRoute({
  method: 'DELETE',
  path: '/api/sites/:site/funnels/:id',
  summary: 'Hide a saved funnel; its versions are kept',
  access: 'admin',
  params: savedParams,
  answer: z.object({ id: z.string() }),
});
