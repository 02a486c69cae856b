import { z } from 'zod';
import { join, type Sql, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

/** Days for which a repeated messageId counts as a duplicate. */
export const recentDays = 7;
export const dayMilliseconds = 86_400_000;

const HashBucket = z.object({ partition: z.number(), day: z.number(), hashes: z.string() });

/**
 * Hashes of the ids that were received in the last days, by partition: what recent-ids.ts is rebuilt from. Reads `message_id` of that time
 * only; answers 8 bytes an id. Duplicates need not be asked for: their id stands in `events`.
 */
export const storedIds = async (
  warehouse: Warehouse,
  partitions: readonly number[],
  now: number,
  found: (partition: number, day: number, high: number, low: number) => void,
): Promise<void> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        log_partition AS partition,
        toUInt32(toUnixTimestamp64Milli(received_at) / ${dayMilliseconds}) AS day,
        base64Encode(arrayStringConcat(groupArray(concat(
          reinterpretAsFixedString(murmurHash3_32(concat('1\n', site, '\n', message_id))),
          reinterpretAsFixedString(murmurHash3_32(concat('2\n', site, '\n', message_id))))))) AS hashes
      FROM events
      WHERE received_at >= ${new Date(now - recentDays * dayMilliseconds)}
        AND log_partition IN (${join(
          partitions.map((partition) => sql`${partition}`),
          ', ',
        )})
      GROUP BY log_partition, day, cityHash64(message_id) % 16`,
    HashBucket,
    { seconds: 300 },
  );
  for (const { partition, day, hashes } of rows) {
    const bytes = Buffer.from(hashes, 'base64');
    for (let at = 0; at + 8 <= bytes.length; at += 8)
      found(partition, day, bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
  }
};

const StoredPlace = z.object({ place: z.string() });
const range = (from: number, to: number): Sql => sql`log_offset BETWEEN ${from} AND ${to}`;

/** The message is part of it: on another log (the old one was removed) the same place holds another message. */
export const placeKey = (place: { partition: number; offset: number; index: number }, messageId: string): string =>
  `${place.partition} ${place.offset} ${place.index} ${messageId}`;

/**
 * Places of the log between two offsets of a partition (inclusive) of which something was written before: as a row, a duplicate or a refused
 * row. Asked after a crash and after an insert whose outcome is not known; reads the three place columns.
 */
export const storedPlaces = async (
  warehouse: Warehouse,
  partition: number,
  from: number,
  to: number,
): Promise<ReadonlySet<string>> => {
  const place = sql`concat(toString(log_partition), ' ', toString(log_offset), ' ', toString(log_index), ' ', message_id) AS place`;
  const { rows } = await warehouse.query(
    sql`
      SELECT ${place} FROM events WHERE log_partition = ${partition} AND ${range(from, to)}
      UNION ALL
      SELECT ${place} FROM duplicates WHERE log_partition = ${partition} AND ${range(from, to)}
      UNION ALL
      SELECT ${place} FROM rejected WHERE source = 'events' AND log_partition = ${partition} AND ${range(from, to)}`,
    StoredPlace,
    { seconds: 300, resultRows: 1_000_000 },
  );
  return new Set(rows.map((row) => row.place));
};

const LastOffset = z.object({ partition: z.number(), offset: z.coerce.number() });

/** The last offset of each partition of which something was written: beyond it nothing can be a redelivery. */
export const lastStoredOffsets = async (warehouse: Warehouse): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT partition, max(offset) AS offset
      FROM (
        SELECT log_partition AS partition, max(log_offset) AS offset FROM events GROUP BY log_partition
        UNION ALL
        SELECT log_partition AS partition, max(log_offset) AS offset FROM duplicates GROUP BY log_partition
        UNION ALL
        SELECT log_partition AS partition, max(log_offset) AS offset FROM rejected WHERE source = 'events' GROUP BY log_partition
      )
      GROUP BY partition`,
    LastOffset,
  );
  return new Map(rows.map(({ partition, offset }) => [partition, offset]));
};
