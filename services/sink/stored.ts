import { z } from 'zod';
import { join, type Sql, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import type { Place } from './row.ts';

/** Days for which a repeated messageId counts as a duplicate. */
export const recentDays = 7;
export const dayMilliseconds = 86_400_000;

const HashBucket = z.object({ partition: z.number(), hashes: z.string() });
/** The hashes of a day come in so many pieces for each partition: no row of the answer is large, and requests get their turn between them. */
const piecesOfDay = 64;

/**
 * Hashes of the ids that were received in the last days, by partition: what recent-ids.ts is rebuilt from. A day at a time, so that the
 * engine holds a day's ids and not a week's; each reads `received_at` of the table and `message_id` of the day, and answers 11 bytes an id.
 * Duplicates need not be asked for: their id stands in `events`.
 */
export const storedIds = async (
  warehouse: Warehouse,
  partitions: readonly number[],
  now: number,
  found: (partition: number, day: number, high: number, low: number) => void,
): Promise<void> => {
  const today = Math.floor(now / dayMilliseconds);
  const those = join(
    partitions.map((partition) => sql`${partition}`),
    ', ',
  );
  for (let day = today - recentDays; day <= today; day += 1) {
    const { rows } = await warehouse.query(
      sql`
        SELECT
          log_partition AS partition,
          base64Encode(arrayStringConcat(groupArray(concat(
            reinterpretAsFixedString(murmurHash3_32(concat('1\n', site, '\n', message_id))),
            reinterpretAsFixedString(murmurHash3_32(concat('2\n', site, '\n', message_id))))))) AS hashes
        FROM events
        WHERE received_at >= ${new Date(day * dayMilliseconds)}
          AND received_at < ${new Date((day + 1) * dayMilliseconds)}
          AND log_partition IN (${those})
        GROUP BY log_partition, cityHash64(message_id) % ${piecesOfDay}`,
      HashBucket,
      { seconds: 300 },
    );
    for (const { partition, hashes } of rows) {
      const bytes = Buffer.from(hashes, 'base64');
      for (let at = 0; at + 8 <= bytes.length; at += 8)
        found(partition, day, bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
      await new Promise(setImmediate);
    }
  }
};

export const placeText = ({ partition, offset, index }: Place): string => `${partition} ${offset} ${index}`;
const placeColumns = sql`concat(toString(log_partition), ' ', toString(log_offset), ' ', toString(log_index))`;

const StoredMessage = z.object({ id: z.string(), place: z.string() });
/** Values travel in the URL, of which servers take 1 MB: so many characters, escaped, at a time. */
const askedCharacters = 200_000;

type Asked = { site: string; messageId: string; userId: string; anonymousId: string };

/** Pieces of one site each, those of one person side by side: each reads few granules. */
const pieces = <T extends Asked>(entries: readonly T[]): T[][] => {
  const sorted = entries.toSorted((a, b) => (personText(a) < personText(b) ? -1 : 1));
  const all: T[][] = [];
  let left = 0;
  for (const entry of sorted) {
    const size = encodeURIComponent(entry.messageId + entry.userId + entry.anonymousId).length + 24;
    if (left < size || all.at(-1)?.[0]?.site !== entry.site) {
      all.push([]);
      left = askedCharacters;
    }
    all.at(-1)?.push(entry);
    left -= size;
  }
  return all;
};

const personText = ({ site, userId, anonymousId }: Asked): string => `${site}\n${anonymousId}\n${userId}`;
const distinct = (values: readonly string[]): string[] => [...new Set(values)].filter((value) => value !== '');

/**
 * Where messages stand stored: `site\nmessageId` -> places of the log; a message that is not stored has no entry. Looks among the rows of the
 * message's own user and device only, which lie together in the table: a granule or two for each person asked for.
 */
export const storedMessages = async (
  warehouse: Warehouse,
  entries: readonly Asked[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const found = new Map<string, Set<string>>();
  for (const piece of pieces(entries)) {
    const site = piece[0]?.site ?? '';
    const { rows } = await warehouse.query(
      sql`
        SELECT message_id AS id, ${placeColumns} AS place
        FROM events
        WHERE site = ${site}
          AND person IN (
            SELECT sipHash64(${site}, 'user', arrayJoin(${distinct(piece.map(({ userId }) => userId))}))
            UNION ALL
            SELECT sipHash64(${site}, 'anonymous', arrayJoin(${distinct(piece.map(({ anonymousId }) => anonymousId))})))
          AND message_id IN ${distinct(piece.map(({ messageId }) => messageId))}`,
      StoredMessage,
    );
    for (const { id, place } of rows) {
      const key = `${site}\n${id}`;
      found.set(key, (found.get(key) ?? new Set()).add(place));
    }
  }
  return found;
};

const StoredPlace = z.object({ place: z.string() });
const range = (from: number, to: number): Sql => sql`log_offset BETWEEN ${from} AND ${to}`;

/** The message is part of it: on another log (the old one was removed) the same place holds another message. */
export const placeKey = (place: Place, messageId: string): string => `${placeText(place)} ${messageId}`;

/**
 * Places of the log between two offsets of a partition (inclusive) of which something was written before: as a row, a duplicate or a refused
 * row. Asked after an insert whose outcome is not known; reads the three place columns.
 */
export const storedPlaces = async (
  warehouse: Warehouse,
  partition: number,
  from: number,
  to: number,
): Promise<ReadonlySet<string>> => {
  const place = sql`concat(${placeColumns}, ' ', message_id) AS place`;
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
