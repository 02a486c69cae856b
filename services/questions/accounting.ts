import { z } from 'zod';
import type { IngestStats } from '../../schemas/api/administration.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

const Row = z.object({
  counted: z.coerce.number(),
  stored: z.coerce.number(),
  duplicate: z.coerce.number(),
  rejected: z.coerce.number(),
});

/**
 * What became of the events of a site: `received = stored + duplicate + rejected + waiting`. `received` is counted from the log alone (accepted
 * and rejected events), so the sum is a check and no definition. `uncounted`: records that the count has not come to (the sink is away); each is an event at
 * least. Counts rows by their place on the log; reads the key
 * columns of the site. `stored` may be too high by rows that a zombie wrote twice until they are merged; never negative.
 */
export const accounts = async (warehouse: Warehouse, site: string, uncounted = 0): Promise<IngestStats> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        (
          SELECT sum(events) FROM
            (SELECT max(received.events) AS events FROM received WHERE site = ${site} GROUP BY topic, log_partition)
        ) AS counted,
        (SELECT count() FROM events WHERE site = ${site}) AS stored,
        (SELECT count() FROM duplicates FINAL WHERE site = ${site}) AS duplicate,
        (SELECT count() FROM rejected FINAL WHERE site = ${site}) AS rejected`,
    Row,
  );
  const { counted, stored, duplicate, rejected } = rows[0] ?? { counted: 0, stored: 0, duplicate: 0, rejected: 0 };
  const done = stored + duplicate + rejected;
  const waiting = Math.max(0, counted - done) + uncounted;
  return { received: done + waiting, stored, duplicate, rejected, waiting };
};
