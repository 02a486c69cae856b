import { z } from 'zod';
import { Failure } from '../platform/failure.ts';
import { sql, typed } from '../platform/warehouse/sql.ts';
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

/** `received ms : source : partition : offset : index`: where the page before ended; also a row's id. */
const parseCursor = (cursor: string): [number, string, number, string, number] => {
  const match = /^(\d{1,15}):(events|rejected):(\d{1,5}):(\d{1,20}):(\d{1,5})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return [Number(match[1]), match[2] ?? '', Number(match[3]), match[4] ?? '', Number(match[5])];
};

/** Events of a site that were not taken, newest first. Reads the site's rejected rows only. */
export const rejectedEvents = async (
  warehouse: Warehouse,
  site: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ rejected: z.infer<typeof Row>[]; nextCursor: string | null }> => {
  const after = query.cursor === undefined ? null : parseCursor(query.cursor);
  const { rows } = await warehouse.query(
    sql`
      SELECT
        concat(
          toString(toUnixTimestamp64Milli(received_at)), ':', source, ':',
          toString(log_partition), ':', toString(log_offset), ':', toString(log_index)
        ) AS id,
        received_at AS receivedAt,
        message_id AS messageId,
        code,
        path,
        message,
        event
      FROM rejected FINAL
      WHERE site = ${site}
        AND ${
          after === null
            ? sql`1`
            : sql`(toUnixTimestamp64Milli(received_at), source, log_partition, log_offset, log_index)
                < (${after[0]}, ${after[1]}, ${after[2]}, ${typed('UInt64', after[3])}, ${after[4]})`
        }
      ORDER BY received_at DESC, source DESC, log_partition DESC, log_offset DESC, log_index DESC
      LIMIT ${query.limit + 1}`,
    Row,
  );
  const page = rows.slice(0, query.limit);
  return { rejected: page, nextCursor: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null };
};
