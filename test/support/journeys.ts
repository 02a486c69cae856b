import fc from 'fast-check';
import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import { sql } from '../../services/platform/warehouse/sql.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { insertRows } from './rows.ts';

/** An event of a generated journey: what oracles need of it, whatever ids it is stored under. */
export type JourneyEvent = {
  messageId: string;
  time: number;
  event: string;
  type?: string;
  channel?: string;
  session?: string;
  path?: string;
  price?: string;
  revenue?: string;
  orderId?: string;
  currency?: string;
  source?: string;
  score?: number;
  /** Ids of the products that it is about: one in the columns, or else a list of them. */
  products?: readonly string[];
  properties?: string;
  traits?: string;
};
export type Journey = readonly JourneyEvent[];

const columns = [
  'site',
  'timestamp',
  'event',
  'type',
  'channel',
  'message_id',
  'user_id',
  'anonymous_id',
  'session',
  'path',
  'price',
  'revenue',
  'order_id',
  'currency',
  'campaign_source',
  'score',
  'product_id',
  'products',
  'properties',
  'traits',
];

/** As the sink has them; ids go by several names. */
const productColumns = (ids: readonly string[]): [productId: string, products: string] => {
  const [only = ''] = ids;
  if (ids.length < 2) return [only, ''];
  return ['', JSON.stringify(ids.map((id, place) => ({ [place % 2 === 0 ? 'product_id' : 'sku']: id })))];
};

/** How journeys are stored, which must not matter: who carries which event, which rows stand there twice, in which order they come. */
export type Mess = { devices: readonly boolean[]; repeats: readonly boolean[]; seed: number };
export const mess: fc.Arbitrary<Mess> = fc.record({
  devices: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  repeats: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  seed: fc.integer({ min: 1, max: 10_000 }),
});

const shuffled = <T>(lines: readonly T[], seed: number): T[] =>
  lines
    .map((line, index) => ({ line, key: ((index + 1) * 7919 * seed) % 10_007 }))
    .sort((a, b) => a.key - b.key)
    .map(({ line }) => line);

/**
 * Stores journeys as events of a site. Without a mess each event once, under a user's id; with one, events are spread over the user and a device that
 * signed in, some rows stand there twice (in blocks of their own, as a second writer would leave them), in another order.
 */
export const storeJourneys = async (
  warehouse: Warehouse,
  site: string,
  journeys: readonly Journey[],
  how?: Mess,
): Promise<void> => {
  const rows: unknown[][] = [];
  const again: unknown[][] = [];
  journeys.forEach((journey, person) => {
    journey.forEach((each, place) => {
      // One event at least names the user, as the one does that joins them.
      const isOnDevice = place > 0 && how?.devices[(person + place) % how.devices.length] === true;
      const row = [
        site,
        columnTime(each.time),
        each.event,
        each.type ?? (each.event === 'Page Viewed' ? 'page' : 'track'),
        each.channel ?? 'browser',
        each.messageId,
        isOnDevice ? '' : `user-${person}`,
        isOnDevice ? `device-${person}` : '',
        each.session ?? '',
        each.path ?? '',
        each.price ?? null,
        each.revenue ?? null,
        each.orderId ?? '',
        each.currency ?? '',
        each.source ?? '',
        each.score ?? null,
        ...productColumns(each.products ?? []),
        each.properties ?? '',
        each.traits ?? '',
      ];
      rows.push(row);
      if (how?.repeats[(person + place) % how.repeats.length]) again.push(row);
    });
  });
  await insertRows(warehouse, 'events', columns, [...shuffled(rows, how?.seed ?? 1), ...again]);
  if (how === undefined) return;
  await insertRows(
    warehouse,
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
    journeys.map((_, person) => [site, `device-${person}`, `user-${person}`, columnTime(0), 'm']),
  );
  await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
};

/** Gives the events of each journey their message ids. */
export const asJourneys = (persons: readonly (readonly Omit<JourneyEvent, 'messageId'>[])[]): Journey[] =>
  persons.map((events, person) => events.map((event, place) => ({ ...event, messageId: `${person}-${place}` })));
