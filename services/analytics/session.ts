import { getSession, type SessionAnswer, signIn, signOut } from '../../schemas/api/administration.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';

/** Wrong tokens that one address may try within a minute. */
const triesPerMinute = 10;
/** Addresses that are remembered; beyond it the oldest is forgotten. */
const rememberedAddresses = 10_000;

/** Counts tries by address in the current minute. */
const createThrottle = (now: () => number) => {
  const tries = new Map<string, { minute: number; count: number }>();
  return (address: string): void => {
    const minute = Math.floor(now() / 60_000);
    const last = tries.get(address);
    const count = last?.minute === minute ? last.count + 1 : 1;
    tries.delete(address);
    tries.set(address, { minute, count });
    const oldest = tries.keys().next();
    if (tries.size > rememberedAddresses && !oldest.done) tries.delete(oldest.value);
    if (count > triesPerMinute)
      throw new Failure('too_many_requests', 'Too many tries: wait a minute.', { retryAfterSeconds: 60 });
  };
};

/** Signing in and out. There is one role, the administrator; the session is a signed cookie. */
export const mountSession = (platform: Platform): void => {
  const { serve, access, definitions, http, config } = platform;
  const throttle = createThrottle(() => platform.clock.now());

  const session = async (): Promise<SessionAnswer> => {
    const sites = await definitions.list('site', '', Site);
    return {
      role: 'admin',
      sites: sites.map(({ document: { id, name, currency, timeZone } }) => ({
        id,
        name,
        currency,
        timeZone,
        demo: config.demo !== null && id === 'demo',
      })),
    };
  };

  serve(signIn, async ({ body }, { request, reply }) => {
    throttle(request.ip);
    access.signIn(body.token, reply);
    return session();
  });
  serve(getSession, session);
  serve(signOut, async (_input, { reply }) => {
    access.signOut(reply);
    return { signedOut: true as const };
  });
  http.app.get<{ Params: { code: string } }>('/sign-in/:code', async (request, reply) => {
    throttle(request.ip);
    access.signInByCode(request.params.code, reply);
    return reply.header('referrer-policy', 'no-referrer').redirect('/app', 303);
  });
};
