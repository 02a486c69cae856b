import type { EventType, IntakeHeader, RejectedEvent } from '../../schemas/event.ts';
import type { LogRecord } from '../platform/log/log.ts';
import { accept, type Intake, isObject, type JsonObject, type Refusal, type Warning } from './accept.ts';
import type { Parcel } from './parcel.ts';

/** A record of more bytes is cut into several: Kafka takes a megabyte by default. */
const recordBytes = 900_000;
/** Refusals and warnings listed in an answer; the rest is counted. */
const listLimit = 100;

type Refused = Refusal & { index: number; messageId: string };

/** What became of each event of a request. */
export type Outcome = {
  accepted: readonly JsonObject[];
  refused: readonly Refused[];
  warnings: readonly (Warning & { index: number })[];
  /** Accepted ones whose messageId came before in the same request; they go to the log too, where the sink counts them. */
  duplicates: number;
  isUnchanged: boolean;
};

const messageIdOf = (event: unknown): string => {
  const id = isObject(event) ? event['messageId'] : undefined;
  return typeof id === 'string' ? id.slice(0, 200).toWellFormed() : '';
};

/** A body of fewer bytes cannot hold an event that is too large. */
const smallBodyBytes = 512 * 1024;

/** `bodyBytes`: length of the body that the events came in. */
export const judge = ({ events, bytesOf }: Parcel, bodyBytes: number, intake: Intake): Outcome => {
  const accepted: JsonObject[] = [];
  const refused: Refused[] = [];
  const warnings: (Warning & { index: number })[] = [];
  const messageIds = new Set<unknown>();
  let isUnchanged = true;
  for (const [index, event] of events.entries()) {
    const verdict = accept(event, intake, bodyBytes > smallBodyBytes ? bytesOf(index) : 0);
    if (verdict.kind === 'rejected') {
      refused.push({ index, messageId: messageIdOf(event), ...verdict.refusal });
      isUnchanged = false;
      continue;
    }
    if (verdict.isChanged) isUnchanged = false;
    accepted.push(verdict.event);
    messageIds.add(verdict.event['messageId']);
    for (const warning of verdict.warnings) if (warnings.length < listLimit) warnings.push({ index, ...warning });
  }
  return { accepted, refused, warnings, duplicates: accepted.length - messageIds.size, isUnchanged };
};

/** The device stays the same over a sign-in, so it comes first: all of a device's events keep their order. */
const personOf = (event: JsonObject): unknown => event['anonymousId'] || event['userId'];
const keyOf = (site: string, event: JsonObject): string => `${site}/${personOf(event)}`;

const lineFeed = Buffer.from('\n');

/** The body as it came, untouched: the common case (a browser's batch), and the cheapest. Null where it does not apply. */
const rawRecord = (
  bytes: Buffer,
  header: IntakeHeader,
  { accepted }: Outcome,
  type: EventType | null,
): LogRecord | null => {
  const first = accepted[0];
  if (first === undefined || bytes.length > recordBytes || bytes[0] === 0xef) return null;
  const person = personOf(first);
  for (const event of accepted) if (personOf(event) !== person) return null;
  const key = keyOf(header.site, first);
  const head = Buffer.from(JSON.stringify({ ...header, type: first['type'] === undefined ? type : null }));
  return { key, label: header.site, count: accepted.length, value: Buffer.concat([head, lineFeed, bytes]) };
};

/** Records of the topic `events`: one for each person, in the order of their events. */
export const eventRecords = (
  body: { bytes: Buffer; parcel: Parcel },
  header: IntakeHeader,
  outcome: Outcome,
): LogRecord[] => {
  const { bytes, parcel } = body;
  if (outcome.isUnchanged && parcel.isRaw) {
    const raw = rawRecord(bytes, header, outcome, parcel.type);
    if (raw !== null) return [raw];
  }
  const head = JSON.stringify(header);
  const persons = new Map<string, string[]>();
  for (const event of outcome.accepted) {
    const text = JSON.stringify(event['type'] === undefined ? { ...event, type: parcel.type } : event);
    const key = keyOf(header.site, event);
    const texts = persons.get(key);
    if (texts === undefined) persons.set(key, [text]);
    else texts.push(text);
  }
  return [...persons].flatMap(([key, texts]) =>
    chunks(texts).map((chunk) => ({
      key,
      label: header.site,
      count: chunk.length,
      value: Buffer.from(`${head}\n{"batch":[${chunk.join(',')}]}`),
    })),
  );
};

/** Consecutive pieces of at most `recordBytes` characters each, but never empty. */
const chunks = (texts: readonly string[]): string[][] => {
  const all: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    if (size + text.length > recordBytes) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(text);
    size += text.length;
  }
  return all;
};

/** Records of the topic `rejected`: each refused event as it was written, with its reason. */
export const rejectedRecords = (header: IntakeHeader, parcel: Parcel, outcome: Outcome): LogRecord[] =>
  outcome.refused.map(({ index, code, path, message, messageId }) => {
    const rejected: RejectedEvent = {
      v: 1,
      site: header.site,
      receivedAt: header.receivedAt,
      messageId,
      code,
      path,
      message,
      event: parcel.textOf(index),
      header: { ...header, type: parcel.type },
    };
    return {
      key: `${header.site}/${messageId}`,
      label: header.site,
      count: 1,
      value: Buffer.from(JSON.stringify(rejected)),
    };
  });

export type TrackingAnswer = {
  success: true;
  accepted: number;
  duplicates: number;
  rejected: number;
  errors: { index: number; messageId: string; code: string; path: string; message: string }[];
  warnings?: readonly { index: number; path: string; message: string }[];
};

export const answerOf = ({ accepted, refused, warnings, duplicates }: Outcome): TrackingAnswer => ({
  success: true,
  accepted: accepted.length - duplicates,
  duplicates,
  rejected: refused.length,
  errors: refused.slice(0, listLimit),
  ...(warnings.length === 0 ? {} : { warnings }),
});
