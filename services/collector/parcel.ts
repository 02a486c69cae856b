import type { EventType } from '../../schemas/event.ts';
import { Failure } from '../platform/failure.ts';
import { isObject, type JsonObject } from './accept.ts';
import { bodySpan, eventSpans, isObjectAt, memberOf, type Span } from './spans.ts';

/** Most events of one request; no client sends more than 2,500. */
const eventsLimit = 10_000;
/**
 * What the context of a batch may come to in all of its events together: as much as a body may be. Unbounded, a body of 500 KB (60 KB of context,
 * 10,000 small events) took 2.8 GB of memory.
 */
const contextsLimitBytes = 16 * 1024 * 1024;

/** The events of a body, each with the context of its batch. */
export type Parcel = {
  events: readonly unknown[];
  /** What the route says of a single event; it does not reach into a batch. */
  type: EventType | null;
  /** The events are what the body says, with nothing added. */
  isRaw: boolean;
  /** Length of an event as it was written. */
  bytesOf(index: number): number;
  /**
   * The event as it was written, and the context of its batch. Made from the parsed one it would lose what it is refused for: `1e400` would be null,
   * and a hundred thousand levels cannot be written.
   */
  textOf(index: number): string;
};

const spanBytes = ({ from, to }: Span): number => to - from;
const insideOf = (bytes: Buffer, { from, to }: Span): string => bytes.toString('utf8', from + 1, to - 1);
/** Of members by one name the last counts, as in objects that are merged. */
const objectOf = (members: readonly string[]): string => `{${members.filter((text) => text.trim() !== '').join(',')}}`;

const textWithContext = (bytes: Buffer, event: Span, context: Span): string => {
  const own = memberOf(bytes, event, 'context');
  const contexts = own !== null && isObjectAt(bytes, own) ? [context, own] : [context];
  const merged = objectOf(contexts.map((span) => insideOf(bytes, span)));
  return objectOf([insideOf(bytes, event), `"context":${merged}`]);
};

/** Where events stand is looked up when somebody asks: most are good, and most bodies too small for one that is too large. */
const parcelOf = (
  parcel: Pick<Parcel, 'events' | 'type' | 'isRaw'>,
  bytes: Buffer,
  context: Span | null = null,
): Parcel => {
  let spans: readonly Span[] | null = null;
  const spanOf = (index: number): Span => {
    spans ??= eventSpans(bytes);
    return spans[index] ?? bodySpan(bytes);
  };
  return {
    ...parcel,
    bytesOf: (index) => spanBytes(spanOf(index)) + (context === null ? 0 : spanBytes(context)),
    textOf: (index) => {
      const span = spanOf(index);
      const event = parcel.events[index];
      if (context !== null && isObject(event) && isObject(event['context']))
        return textWithContext(bytes, span, context);
      return bytes.toString('utf8', span.from, span.to);
    },
  };
};

/** Segment: the context of a batch is the context of each of its events. One that has something else there is left for `accept` to refuse. */
const mergeContext = (batch: readonly unknown[], context: JsonObject): unknown[] =>
  batch.map((event) => {
    if (!isObject(event)) return event;
    const own = event['context'] ?? {};
    return isObject(own) ? { ...event, context: { ...context, ...own } } : event;
  });

const checkEvents = (events: readonly unknown[]): void => {
  if (events.length === 0) throw noEvents();
  if (events.length > eventsLimit)
    throw new Failure('too_large', `expected at most ${eventsLimit} events, got ${events.length}`);
};

const checkContext = (span: Span, events: number): void => {
  const all = spanBytes(span) * events;
  if (all <= contextsLimitBytes) return;
  throw new Failure(
    'too_large',
    `context: it is the context of each of the ${events} events, expected at most ${contextsLimitBytes} bytes in all, got ${all}`,
  );
};

const noEvents = (): Failure =>
  new Failure('no_events', 'expected {"batch":[…]} or one event with its type, got neither');

/**
 * What a body holds, of which `body` is the value.
 * @throws Failure `no_events`, `too_large`
 */
export const unwrap = (bytes: Buffer, body: unknown, routeType: EventType | null): Parcel => {
  if (Array.isArray(body)) {
    checkEvents(body);
    return parcelOf({ events: body, type: null, isRaw: false }, bytes);
  }
  if (!isObject(body)) throw noEvents();
  const { batch, context } = body as { batch?: unknown; context?: unknown };
  if (!Array.isArray(batch)) {
    if (batch !== undefined || (routeType === null && body['type'] === undefined)) throw noEvents();
    return parcelOf({ events: [body], type: routeType, isRaw: true }, bytes);
  }
  checkEvents(batch);
  const span = isObject(context) ? memberOf(bytes, bodySpan(bytes), 'context') : null;
  if (!isObject(context) || span === null) return parcelOf({ events: batch, type: null, isRaw: true }, bytes);
  checkContext(span, batch.length);
  return parcelOf({ events: mergeContext(batch, context), type: null, isRaw: false }, bytes, span);
};
