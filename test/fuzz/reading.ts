import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { type Sent, userAgent } from './bodies.ts';

/**
 * What a body says, read independently of the product: by trying instead of deciding for encodings, by tokens for the events' texts.
 */

type JsonObject = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unpackers = [gunzipSync, inflateSync, inflateRawSync, brotliDecompressSync, zstdDecompressSync];
const most = { maxOutputLength: 64 * 1024 * 1024 };

/** Every text that is JSON and that the bytes may stand for, at most three layers deep. */
const textsOf = (bytes: Buffer, layers = 3): string[] => {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    JSON.parse(text);
    return [text];
  } catch {
    if (layers === 0) return [];
  }
  return unpackers.flatMap((unpack) => {
    try {
      return textsOf(unpack(bytes, most), layers - 1);
    } catch {
      return [];
    }
  });
};

/** An event of a body: what JSON makes of it, with the context of its batch, and (where it is asked for) how it was written. */
export type Told = { value: unknown; text: string; isSingle: boolean; hasBatchContext: boolean };

const tokenPattern = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+/gs;

/** The texts of the values directly inside a list or an object, with the keys of the latter. */
const valuesIn = (text: string): { key: string; text: string }[] => {
  const found: { key: string; text: string }[] = [];
  const isList = text.trimStart().startsWith('[');
  let depth = 0;
  let key = '';
  let isKey = !isList;
  let from = -1;
  for (const match of text.matchAll(tokenPattern)) {
    const [token] = match;
    const end = match.index + token.length;
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 0 && from >= 0) found.push({ key, text: text.slice(from, match.index).trimEnd() });
    if (depth === 1) {
      if (token === ',') {
        if (from >= 0) found.push({ key, text: text.slice(from, match.index).trimEnd() });
        from = -1;
        isKey = !isList;
      } else if (isKey && token !== ':') key = JSON.parse(token) as string;
      else if (token === ':' && isKey) isKey = false;
      else if (from < 0) from = match.index;
    }
    if (token === '{' || token === '[') depth += 1;
    if (depth < 0 || end === text.length) break;
  }
  return found;
};

/** The context of a batch is that of each of its events, but where one has no object there. */
const withContext = (told: Told, context: unknown): Told => {
  const { value } = told;
  if (!isObject(context) || !isObject(value)) return told;
  const own = value['context'] ?? {};
  return isObject(own)
    ? { ...told, value: { ...value, context: { ...context, ...own } }, hasBatchContext: true }
    : told;
};

const eventsOf = (text: string, withTexts: boolean): Told[] => {
  const body = JSON.parse(text) as unknown;
  const listed = (list: readonly unknown[], listText: () => string): Told[] => {
    const texts = withTexts ? valuesIn(listText()) : [];
    return list.map((value, index) => ({
      value,
      text: texts[index]?.text ?? '',
      isSingle: false,
      hasBatchContext: false,
    }));
  };
  if (Array.isArray(body)) return listed(body, () => text);
  if (!isObject(body)) return [];
  const { batch, context } = body;
  if (!Array.isArray(batch)) return [{ value: body, text: text.trim(), isSingle: true, hasBatchContext: false }];
  const batchText = () => valuesIn(text).findLast(({ key }) => key === 'batch')?.text ?? '[]';
  return listed(batch, batchText).map((told) => withContext(told, context));
};

/** The events of a body in which the collector says there are `count`. @throws Error where no reading has so many */
export const readBody = ({ bytes }: Sent, count: number, withTexts: boolean): Told[] => {
  for (const text of textsOf(bytes)) {
    const events = eventsOf(text, withTexts);
    if (events.length === count) return events;
  }
  throw new Error(`no reading of the body has ${count} events: ${bytes.toString('base64').slice(0, 500)}`);
};

const jsonOf = (value: unknown): string => {
  const text = isObject(value) ? JSON.stringify(value) : '';
  return text === '{}' ? '' : text;
};

/** What must stand stored of an event. `messageId` is null where the collector makes one. */
export type Expected = { messageId: string | null; type: string; properties: string; context: string; traits: string };

/**
 * Numbers are compared as the doubles that JSON makes of them, so that -0 is 0 and 1.0 is 1; of a key that is there twice, the last counts.
 */
export const expectedRow = ({ value, isSingle }: Told, { routeType, isTrusted }: Sent): Expected => {
  const event = value as JsonObject;
  const { messageId } = event as { messageId?: unknown };
  const type = (isSingle ? routeType : null) ?? String(event['type']);
  const context: Record<string, unknown> = isObject(event['context']) ? { ...event['context'] } : {};
  // A publishable key does not speak for other addresses and browsers.
  if (!isTrusted && context['ip'] !== null) delete context['ip'];
  if (!isTrusted && context['userAgent'] !== null && context['userAgent'] !== userAgent) delete context['userAgent'];
  return {
    messageId: messageId === undefined || messageId === null || messageId === '' ? null : String(messageId),
    type,
    properties: jsonOf(event['properties']),
    context: jsonOf(context),
    traits: jsonOf(type === 'identify' || type === 'group' ? event['traits'] : context['traits']),
  };
};
