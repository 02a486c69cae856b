import { EventType } from '../../schemas/event.ts';
import { isJunkId } from '../../schemas/junk-ids.ts';
import { canonicalName, vocabulary } from '../../schemas/vocabulary/names.ts';
import { shown } from '../../schemas/vocabulary/property.ts';
import { fits } from './fits.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Why an event is not taken. `path` is written as the sender would: `properties.price`. */
export type Refusal = { code: RefusalCode; path: string; message: string };
type RefusalCode =
  | 'invalid_type'
  | 'missing_property'
  | 'invalid_event'
  | 'invalid_event_type'
  | 'missing_id'
  | 'invalid_id'
  | 'invalid_message_id'
  | 'invalid_timestamp'
  | 'invalid_text'
  | 'invalid_number'
  | 'too_deep'
  | 'event_too_large';

/** What was left aside of an event that was taken. */
export type Warning = { path: string; message: string };

/** What is known of the request that the event came in. */
export type Intake = {
  /** Milliseconds UTC. */
  receivedAt: number;
  /** Milliseconds UTC by the client's clock; null turns clock correction off. */
  sentAt: number | null;
  /** What the route says; the route wins over the body. */
  type: EventType | null;
  /** Only secret keys are believed about somebody else's address. */
  isTrusted: boolean;
  userAgent: string;
  /** False where the body has no escape: then it holds neither lone surrogates nor NUL. */
  mayHoldBadText: boolean;
  newId(): string;
};

/** An event on its way through the steps. `event` is never changed in place: `isChanged` says whether the bytes that came still say the same. */
type Draft = { event: JsonObject; bytes: number; isChanged: boolean; warnings: Warning[] | null };

export type Accepted = { kind: 'accepted'; event: JsonObject; isChanged: boolean; warnings: readonly Warning[] };
export type Rejected = { kind: 'rejected'; refusal: Refusal };

/** Depth of objects and lists in an event; 10 is already rare. */
const depthLimit = 64;
/** Bytes of one event as it was written. */
const eventLimit = 512 * 1024;
const idLimit = 200;
const nameLimit = 200;
const times = ['timestamp', 'originalTimestamp'] as const;
const structures = ['properties', 'traits', 'context'] as const;
const dayMilliseconds = 86_400_000;
const oldestMilliseconds = 3_653 * dayMilliseconds;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (code: RefusalCode, path: string, message: string): Refusal => ({ code, path, message });

const change = (draft: Draft, values: JsonObject): void => {
  draft.event = { ...draft.event, ...values };
  draft.isChanged = true;
};

const without = (draft: Draft, name: string): void => {
  const { [name]: _dropped, ...rest } = draft.event;
  draft.event = rest;
  draft.isChanged = true;
};

const warn = (draft: Draft, path: string, message: string): void => {
  draft.warnings ??= [];
  draft.warnings.push({ path, message });
};

const isEndless = (value: unknown): boolean => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;

/** The one walk that every event pays for: what would break the later steps, or could not be written as JSON again. */
const faultIn = (value: object, levels: number): 'too_deep' | 'invalid_number' | null => {
  if (levels === 0) return 'too_deep';
  for (const key in value) {
    const inner = (value as JsonObject)[key];
    if (typeof inner === 'object') {
      const fault = inner === null ? null : faultIn(inner, levels - 1);
      if (fault !== null) return fault;
    } else if (isEndless(inner)) return 'invalid_number';
  }
  return null;
};

const isBadText = (value: unknown): boolean =>
  typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());

/** Longer paths are cut: a key may be as long as the body, and answers repeat a hundred of them. */
const pathLimit = 200;

/** Path of the first value or key of which `isBad` is true; null where there is none. Depth is bounded by the step before. */
const placeOf = (value: unknown, isBad: (value: unknown) => boolean, path = ''): string | null => {
  if (isBad(value)) return path.slice(0, pathLimit).toWellFormed().replaceAll('\0', '\\0');
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = path === '' ? key : `${path}.${key}`;
    const found = placeOf(isBad(key) ? key : inner, isBad, innerPath);
    if (found !== null) return found;
  }
  return null;
};

type Step = (draft: Draft, intake: Intake) => Refusal | null;

/** JSON has no largest number, but a double has: `1e400` would be stored as null. */
const sound: Step = ({ event }) => {
  const fault = faultIn(event, depthLimit);
  if (fault === null) return null;
  if (fault === 'too_deep') return refuse(fault, '', `expected at most ${depthLimit} levels, got more`);
  return refuse(fault, placeOf(event, isEndless) ?? '', 'expected a number of at most 1.8e308, got one beyond');
};

const notTooLarge: Step = ({ bytes }) =>
  bytes > eventLimit
    ? refuse('event_too_large', '', `expected at most ${eventLimit} bytes of JSON, got ${bytes}`)
    : null;

const storableText: Step = ({ event }, { mayHoldBadText }) => {
  const path = mayHoldBadText ? placeOf(event, isBadText) : null;
  if (path === null) return null;
  return refuse('invalid_text', path, 'expected text, got NUL or half of a surrogate pair in it');
};

const eventTypes: ReadonlySet<unknown> = new Set(EventType.options);

/** The route's type wins; only a single event on a typed route may leave it out (the record's header says it then). */
const typed: Step = (draft, { type }) => {
  const own = draft.event['type'];
  if (type !== null) {
    if (own !== undefined && own !== type) change(draft, { type });
    return null;
  }
  if (eventTypes.has(own)) return null;
  return refuse('invalid_event_type', 'type', `expected one of ${EventType.options.join(', ')}, got ${shown(own)}`);
};

const checkId = (draft: Draft, name: string, value: unknown): Refusal | null => {
  if (value === undefined || value === null || value === '') return null;
  const id = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof id !== 'string') return refuse('invalid_id', name, `expected text, got ${shown(value)}`);
  if (id.length > idLimit)
    return refuse('invalid_id', name, `expected at most ${idLimit} characters, got ${id.length}`);
  if (name !== 'groupId' && isJunkId(id)) {
    warn(draft, name, `${shown(value)} stands for nobody: it was not taken as an id`);
    without(draft, name);
  } else if (id !== value) change(draft, { [name]: id });
  return null;
};

/** Ids are text from here on. What stands for "nobody" is taken off, and said so, if the event has another id. */
const identified: Step = (draft) => {
  const { userId, anonymousId, previousId, groupId } = draft.event as Partial<Record<string, unknown>>;
  const refusal =
    checkId(draft, 'userId', userId) ??
    checkId(draft, 'anonymousId', anonymousId) ??
    checkId(draft, 'previousId', previousId) ??
    checkId(draft, 'groupId', groupId);
  if (refusal !== null) return refusal;
  if (draft.event['userId'] || draft.event['anonymousId']) return null;
  const junk = draft.warnings?.[0];
  if (junk !== undefined) return refuse('invalid_id', junk.path, junk.message);
  return refuse('missing_id', 'userId', 'expected userId or anonymousId, got neither');
};

const numbered: Step = (draft, { newId }) => {
  const value = draft.event['messageId'];
  if (typeof value === 'string' && value !== '') {
    if (value.length <= idLimit) return null;
    return refuse('invalid_message_id', 'messageId', `expected at most ${idLimit} characters, got ${value.length}`);
  }
  if (value === undefined || value === null || value === '') change(draft, { messageId: newId() });
  else if (typeof value === 'number' && Number.isFinite(value)) change(draft, { messageId: String(value) });
  else return refuse('invalid_message_id', 'messageId', `expected text, got ${shown(value)}`);
  return null;
};

const isoPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** Forms that are clear enough: a space for the T, no seconds, no zone (UTC), a date alone. */
const looseIsoPattern = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?$/;
/** Epoch milliseconds since 1973; smaller numbers are more likely seconds, and guessing would move an event by decades. */
const leastEpochMilliseconds = 1e11;

const hasZone = /(Z|UTC|[+-]\d\d:?\d\d)$/;

/** Milliseconds UTC of what a client calls a time; null where it is none. */
export const readTime = (value: unknown): number | null => {
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= leastEpochMilliseconds && value <= 8.64e15 ? value : null;
  if (typeof value !== 'string') return null;
  if (isoPattern.test(value)) return finite(Date.parse(value));
  if (!looseIsoPattern.test(value)) return null;
  const text = value.length === 10 ? `${value}T00:00` : value;
  const zoned = hasZone.test(text.slice(10)) ? text.replace(/ ?UTC$/, 'Z').replace(/ (?=[Z+-])/, '') : `${text}Z`;
  return finite(Date.parse(zoned.replace(' ', 'T')));
};

const finite = (milliseconds: number): number | null => (Number.isNaN(milliseconds) ? null : milliseconds);

/**
 * Times become ISO 8601 with a zone. An event from before ten years ago, or of more than a day ahead once the client's clock is
 * corrected, is refused rather than moved: moved, it would quietly count on a day on which it did not happen.
 */
const timed: Step = (draft, { receivedAt, sentAt }) => {
  for (const name of times) {
    const value = draft.event[name];
    if (value === undefined || value === null) continue;
    const time = readTime(value);
    if (time === null)
      return refuse('invalid_timestamp', name, `expected an ISO 8601 time or epoch milliseconds, got ${shown(value)}`);
    const corrected = sentAt === null ? time : receivedAt - (sentAt - time);
    if (corrected > receivedAt + dayMilliseconds)
      return refuse('invalid_timestamp', name, `expected at most a day ahead, got ${shown(value)}`);
    if (corrected < receivedAt - oldestMilliseconds)
      return refuse('invalid_timestamp', name, `expected at most ten years ago, got ${shown(value)}`);
    if (typeof value !== 'string' || !isoPattern.test(value)) change(draft, { [name]: new Date(time).toISOString() });
  }
  return null;
};

const structured: Step = ({ event }) => {
  for (const name of structures) {
    const value = event[name];
    if (value !== undefined && value !== null && !isObject(value))
      return refuse('invalid_type', name, `expected an object, got ${shown(value)}`);
  }
  return null;
};

const changeContext = (draft: Draft, dropped: string): void => {
  const { [dropped]: _dropped, ...context } = draft.event['context'] as JsonObject;
  change(draft, { context });
};

/** A publishable key must not speak for another address or browser: what it says there is taken off, and said so. */
const honest: Step = (draft, { isTrusted, userAgent }) => {
  const { context, receivedAt } = draft.event as { context?: unknown; receivedAt?: unknown };
  if (isTrusted) return null;
  if (receivedAt !== undefined) warn(draft, 'receivedAt', 'left aside: the server says when it received an event');
  if (!isObject(context)) return null;
  const { ip, userAgent: claimed } = context as { ip?: unknown; userAgent?: unknown };
  if (ip !== undefined && ip !== null) {
    warn(draft, 'context.ip', 'only taken with a secret key: the address of the request is used');
    changeContext(draft, 'ip');
  }
  if (claimed !== undefined && claimed !== null && claimed !== userAgent) {
    warn(draft, 'context.userAgent', 'only taken with a secret key: the User-Agent of the request is used');
    changeContext(draft, 'userAgent');
  }
  return null;
};

const named: Step = ({ event }, { type }) => {
  const kind = type ?? event['type'];
  if (kind === 'alias' && !isText(event['previousId']))
    return refuse('missing_property', 'previousId', `expected an id, got ${shown(event['previousId'])}`);
  if (kind === 'group' && !isText(event['groupId']))
    return refuse('missing_property', 'groupId', `expected an id, got ${shown(event['groupId'])}`);
  if (kind !== 'track') return null;
  const name = event['event'];
  if (typeof name !== 'string' || name.trim() === '')
    return refuse('invalid_event', 'event', `expected the name of the event, got ${shown(name)}`);
  if (name.length > nameLimit)
    return refuse('invalid_event', 'event', `expected at most ${nameLimit} characters, got ${name.length}`);
  return null;
};

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const inVocabulary: Step = ({ event }, { type }) => {
  if ((type ?? event['type']) !== 'track') return null;
  const name = canonicalName(event['event'] as string);
  const properties = event['properties'] ?? {};
  if (fits(name, properties)) return null;
  const issue = vocabulary.get(name)?.schema.safeParse(properties).error?.issues[0];
  if (issue === undefined) return null;
  const path = ['properties', ...issue.path.map(String)].join('.');
  return refuse(issue.code === 'custom' ? 'missing_property' : 'invalid_type', path, `${issue.message}`);
};

/** What an event must pass, in this order. Size and soundness come first: later steps walk it, and so does who writes it. */
const steps: readonly Step[] = [
  notTooLarge,
  sound,
  storableText,
  typed,
  identified,
  numbered,
  timed,
  structured,
  named,
  honest,
  inVocabulary,
];

/**
 * Decides about one raw event. Never throws, whatever the value; the first step that refuses gives the reason. `bytes`: its length as it was written; 0
 * where the whole body is too small to matter.
 */
export const accept = (raw: unknown, intake: Intake, bytes = 0): Accepted | Rejected => {
  if (!isObject(raw))
    return { kind: 'rejected', refusal: refuse('invalid_event', '', `expected an object, got ${shown(raw)}`) };
  const draft: Draft = { event: raw, bytes, isChanged: false, warnings: null };
  for (const step of steps) {
    const refusal = step(draft, intake);
    if (refusal !== null) return { kind: 'rejected', refusal };
  }
  return { kind: 'accepted', event: draft.event, isChanged: draft.isChanged, warnings: draft.warnings ?? [] };
};
