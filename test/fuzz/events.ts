import type { Random } from '../../services/demo/random.ts';
import type { Pool } from './hostile.ts';

/** A member of a JSON object: key and value as they are written. */
type Member = [key: string, value: string];

const quoted = (value: string): string => JSON.stringify(value);
const members = (object: object): Member[] =>
  Object.entries(object).map(([key, value]) => [quoted(key), JSON.stringify(value)]);
const written = (list: readonly Member[]): string => `{${list.map(([key, value]) => `${key}:${value}`).join(',')}}`;

const page = {
  path: '/lamps',
  referrer: '',
  search: '?utm_source=mail',
  title: 'Lamps – Shop',
  url: 'https://shop.example/lamps',
};
const product = { product_id: 'lamp', name: 'Lamp <Glow>', price: 19.9, quantity: 2, currency: 'EUR', cart_id: 'c1' };
const orders = [
  { ...product, price: '19.90' },
  { product_id: 'tent', name: 'Tent "Nook"', price: 120, quantity: 1 },
];

type Client = (id: string, person: string, now: string) => object;

/** Events as clients in the wild send them, one of each form (Segment in a browser and on Node, RudderStack, Jitsu, ours). */
const clients: readonly Client[] = [
  (id, person, now) => ({
    timestamp: now,
    integrations: {},
    anonymousId: person,
    type: 'track',
    event: 'Product Added',
    properties: product,
    context: {
      page,
      campaign: { source: 'mail', medium: 'email' },
      locale: 'de-DE',
      library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
    },
    messageId: `ajs-next-1763890000100-${id}`,
    writeKey: 'of-each-event',
    userId: null,
    sentAt: now,
    _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
  }),
  (id, person, now) => ({
    userId: person,
    event: 'Order Completed',
    type: 'track',
    properties: { order_id: id, revenue: '139.90', currency: 'EUR', products: orders, coupon: '' },
    integrations: {},
    _metadata: { nodeVersion: '24.0.0' },
    context: { library: { name: '@segment/analytics-node', version: '3.1.0' } },
    timestamp: now,
    messageId: `node-next-1763890000100-${id}`,
  }),
  (id, person, now) => ({
    userId: person,
    event: 'add_to_cart',
    properties: { currency: 'EUR', items: [{ item_id: 'lamp', item_name: 'Lamp', price: '4.50', quantity: 1 }] },
    type: 'track',
    context: { library: { name: '@rudderstack/rudder-sdk-node', version: '3.0.13' }, ip: '203.0.113.9' },
    originalTimestamp: now,
    sentAt: now,
    messageId: id,
  }),
  (id, person, now) => ({
    type: 'identify',
    userId: `u-${person}`,
    anonymousId: person,
    traits: { email: 'zoë@example.com', firstName: 'Zoë', address: { city: 'Köln' } },
    context: { userAgent: 'Mozilla/5.0 (iPhone)', screen: { width: 390 } },
    timestamp: now,
    messageId: id,
  }),
  (id, person, now) => ({
    type: 'page',
    anonymousId: person,
    name: 'Home',
    properties: page,
    timestamp: now,
    messageId: id,
  }),
  (id, person, now) => ({
    type: 'screen',
    userId: 42,
    name: 'Basket',
    properties: { name: 'Basket' },
    messageId: id,
    anonymousId: person,
    timestamp: now,
  }),
  (id, person) => ({ type: 'group', userId: person, groupId: 'g1', traits: { name: 'Ateliers' }, messageId: id }),
  (id, person) => ({ type: 'alias', userId: `u-${person}`, previousId: person, messageId: id }),
  (id, person, now) => ({
    type: 'track',
    event: 'Survey Answered',
    anonymousId: person,
    properties: { survey_id: 's1', score: 9, comment: 'fine 👍' },
    context: { traits: { email: 'a@example.com' }, sessionId: 's-1' },
    timestamp: now,
    messageId: id,
  }),
];

const structures = ['properties', 'context', 'traits'];
const fields = [
  'type',
  'event',
  'userId',
  'anonymousId',
  'messageId',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'properties',
  'context',
  'traits',
  'previousId',
];

const isStructure = (key: string): boolean => /^"(properties|context|traits)"$/.test(key);

/** One change, of the kinds that broken clients and attackers make. Mostly of what a shop may fill as it likes, so that enough is accepted. */
const change = (list: Member[], random: Random, { values, objects, keys }: Pool): void => {
  const kind = random.next();
  const at = random.between(0, list.length - 1);
  const found = list[at];
  const structure = list.findLastIndex(([key]) => isStructure(key));
  if (kind < 0.5 && structure >= 0) list[structure] = [list[structure]?.[0] ?? '', random.pick(objects)];
  else if (kind < 0.7) list.splice(at, 0, [random.pick(keys), random.pick(values)]);
  else if (kind < 0.8) list.push([quoted(random.pick(structures)), random.pick(objects)]);
  else if (kind < 0.9 && found !== undefined) list[at] = [found[0], random.pick(values)];
  else if (kind < 0.95) list.push([quoted(random.pick(fields)), random.pick(values)]);
  else list.splice(at, 1);
};

/** The text of an event: as a client sends it, or with changes. `id` is nobody else's. */
export const eventText = (random: Random, pool: Pool, id: string, now: string): string => {
  const list = members(random.pick(clients)(id, `p${random.between(1, 500)}`, now));
  const changes = random.weighted([
    [0, 3],
    [1, 4],
    [2, 2],
    [5, 1],
  ]);
  for (let count = 0; count < changes; count += 1) change(list, random, pool);
  return written(list);
};
