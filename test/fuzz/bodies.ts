import type { Random } from '../../services/demo/random.ts';
import { createSampleBatch } from '../bench/sample-batch.ts';
import { eventText } from './events.ts';
import type { Pool } from './hostile.ts';
import { mutated, packed } from './mutations.ts';

/** Who sends: the keys of a site. */
export type Keys = { writeKey: string; secretKey: string };

/** A request to the collector, and what its sender knows of it. */
export type Sent = {
  path: string;
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
  /** What the path says of a single event; null where it says nothing. */
  routeType: string | null;
  /** Sent with the secret key. */
  isTrusted: boolean;
};

export const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

const typedPaths: readonly (readonly [string, string])[] = [
  ['/v1/track', 'track'],
  ['/v1/t', 'track'],
  ['/track', 'track'],
  ['/v1/identify', 'identify'],
  ['/v1/p', 'page'],
  ['/api/s/screen', 'screen'],
  ['/v1/g', 'group'],
  ['/v1/alias', 'alias'],
];
const batchPaths = ['/v1/batch', '/v1/b', '/batch', '/v1/batch/b', '/beacon/v1/batch'] as const;

type Draft = { text: string; path: string; routeType: string | null };

/** What answers list of refusals and what a body holds of events must not go beyond: then it is known of each what became of it. */
const mostEvents = 60;

const nowText = (): string => new Date().toISOString();

const singleOf = (random: Random, pool: Pool, id: string): Draft => {
  const [path, routeType] = random.chance(0.3) ? [random.pick(batchPaths), null] : random.pick(typedPaths);
  return { text: eventText(random, pool, id, nowText()), path, routeType };
};

const batchOf = (random: Random, pool: Pool, id: string, keys: Keys): Draft => {
  const size = random.weighted([
    [0, 1],
    [1, 20],
    [3, 20],
    [10, 4],
    [mostEvents, 0.3],
  ]);
  const events = Array.from({ length: size }, (_, index) =>
    random.chance(0.04) ? random.pick(pool.values) : eventText(random, pool, `${id}-${index}`, nowText()),
  );
  const rest = [
    ...(random.chance(0.6) ? [`"sentAt":"${nowText()}"`] : []),
    ...(random.chance(0.15) ? [`"context":${random.pick(random.chance(0.8) ? pool.objects : pool.values)}`] : []),
    ...(random.chance(0.3) ? [`"writeKey":"${keys.writeKey}"`] : []),
    ...(random.chance(0.1) ? [`${random.pick(pool.keys)}:${random.pick(pool.values)}`] : []),
  ];
  const batch = `"batch":[${events.join(',')}]`;
  const text = random.chance(0.05) ? `[${events.join(',')}]` : `{${[...rest, batch].join(',')}}`;
  return { text, path: random.pick(batchPaths), routeType: null };
};

const sampleBatch = createSampleBatch();
/** The batch of the benches, each event numbered anew. */
const realBatch = (id: string): Draft => ({
  text: sampleBatch.replaceAll('ajs-next-', `ajs-${id}-`),
  path: '/v1/batch',
  routeType: null,
});

const draftOf = (random: Random, pool: Pool, id: string, keys: Keys): Draft => {
  const kind = random.next();
  if (kind < 0.45) return singleOf(random, pool, id);
  if (kind < 0.955) return batchOf(random, pool, id, keys);
  if (kind < 0.96) return realBatch(id);
  return { text: random.pick(pool.values), path: random.pick(batchPaths), routeType: null };
};

type Credentials = { query: string; headers: Record<string, string>; isTrusted: boolean };

/** Everywhere that clients put their key; now and then nowhere, or a wrong one. */
const credentialsOf = (random: Random, { writeKey, secretKey }: Keys): Credentials => {
  const basic = (key: string) => ({ authorization: `Basic ${btoa(`${key}:`)}` });
  const kind = random.next();
  if (kind < 0.7) return { query: '', headers: basic(writeKey), isTrusted: false };
  if (kind < 0.8) return { query: '', headers: basic(secretKey), isTrusted: true };
  if (kind < 0.88) return { query: `?writeKey=${writeKey}`, headers: {}, isTrusted: false };
  if (kind < 0.96) return { query: '', headers: { 'x-write-key': writeKey }, isTrusted: false };
  if (kind < 0.98) return { query: '', headers: {}, isTrusted: false };
  return { query: '?writeKey=__proto__', headers: basic('nobody'), isTrusted: false };
};

const contentTypes = [
  'application/json',
  'text/plain;charset=UTF-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'é',
];

/** The next body of a run: of a real client or made up, often with accidents on the way. */
export const nextBody = (
  random: Random,
  pool: Pool,
  keys: Keys,
  { id, other }: { id: string; other: Buffer },
): Sent => {
  const { text, path, routeType } = draftOf(random, pool, id, keys);
  const { query, headers, isTrusted } = credentialsOf(random, keys);
  let bytes: Buffer = Buffer.from(text);
  if (random.chance(0.15)) bytes = mutated(bytes, random, other);
  let encoding: string | null = null;
  if (random.chance(0.15)) {
    ({ bytes, encoding } = packed(bytes, random));
    if (random.chance(0.15)) bytes = mutated(bytes, random, other);
  }
  return {
    path: `${path}${query}`,
    routeType,
    isTrusted,
    bytes,
    headers: {
      host: 'collector.example',
      'user-agent': userAgent,
      'content-type': Buffer.from(random.pick(contentTypes)).toString('latin1'),
      ...headers,
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
      ...(random.chance(0.1) ? { origin: 'https://shop.example' } : {}),
    },
  };
};
