import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Site } from '../../../schemas/site.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Definitions } from '../definitions.ts';
import { Failure } from '../failure.ts';
import { createTokens } from '../tokens.ts';
import type { Guard } from './serve.ts';

const sessionCookie = 'desirepath_session';
const sessionSeconds = 14 * 86_400;
/** A sign-in link lives this long; it is printed on the operator's own terminal. */
const signInLinkSeconds = 3600;

export type Access = {
  guard: Guard;
  /** Signs this browser in (an HttpOnly cookie), or throws `unauthorized`. */
  signIn(token: string, reply: FastifyReply): void;
  /** The same for the code of a sign-in link. */
  signInByCode(code: string, reply: FastifyReply): void;
  signOut(reply: FastifyReply): void;
  /** The code of a fresh sign-in link. */
  signInCode(): string;
};

/** Compares in a time that does not depend on where the two differ. */
const isSame = (given: string, expected: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
};

const bearerOf = (request: FastifyRequest): string | null => {
  const header = request.headers.authorization ?? '';
  if (/^bearer /i.test(header)) return header.slice(7).trim();
  if (/^basic /i.test(header)) return Buffer.from(header.slice(6), 'base64').toString('utf8').split(':')[0] ?? null;
  return null;
};

/** A page of another origin may not act with our cookie. Browsers say where a request comes from; other clients use a token. */
const isFromOurPages = (request: FastifyRequest): boolean => {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return URL.canParse(origin) && new URL(origin).host === request.headers.host;
};

export const createAccess = (deps: { config: Config; definitions: Definitions; clock: Clock }): Access => {
  const { config, definitions, clock } = deps;
  const tokens = createTokens(config.secretKey, clock);

  const isAdministrator = (request: FastifyRequest): boolean => {
    const bearer = bearerOf(request);
    if (bearer !== null) return isSame(bearer, config.adminToken);
    const cookie = request.cookies[sessionCookie];
    if (cookie === undefined || tokens.verify('session', cookie) === null) return false;
    if (request.method !== 'GET' && !isFromOurPages(request))
      throw new Failure('forbidden', 'This request comes from a page of another origin.');
    return true;
  };

  const isSecretKeyOf = (site: Site, request: FastifyRequest): boolean => {
    const bearer = bearerOf(request);
    if (bearer === null) return false;
    const hash = createHash('sha256').update(bearer).digest('hex');
    return site.secretKeyHashes.some((known) => isSame(hash, known));
  };

  const refuse = async (request: FastifyRequest): Promise<never> => {
    const bearer = bearerOf(request);
    if (bearer !== null) {
      const sites = await definitions.list('site', '', Site);
      const isSiteKey = sites.some(
        ({ document }) => document.writeKeys.includes(bearer) || isSecretKeyOf(document, request),
      );
      if (isSiteKey) throw new Failure('forbidden', 'A key of a site does not give access to this route.');
    }
    throw new Failure('unauthorized', 'Sign in, or send "Authorization: Bearer <admin token>".');
  };

  const setSession = (reply: FastifyReply): void => {
    const isSecure = config.publicUrl?.startsWith('https:') ?? false;
    reply.setCookie(sessionCookie, tokens.sign('session', { role: 'admin' }, sessionSeconds), {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: isSecure,
      maxAge: sessionSeconds,
    });
  };

  return {
    guard: async (access, siteId, request) => {
      if (access === 'public') return;
      const site = siteId === undefined ? null : await definitions.get('site', '', siteId, Site);
      if (access === 'secretKey' && site !== null && isSecretKeyOf(site.document, request)) return;
      if (!isAdministrator(request)) await refuse(request);
      if (siteId !== undefined && site === null) throw new Failure('not_found', `There is no site ${siteId}.`);
    },
    signIn: (token, reply) => {
      if (!isSame(token, config.adminToken)) throw new Failure('unauthorized', 'This is not the admin token.');
      setSession(reply);
    },
    signInByCode: (code, reply) => {
      if (tokens.verify('sign-in', code) === null)
        throw new Failure(
          'unauthorized',
          'This sign-in link is no longer good: start again, or sign in with the admin token.',
        );
      setSession(reply);
    },
    signOut: (reply) => void reply.clearCookie(sessionCookie, { path: '/' }),
    signInCode: () => tokens.sign('sign-in', {}, signInLinkSeconds),
  };
};
