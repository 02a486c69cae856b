import { z } from 'zod';
import { Failure } from '../platform/failure.ts';
import { type Sql, sql, typed } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

const Row = z.object({
  id: z.string(),
  receivedAt: z.string(),
  messageId: z.string(),
  code: z.string(),
  path: z.string(),
  message: z.string(),
  event: z.string(),
});
const Size = z.object({ id: z.string(), bytes: z.coerce.number() });

/** A page ends before it has more bytes of events; one event may have 16 MB. */
const pageBytes = 8_000_000;

/** A row's id, and where a page ends: `received ms : source : partition : offset : index`. */
const id = sql`
  concat(
    toString(toUnixTimestamp64Milli(received_at)), ':', source, ':',
    toString(log_partition), ':', toString(log_offset), ':', toString(log_index)
  ) AS id`;
const place = sql`(toUnixTimestamp64Milli(received_at), source, log_partition, log_offset, log_index)`;

const placeOf = (text: string): Sql => {
  const match = /^(\d{1,15}):(events|rejected):(\d{1,5}):(\d{1,20}):(\d{1,5})$/.exec(text);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  const [, at = '', source = '', partition = '', offset = '', index = ''] = match;
  return sql`(${Number(at)}, ${source}, ${Number(partition)}, ${typed('UInt64', offset)}, ${Number(index)})`;
};

/** Newest first. A row that was written again after a crash is there twice until it is merged; `FINAL` would hold whole blocks of large events. */
const page = (rows: number): Sql => sql`
  ORDER BY received_at DESC, source DESC, log_partition DESC, log_offset DESC, log_index DESC
  LIMIT 1 BY source, log_partition, log_offset, log_index
  LIMIT ${rows}`;

/** How many of the rows go on a page: one at least. */
const fitting = (sizes: readonly { bytes: number }[], limit: number): number => {
  let sum = 0;
  const over = sizes.slice(0, limit).findIndex(({ bytes }) => {
    sum += bytes;
    return sum > pageBytes;
  });
  return over < 0 ? Math.min(sizes.length, limit) : Math.max(1, over);
};

/** Events of a site that were not taken, newest first. Reads the site's rejected rows, but of events only those that it answers. */
export const rejectedEvents = async (
  warehouse: Warehouse,
  site: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ rejected: z.infer<typeof Row>[]; nextCursor: string | null }> => {
  const before = query.cursor === undefined ? sql`1` : sql`${place} < ${placeOf(query.cursor)}`;
  const { rows: sizes } = await warehouse.query(
    sql`SELECT ${id}, length(event) AS bytes FROM rejected WHERE site = ${site} AND ${before} ${page(query.limit + 1)}`,
    Size,
  );
  const count = fitting(sizes, query.limit);
  const last = sizes[count - 1];
  if (last === undefined) return { rejected: [], nextCursor: null };
  const { rows: rejected } = await warehouse.query(
    sql`
      SELECT ${id}, received_at AS receivedAt, message_id AS messageId, code, path, message, event
      FROM rejected
      WHERE site = ${site} AND ${before} AND ${place} >= ${placeOf(last.id)}
      ${page(count)}`,
    Row,
  );
  return { rejected, nextCursor: sizes.length > count ? last.id : null };
};
