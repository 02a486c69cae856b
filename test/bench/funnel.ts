import { z } from 'zod';
import { FunnelQuery } from '../../schemas/api/funnels.ts';
import { sql } from '../../services/platform/warehouse/sql.ts';
import { resolvedPerson } from '../../services/questions/events.ts';
import { funnel } from '../../services/questions/funnels/funnel.ts';
import { startEngine } from './engine.ts';

/**
 * A 3-step ordered funnel with step times over 10 million events, against reading and grouping the same columns of the same rows: what any exact
 * answer has to do at least. Target: within twice of it.
 */
const events = Number(process.env['EVENTS'] ?? 10_000_000);
const rounds = 5;
const from = new Date('2026-09-01T00:00:00Z');
const to = new Date('2026-11-01T00:00:00Z');

const names = [
  'Page Viewed',
  'Product Viewed',
  'Product List Viewed',
  'Products Searched',
  'Product Added',
  'Product Clicked',
  'Cart Viewed',
  'Checkout Started',
  'Product Removed',
  'Order Completed',
  'Coupon Applied',
  'Identify',
];
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const { warehouse, close } = await startEngine();
const startedAt = performance.now();
// Persons by a power law: a few with thousands of events, most with a handful. Names by a shop's frequencies.
// As large as memory on a laptop takes: an insert holds its block several times over.
const atOnce = 100_000;
for (let first = 0; first < events; first += atOnce)
  await warehouse.command(sql`
  INSERT INTO events (site, timestamp, event, type, message_id, user_id)
  SELECT
    'bench',
    toDateTime64('2026-09-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(toUInt64(number / ${events} * ${60.9 * 86_400_000}) + cityHash64(number, 1) % 3600000),
    ${names}[1 + least(11, toUInt8(floor(12 * pow((cityHash64(number, 2) % 1000) / 1000, 2.2))))],
    'track',
    toString(cityHash64(number, 3)),
    concat('user-', toString(toUInt64(floor(${events / 12} * pow((cityHash64(number, 4) % 1000000) / 1000000, 1.6)))))
  FROM numbers(${first}, ${atOnce})`);
console.log(`${events / 1e6} M events made in ${Math.round((performance.now() - startedAt) / 1000)} s`);

const steps = ['Product Viewed', 'Product Added', 'Order Completed'];
const Count = z.object({ persons: z.coerce.number() });
const scope = sql`
  site = 'bench'
    AND timestamp >= ${from}
    AND timestamp < ${new Date(to.getTime() + 604_800_000)}
    AND event IN (SELECT arrayJoin(${steps}))`;
const measure = async (name: string, work: () => Promise<unknown>): Promise<number> => {
  await work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  }
  console.log(`${name.padEnd(64)} ${Math.round(median(times))} ms`);
  return median(times);
};
const read = await measure('read: the columns of the rows', () =>
  warehouse.query(sql`SELECT sum(cityHash64(person, timestamp, event)) AS persons FROM events WHERE ${scope}`, Count),
);
const grouped = await measure('limit: read and group (times and names of each person)', () =>
  warehouse.query(
    sql`SELECT count() AS persons FROM (SELECT ${resolvedPerson} AS owner, groupArray(timestamp) AS times, groupArray(event) AS names FROM events WHERE ${scope} GROUP BY owner)`,
    Count,
    { memoryBytes: 800_000_000 },
  ),
);
const counted = await measure('windowFunnel: counts only, no times', () =>
  warehouse.query(
    sql`SELECT sum(level > 0) AS persons FROM (SELECT ${resolvedPerson} AS owner, windowFunnel(604800000)(toUInt64(toUnixTimestamp64Milli(timestamp)), event = ${steps[0] ?? ''}, event = ${steps[1] ?? ''}, event = ${steps[2] ?? ''}) AS level FROM events WHERE ${scope} GROUP BY owner)`,
    Count,
    { memoryBytes: 800_000_000 },
  ),
);
const query = FunnelQuery.parse({
  steps: steps.map((event) => ({ event })),
  from: from.toISOString(),
  to: to.toISOString(),
});
const ours = await measure('ours: counts, averages, medians', () =>
  funnel(warehouse, { id: 'bench' }, query, { now: to.getTime() }),
);
console.log(
  JSON.stringify(
    (await funnel(warehouse, { id: 'bench' }, query, { now: to.getTime() })).steps.map(
      ({ event, count, medianSeconds }) => ({ event, count, medianSeconds }),
    ),
  ),
);
console.log(
  `funnel / read and group: ${(ours / grouped).toFixed(2)} (target 2.00 at most); / read ${(ours / read).toFixed(2)}; / windowFunnel ${(ours / counted).toFixed(2)}`,
);
await close();
