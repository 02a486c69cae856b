import type { IncomingHttpHeaders } from 'node:http';
import { isObject } from './accept.ts';

/** What the collector reads of a request. */
export type TrackingRequest = {
  headers: IncomingHttpHeaders;
  query: unknown;
  body: unknown;
  /** Undefined where the client was gone before anybody asked. */
  ip: string | undefined;
};

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The user of Basic credentials; SDKs send "key:", some send the key without the colon. */
const keyOfAuthorization = (authorization: string | undefined): string | null => {
  if (authorization === undefined) return null;
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return textOf(credentials);
  if (scheme.toLowerCase() !== 'basic') return null;
  return textOf(Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0]);
};

const keyOfObject = (value: unknown): string | null =>
  isObject(value) ? (textOf(value['writeKey']) ?? textOf(value['writekey'])) : null;

/** Jitsu's server client only takes "key:secret": a secret key of ours is the stronger of the two, else the write key counts. */
const keysOfPair = (value: unknown): (string | null)[] => {
  const text = textOf(value);
  const colon = text?.indexOf(':') ?? -1;
  return text === null || colon < 0 ? [text] : [textOf(text.slice(colon + 1)), textOf(text.slice(0, colon))];
};

/** Keys of a request outside its body, in the order in which they are tried. */
export const keysOfHead = ({ headers, query }: TrackingRequest): string[] => {
  const given = [keyOfAuthorization(headers.authorization), ...keysOfPair(headers['x-write-key']), keyOfObject(query)];
  return given.filter((key) => key !== null);
};

/** The key in the body: of the batch, else of its first event. */
export const keyOfBody = (body: unknown): string | null => {
  const own = keyOfObject(body);
  if (own !== null) return own;
  const batch = isObject(body) ? body['batch'] : body;
  return Array.isArray(batch) ? keyOfObject(batch[0]) : null;
};

const userAgentLimit = 500;
export const userAgentOf = ({ headers }: TrackingRequest): string =>
  (headers['user-agent'] ?? '').slice(0, userAgentLimit);

export const isFromBrowser = (request: TrackingRequest): boolean =>
  request.headers.origin !== undefined || /^mozilla\//i.test(userAgentOf(request));
