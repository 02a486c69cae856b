import { EventType } from '../../schemas/event.ts';
import { isObject } from './accept.ts';
import type { TrackingRequest } from './request.ts';

/** The smallest transparent GIF. */
export const pixelGif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

const typeOf = (params: unknown): EventType | null => {
  const parsed = EventType.safeParse(isObject(params) ? params['type'] : undefined);
  return parsed.success ? parsed.data : null;
};

/** The event in a pixel's address: `data` holds JSON or its base64, else the query's own fields are the event (RudderStack). */
export const pixelEvent = (
  request: TrackingRequest,
  params: unknown,
): { request: TrackingRequest; type: EventType | null } => {
  const query = isObject(request.query) ? request.query : {};
  const { data, writeKey: _key, ...fields } = query as { data?: unknown; writeKey?: unknown };
  const body =
    typeof data === 'string'
      ? Buffer.from(data.trimStart().startsWith('{') ? data : Buffer.from(data, 'base64'))
      : Buffer.from(JSON.stringify(fields));
  // A pixel has no body of its own, so neither has it an encoding.
  const { 'content-encoding': _none, ...headers } = request.headers;
  return { request: { ...request, headers, body }, type: typeOf(params) };
};
