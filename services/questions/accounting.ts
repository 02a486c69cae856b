import { z } from 'zod';
import type { IngestStats } from '../../schemas/api/administration.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

const Row = z.object({ stored: z.coerce.number(), duplicate: z.coerce.number(), rejected: z.coerce.number() });

/**
 * What became of the events of a site: `received = stored + duplicate + rejected + waiting`. `received` is the log's own count of
 * what was appended (accepted and rejected), so the sum is a check and no definition. Counts rows by their place on the log; reads the key
 * columns of the site. `stored` may be too high by rows that a zombie wrote twice until they are merged; never negative.
 */
export const accounts = async (warehouse: Warehouse, site: string, received: number): Promise<IngestStats> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        (SELECT count() FROM events WHERE site = ${site}) AS stored,
        (SELECT count() FROM duplicates FINAL WHERE site = ${site}) AS duplicate,
        (SELECT count() FROM rejected FINAL WHERE site = ${site}) AS rejected`,
    Row,
  );
  const { stored, duplicate, rejected } = rows[0] ?? { stored: 0, duplicate: 0, rejected: 0 };
  return { received, stored, duplicate, rejected, waiting: Math.max(0, received - stored - duplicate - rejected) };
};
