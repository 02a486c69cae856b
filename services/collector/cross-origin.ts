import type { IncomingHttpHeaders } from 'node:http';

/** Chromium keeps a preflight for two hours at most. */
const maxAgeSeconds = 7200;
const headerNames = /^[\w\-, ]{1,1000}$/;

/**
 * Headers for every answer, errors too: pages of any origin send events (the key and the site's list of origins decide who may),
 * and need to read `Retry-After`. The origin is mirrored, since SDKs may send credentials; no cookie gives a right here.
 */
export const crossOriginHeaders = ({ origin }: IncomingHttpHeaders): Record<string, string> =>
  origin === undefined
    ? { 'access-control-allow-origin': '*', vary: 'Origin' }
    : {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After',
        vary: 'Origin',
      };

/** Answer to a preflight: what it asks for is allowed, since every SDK sends headers of its own. */
export const preflightHeaders = (headers: IncomingHttpHeaders): Record<string, string> => {
  const wanted = headers['access-control-request-headers'] ?? '';
  return {
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': headerNames.test(wanted) ? wanted : 'authorization, content-type, x-retry-count',
    'access-control-max-age': String(maxAgeSeconds),
  };
};
