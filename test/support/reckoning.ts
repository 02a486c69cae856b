import { expect } from 'vitest';
import type { Installation, Stats } from './installation.ts';
import type { Acknowledged } from './load.ts';
import { eventually } from './product.ts';

type Order = { user_id: string; partitions: number; batches: number[] };

/** Rows that stand there twice are folded within a minute or so after a sink took over (sink/doubles.ts). */
const foldedSeconds = 150;

/**
 * The books after a fault: everything acknowledged is in the warehouse, exactly once, in the order in which each user sent it, and
 * `received = stored + duplicate + rejected` with nothing waiting. Asks the engine itself, with queries that the product does not have.
 */
export const reckon = async (installation: Installation, acknowledged: readonly Acknowledged[]): Promise<Stats> => {
  await installation.settled();
  await eventually(async () => {
    const doubles = await installation.rows(
      `SELECT message_id, count() AS times FROM events WHERE site = 'shop' GROUP BY message_id HAVING times > 1 LIMIT 5`,
    );
    expect(doubles, 'stored more than once').toEqual([]);
  }, foldedSeconds);
  const stored = await installation.rows<{ message_id: string }>(`SELECT message_id FROM events WHERE site = 'shop'`);
  const kept = new Set(stored.map(({ message_id }) => message_id));
  const lost = acknowledged.filter(({ messageId }) => !kept.has(messageId));
  expect(lost.slice(0, 5), `${lost.length} of ${acknowledged.length} acknowledged are lost`).toEqual([]);

  const orders = await installation.rows<Order>(
    `SELECT
       user_id,
       uniqExact(log_partition) AS partitions,
       arrayMap(x -> x.3, arraySort(groupArray((log_offset, log_index, JSONExtractUInt(properties, 'batch'))))) AS batches
     FROM events WHERE site = 'shop' AND event = 'Tick' GROUP BY user_id`,
  );
  for (const { user_id, partitions, batches } of orders) {
    expect(partitions, `${user_id} is in one partition`).toBe(1);
    const wrong = batches.findIndex((batch, index) => index > 0 && batch < (batches[index - 1] ?? 0));
    expect(wrong < 0 ? null : batches.slice(wrong - 1, wrong + 2), `${user_id} in order`).toBeNull();
  }
  // What we do to people is an event too, so that rows may come in between.
  return await eventually(async () => {
    const stats = await installation.settled();
    const [row] = await installation.rows<{ stored: number }>(
      `SELECT count() AS stored FROM events WHERE site = 'shop'`,
    );
    expect(stats.stored, 'stored is the rows that are there').toBe(row?.stored);
    expect(stats.received).toBe(stats.stored + stats.duplicate + stats.rejected);
    return stats;
  }, 60);
};
