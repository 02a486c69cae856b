import { randomUUID } from 'node:crypto';
import type { Channel, EventType, IntakeHeader } from '../../schemas/event.ts';
import type { Site } from '../../schemas/site.ts';
import type { Clock } from '../platform/clock.ts';
import { Failure } from '../platform/failure.ts';
import type { EventLog, LogRecord } from '../platform/log/log.ts';
import type { Telemetry } from '../platform/telemetry.ts';
import { isObject, readTime } from './accept.ts';
import { decodeBytes, isPacked, parseJson, unpackedLimit } from './decode.ts';
import { unwrap } from './parcel.ts';
import type { RateLimit } from './rate-limit.ts';
import { answerOf, eventRecords, judge, rejectedRecords, type TrackingAnswer } from './records.ts';
import { isFromBrowser, keyOfBody, keysOfHead, type TrackingRequest, userAgentOf } from './request.ts';
import type { KeyHolder, Sites } from './sites.ts';
import { createUnpackRoom } from './unpack-room.ts';

export type TrackingRoute =
  | { kind: 'events'; type: EventType | null }
  | { kind: 'import' }
  | { kind: 'pixel'; type: EventType | null };

export type Tracking = {
  /**
   * Takes the events of a request. Resolves when every one of them, accepted or rejected, is durable.
   * @throws Failure `not_json`, `no_events`, `bad_encoding`, `too_large`, `unknown_write_key`, `origin_not_allowed`, `forbidden`,
   * `too_many_requests`, `unavailable`
   */
  take(request: TrackingRequest, route: TrackingRoute): Promise<TrackingAnswer>;
};

const logRetrySeconds = 3;
/**
 * Two bodies of the largest kind; dozens of ordinary ones, more than threads that unpack. Memory is some ten times that: the bytes, their text, what
 * JSON makes of it, the records for the log. With room for four, bombs at six connections came to a gigabyte.
 */
const unpackRoomBytes = 32 * 1024 * 1024;

const checkOrigin = (site: Site, request: TrackingRequest, isSecret: boolean): void => {
  if (isSecret || site.allowedOrigins.length === 0) return;
  const { origin } = request.headers;
  if (origin === undefined)
    throw new Failure('origin_not_allowed', 'This site lists its origins: without an Origin, use a secret key.');
  if (!site.allowedOrigins.includes(origin))
    throw new Failure(
      'origin_not_allowed',
      `Events from ${origin.slice(0, 200)} are not taken: list it in the site's origins.`,
    );
};

const channelOf = (request: TrackingRequest, route: TrackingRoute, isSecret: boolean): Channel => {
  if (route.kind !== 'events') return route.kind;
  return isSecret || !isFromBrowser(request) ? 'server' : 'browser';
};

/** When the client sent this, by its own clock: said once for a batch, or by its events. */
const sentAtOf = (body: unknown, events: readonly unknown[]): number | null => {
  const own = isObject(body) ? readTime(body['sentAt']) : null;
  if (own !== null) return own;
  const first = events[0];
  return isObject(first) ? readTime(first['sentAt']) : null;
};

/**
 * From a body to records, in one go: the parsed events are garbage before the wait for the disk. Held over it, those of all requests
 * under way would be copied by the collector of garbage again and again (a sixth of the throughput).
 */
const prepare = (intake: {
  bytes: Buffer;
  body: unknown;
  holder: KeyHolder;
  request: TrackingRequest;
  route: TrackingRoute;
  receivedAt: number;
}): { events: LogRecord[]; rejected: LogRecord[]; answer: TrackingAnswer } => {
  const { bytes, body, holder, request, route, receivedAt } = intake;
  const parcel = unwrap(bytes, body, route.kind === 'import' ? null : route.type);
  const header: IntakeHeader = {
    v: 1,
    site: holder.site.id,
    receivedAt,
    sentAt: route.kind === 'import' ? null : sentAtOf(body, parcel.events),
    channel: channelOf(request, route, holder.isSecret),
    type: null,
    ip: request.ip ?? '',
    userAgent: userAgentOf(request),
  };
  const outcome = judge(parcel, bytes.length, {
    receivedAt,
    sentAt: header.sentAt,
    type: parcel.type,
    isTrusted: holder.isSecret,
    userAgent: header.userAgent,
    // Bytes are valid UTF-8 here, so only an escape can bring half a surrogate pair or NUL.
    mayHoldBadText: bytes.includes('\\u'),
    newId: randomUUID,
  });
  return {
    events: eventRecords({ bytes, parcel }, header, outcome),
    rejected: rejectedRecords(header, parcel, outcome),
    answer: answerOf(outcome),
  };
};

/** Resolves when the records are durable; the client is told to come back where they are not. */
const createAppend =
  ({ log, telemetry }: { log: EventLog; telemetry: Telemetry }) =>
  async (topic: 'events' | 'rejected', records: readonly LogRecord[]): Promise<void> => {
    if (records.length === 0) return;
    try {
      await log.append(topic, records);
    } catch (error) {
      telemetry.logger.error({ err: error, topic }, 'the log took no events');
      // It never will, so nobody is told to come back.
      if (error instanceof Failure && error.code === 'too_large') throw error;
      throw new Failure('unavailable', 'Events cannot be stored right now: send them again.', {
        retryAfterSeconds: logRetrySeconds,
        cause: error,
      });
    }
  };

export const createTracking = (deps: {
  log: EventLog;
  clock: Clock;
  sites: Sites;
  rateLimit: RateLimit;
  telemetry: Telemetry;
}): Tracking => {
  const { clock, sites, rateLimit } = deps;
  const append = createAppend(deps);
  const unpackRoom = createUnpackRoom(unpackRoomBytes);

  const authenticate = async (keys: readonly string[]): Promise<KeyHolder | null> => {
    for (const key of keys) {
      const holder = await sites.find(key);
      if (holder !== null) return holder;
    }
    return null;
  };

  const authenticateByBody = async (body: unknown): Promise<KeyHolder> => {
    const key = keyOfBody(body);
    const holder = key === null ? null : await authenticate([key]);
    if (holder !== null) return holder;
    throw new Failure('unknown_write_key', 'Send the write key of a site as the user of Basic authentication.');
  };

  const admit = (holder: KeyHolder, request: TrackingRequest, route: TrackingRoute): void => {
    if (route.kind === 'import' && !holder.isSecret)
      throw new Failure('forbidden', "An import needs the site's secret key, not its write key.");
    checkOrigin(holder.site, request, holder.isSecret);
    rateLimit.take(holder.site.id);
  };

  /** The parsed body ends with this call, before the wait for the disk. */
  const recordsOf = async (bytes: Buffer, early: KeyHolder | null, request: TrackingRequest, route: TrackingRoute) => {
    const body = parseJson(bytes);
    const holder = early ?? (await authenticateByBody(body));
    if (early === null) admit(holder, request, route);
    return prepare({ bytes, body, holder, request, route, receivedAt: clock.now() });
  };

  const takeBytes = async (
    bytes: Buffer,
    early: KeyHolder | null,
    request: TrackingRequest,
    route: TrackingRoute,
  ): Promise<TrackingAnswer> => {
    const { events, rejected, answer } = await recordsOf(bytes, early, request, route);
    await append('events', events);
    await append('rejected', rejected);
    return answer;
  };

  return {
    take: async (request, route) => {
      // Known by its headers, a request is refused before its body is unpacked.
      const early = await authenticate(keysOfHead(request));
      if (early !== null) admit(early, request, route);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { 'content-encoding': encoding } = request.headers;
      if (!isPacked(body, encoding)) return takeBytes(body, early, request, route);
      return unpackRoom.use(unpackedLimit(body), async (shrink) => {
        const bytes = await decodeBytes(body, encoding);
        shrink(bytes.length);
        return takeBytes(bytes, early, request, route);
      });
    },
  };
};
