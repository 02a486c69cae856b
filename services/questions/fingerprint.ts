import { z } from 'zod';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { inQuarters } from './contents.ts';

/** Times of events, milliseconds UTC, half-open. */
export type Span = { from: number; to: number };

const Row = z.object({
  events: z.string(),
  links: z.tuple([z.string(), z.coerce.number()]),
  dictionary: z.tuple([z.coerce.number(), z.coerce.number(), z.string()]),
  isSpread: z.coerce.number(),
});

/** Of a site, and of when the newest was recorded. Times are milliseconds UTC. */
type Links = { checksum: string; newestAt: number };
/** Of all sites, as the engine has it in memory: when it began to read it, and which one it is. */
type Dictionary = { isLoaded: boolean; startedAt: number; version: string };

/** An insert is given up before (clickhouse.ts), so a link that was recorded so long before the dictionary was read is in it. */
const insertMilliseconds = 60_000;

/** Pure: what questions see of a site's links. Once the dictionary surely has them all, it does not matter how often it is read again. */
export const linksText = (links: Links, dictionary: Dictionary): string => {
  const hasThemAll = dictionary.isLoaded && dictionary.startedAt > links.newestAt + insertMilliseconds;
  return hasThemAll ? links.checksum : `${links.checksum} in ${dictionary.version}`;
};

/**
 * What an answer about a site depends on, as a text: while it stays the same, so does the answer. It changes when rows of the span come (late ones,
 * repeated ones), are folded or erased; when links come, are undone or erased; and when the dictionary of links is read again, which is when questions
 * see them. Other sites' rows leave it as it is. Reads the projection `contents` (migration 0008), so its cost grows with the time spanned, not
 * with the events. A span is widened to whole quarters of an hour.
 * `isSpread`: on a cluster the next question may be answered by a server that is some seconds behind.
 */
export const fingerprint = async (
  warehouse: Warehouse,
  site: string,
  span: Span | null,
): Promise<{ text: string; isSpread: boolean }> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        (
          SELECT concat(toString(count()), ' ', toString(sum(cityHash64(person, timestamp, message_id))))
          FROM events
          WHERE site = ${site}
            AND ${span === null ? sql`1` : inQuarters(span)}
        ) AS events,
        (
          SELECT tuple(
            concat(toString(count()), ' ', toString(sum(cityHash64(from_person, to_person, linked_at, active)))),
            toUnixTimestamp64Milli(max(recorded_at)))
          FROM identities
          WHERE site = ${site}
        ) AS links,
        (
          SELECT tuple(
            status = 'LOADED',
            1000 * toUnixTimestamp(loading_start_time),
            toString((last_successful_update_time, loading_duration, element_count, bytes_allocated)))
          FROM system.dictionaries
          WHERE database = currentDatabase()
            AND name = 'identity'
            -- Reads it, where nobody has asked for it yet.
            AND (SELECT dictGetOrDefault('identity', 'to_person', toUInt64(0), toUInt64(0))) = 0
        ) AS dictionary,
        (SELECT engine = 'Distributed' FROM system.tables WHERE database = currentDatabase() AND name = 'events') AS isSpread`,
    Row,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the fingerprint has no row');
  const [checksum, newestAt] = row.links;
  const [isLoaded, startedAt, version] = row.dictionary;
  const links = linksText({ checksum, newestAt }, { isLoaded: isLoaded === 1, startedAt, version });
  return { text: `${row.events}, ${links}`, isSpread: row.isSpread === 1 };
};
