import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

/**
 * A stopped process that had half of an insert on its way can finish it for as long as the server waits for the other half: 30 s by default
 * (`http_receive_timeout`). Afterwards nothing can come in any more.
 */
const zombieMilliseconds = 60_000;
const foldSeconds = 600;

const Month = z.object({ month: z.string(), doubles: z.coerce.number() });

/** Months with rows that stand there twice, of one partition of the log from an offset on. Reads the key and the two place columns. */
const doubled = async (
  warehouse: Warehouse,
  partition: number,
  from: number,
): Promise<readonly z.output<typeof Month>[]> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        toString(toYYYYMM(timestamp)) AS month,
        count() - uniqExact(site, person, timestamp, message_id) AS doubles
      FROM events
      WHERE log_partition = ${partition}
        AND log_offset >= ${from}
      GROUP BY month
      HAVING doubles > 0`,
    Month,
    { seconds: foldSeconds },
  );
  return rows;
};

/**
 * Folds what a zombie wrote beside us: a sink that had lost its partitions while an insert of its was on the way. The lease (log.ts) leaves it the
 * moment between asking and sending; the rows are equal in their whole key, so merging their month leaves one of each. `begins`: the first offset
 * of each partition that was read since it is ours, before which the zombie had committed.
 */
export const foldDoublesLater = async (
  { warehouse, clock, telemetry }: Pick<Platform, 'warehouse' | 'clock' | 'telemetry'>,
  begins: ReadonlyMap<number, number>,
  stop: AbortSignal,
): Promise<void> => {
  await clock.sleep(zombieMilliseconds, stop);
  for (const [partition, from] of begins) {
    if (stop.aborted) return;
    for (const { month, doubles } of await doubled(warehouse, partition, from)) {
      telemetry.logger.warn({ partition, month, doubles }, 'another sink wrote rows beside us: they are folded');
      await warehouse.command(sql`OPTIMIZE TABLE events PARTITION ID ${month} FINAL`);
    }
  }
};
