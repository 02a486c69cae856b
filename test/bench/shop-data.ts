import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identifier, join, type Sql, sql, typed } from '../../services/platform/warehouse/sql.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { startEngine } from './engine.ts';

/**
 * Months of three shops' events, the same ones in every run: 61 days from 2026-09-01, sessions of 1 to 20 events by persons of a power law (most come once, a few a hundred times), 3 % of
 * sessions end in an order, 3 of 10 persons have an account and sign in half-way through their sessions, so that the half before is only theirs by a link. Made once for
 * each number of events and kept in the system's folder for temporary files; another generator gets another folder.
 */
const generatorVersion = 1;

export const from = new Date('2026-09-01T00:00:00Z');
export const to = new Date('2026-11-01T00:00:00Z');
/** The largest site: 85 of 100 sessions. */
export const site = 'shop';

/** A session has 6.3 events on average. */
const eventsOfSession = 6.3;
/** As much as a small engine takes at once: an insert holds its block several times over. */
const sessionsAtOnce = 15_000;

/** A number from 0 to 2^64 for each session or event and purpose, always the same. */
const dice = (of: Sql, purpose: number): Sql => sql`cityHash64(${of}, ${typed('UInt8', purpose)})`;
/** From 0 to 1. */
const chance = (of: Sql, purpose: number): Sql => sql`(${dice(of, purpose)} % 1000003 / 1000003)`;

const sessionsOf = (first: number, count: number, sessions: number): Sql => sql`
  SELECT
    number AS visit,
    multiIf(${chance(sql`number`, 1)} < 0.85, 'shop', ${chance(sql`number`, 1)} < 0.95, 'second', 'third') AS site,
    toUInt64(floor(${sessions * 0.6} * pow(${chance(sql`number`, 2)}, 2.2))) AS who,
    toDateTime64(${from}, 3, 'UTC') + toIntervalMillisecond(toUInt64(number / ${sessions} * ${60.9 * 86_400_000}) + ${dice(sql`number`, 3)} % 1800000) AS startedAt,
    ${chance(sql`number`, 4)} AS luck,
    multiIf(luck < 0.40, 'look', luck < 0.75, 'browse', luck < 0.92, 'basket', luck < 0.97, 'checkout', 'order') AS goal,
    multiIf(
      goal = 'look', 1 + ${dice(sql`number`, 5)} % 3,
      goal = 'browse', 3 + ${dice(sql`number`, 5)} % 8,
      6 + ${dice(sql`number`, 5)} % 15) AS length,
    ['google', 'newsletter', 'instagram', '', '', '', 'bing', 'partner'][1 + ${dice(sql`number`, 6)} % 8] AS source,
    ['mobile', 'mobile', 'desktop', 'tablet'][1 + ${dice(sql`number`, 7)} % 4] AS device,
    ['Chrome', 'Safari', 'Firefox', 'Edge'][1 + ${dice(sql`number`, 8)} % 4] AS browser,
    ['DE', 'AT', 'CH', 'NL', 'FR', 'PL'][1 + ${dice(sql`number`, 9)} % 6] AS country
  FROM numbers(${typed('UInt64', first)}, ${typed('UInt64', count)})`;

const looking = [
  'Page Viewed',
  'Product Viewed',
  'Product Viewed',
  'Product List Viewed',
  'Product List Viewed',
  'Products Searched',
  'Product Clicked',
  'Promotion Viewed',
  'Product List Filtered',
  'Wishlist Product Added',
  'Product Shared',
  'Review Opened',
];

/** Events in the order of a visit: looks around, fills a basket, goes to the checkout at its end. */
const eventsOf = (sessions: Sql): Sql => sql`
  SELECT
    *,
    arrayJoin(range(length)) AS step,
    length - step AS left,
    tuple(visit, step) AS row,
    ${dice(sql`row`, 11)} % 2000 AS product,
    multiIf(
      step = 0, 'Page Viewed',
      goal = 'order' AND left = 1, 'Order Completed',
      goal IN ('order', 'checkout') AND left = 2, 'Payment Info Entered',
      goal IN ('order', 'checkout') AND left = 3, 'Checkout Started',
      goal IN ('order', 'checkout', 'basket') AND left = 4, 'Cart Viewed',
      goal IN ('order', 'checkout', 'basket') AND step % 4 = 2, 'Product Added',
      goal = 'basket' AND step % 7 = 5, 'Product Removed',
      ${looking}[1 + ${dice(sql`row`, 12)} % ${looking.length}]) AS event,
    -- An account's person is known from the middle of each visit on.
    who % 10 < 3 AND step * 2 >= length AS isKnown,
    event IN ('Product Viewed', 'Product Added', 'Product Removed', 'Product Clicked') AS isOfProduct
  FROM (${sessions})`;

const columns =
  'site timestamp event type message_id anonymous_id user_id session original_timestamp received_at channel product_id product_name category brand price quantity currency revenue order_id cart_id url path title campaign_source browser device country properties context log_partition log_offset';
const columnList: Sql = join(columns.split(' ').map(identifier), ', ');

const rowsOf = (events: Sql): Sql => sql`
  SELECT
    site,
    startedAt + toIntervalMillisecond(step * 40000 + ${dice(sql`row`, 13)} % 30000) AS timestamp,
    event,
    'track',
    concat('ajs-next-', hex(${dice(sql`row`, 14)}), hex(${dice(sql`row`, 15)})),
    concat('device-', toString(who)),
    if(isKnown, concat('user-', toString(who)), ''),
    concat('session-', toString(visit)),
    timestamp,
    timestamp,
    'browser',
    if(isOfProduct, concat('product-', toString(product)), ''),
    if(isOfProduct, concat('Product number ', toString(product)), ''),
    if(isOfProduct, ['tents', 'lamps', 'stoves', 'mugs', 'bags'][1 + product % 5], ''),
    if(isOfProduct, ['North', 'South', 'East'][1 + product % 3], ''),
    if(isOfProduct, toDecimal64(5 + product % 200, 4) + toDecimal64(0.9, 4), NULL),
    if(isOfProduct, 1, NULL),
    'EUR',
    if(event = 'Order Completed', toDecimal64(20 + ${dice(sql`row`, 16)} % 300, 4) + toDecimal64(0.95, 4), NULL),
    if(event = 'Order Completed', concat('order-', toString(visit)), ''),
    if(goal IN ('order', 'checkout', 'basket'), concat('cart-', toString(who)), ''),
    concat('https://shop.example', path),
    concat('/p/', toString(product % 500)) AS path,
    concat('Page ', toString(product % 500)),
    source,
    browser,
    device,
    country,
    if(isOfProduct, concat('{"product_id":"product-', toString(product), '","price":', toString(5 + product % 200), '.9,"quantity":1,"image_url":"https://shop.example/i/', toString(product), '.jpg","position":', toString(product % 12), '}'), '{}'),
    concat('{"page":{"path":"', path, '"},"locale":"de-DE","library":{"name":"analytics.js","version":"1.84.3"},"campaign":{"source":"', source, '"}}'),
    visit % 12,
    visit
  FROM (${events})`;

const fill = async (warehouse: Warehouse, events: number): Promise<void> => {
  const sessions = Math.round(events / eventsOfSession);
  for (let first = 0; first < sessions; first += sessionsAtOnce) {
    const count = Math.min(sessionsAtOnce, sessions - first);
    const rows = rowsOf(eventsOf(sessionsOf(first, count, sessions)));
    await warehouse.command(sql`INSERT INTO events (${columnList}) ${rows}`);
  }
  await warehouse.command(sql`
    INSERT INTO identities (site, anonymous_id, user_id, linked_at, message_id)
    SELECT site, anonymous_id, user_id, min(timestamp), any(message_id)
    FROM events
    WHERE user_id != ''
    GROUP BY site, anonymous_id, user_id`);
};

const Count = z.object({ count: z.coerce.number() });
const countOf = async (warehouse: Warehouse, question: Sql): Promise<number> =>
  (await warehouse.query(question, Count)).rows[0]?.count ?? 0;

/** Waits for what the engine does in the background: a request about months of data would end before it does. */
const until = async (warehouse: Warehouse, question: Sql, wanted: (count: number) => boolean): Promise<void> => {
  while (!wanted(await countOf(warehouse, question))) await delay(1000);
};

const compact = async (warehouse: Warehouse): Promise<void> => {
  for (const month of ['202609', '202610']) {
    void warehouse.command(sql`OPTIMIZE TABLE events PARTITION ID ${month} FINAL`).catch(() => undefined);
    await until(
      warehouse,
      sql`SELECT count() AS count FROM system.parts WHERE active AND table = 'events' AND partition_id = ${month}`,
      (parts) => parts <= 1,
    );
  }
};

/** Where they are kept. */
export const dataFolder = (events: number): string => path(tmpdir(), `desirepath-bench-${generatorVersion}-${events}`);

/** An engine with the data of as many events, compacted. Close it; the data stay. */
export const openShopData = async (events: number): ReturnType<typeof startEngine> => {
  const folder = dataFolder(events);
  if (!existsSync(folder)) {
    const making = `${folder}.making`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making);
    const startedAt = performance.now();
    const { warehouse, close } = await startEngine(making);
    await fill(warehouse, events);
    await compact(warehouse);
    await close();
    await rename(making, folder);
    console.log(`${events / 1e6} M events made in ${Math.round((performance.now() - startedAt) / 1000)} s: ${folder}`);
  }
  const engine = await startEngine(folder);
  // A migration that is new to these data may still be at work.
  await until(
    engine.warehouse,
    sql`SELECT count() AS count FROM system.mutations WHERE NOT is_done`,
    (left) => left === 0,
  );
  await engine.warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
  return engine;
};
