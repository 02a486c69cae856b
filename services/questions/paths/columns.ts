import { z } from 'zod';
import type { PathsQuery } from '../../../schemas/api/paths.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { walkedPaths } from './walkers.ts';

const Count = z.coerce.number();

/** A column of the tree: how many walk there, the prefixes walked most, and the whole paths that end there. Prefixes and names are numbers. */
export const Column = z.object({
  step: z.number(),
  walking: Count,
  /** Whose path is this long, and of these whose may go on. */
  ended: Count,
  open: Count,
  candidates: z.array(
    z.object({ prefix: z.string(), parent: z.string(), name: z.string(), count: Count, ended: Count }),
  ),
  /** Names with commas between. */
  whole: z.array(z.object({ path: z.string(), count: Count })),
});
export type Column = z.infer<typeof Column>;

/** Of each column this many times what is shown is looked at: the most walked prefixes may be on ways that are not shown. */
const candidatesPerShown = 5;

/** `prefixes[k]`: one number for the first k + 1 steps. */
export const prefixes = sql`arrayMap(length -> cityHash64(arraySlice(path, 1, length)), arrayEnumerate(path))`;

/**
 * One row a column. Every walker counts in every prefix of the path; of the prefixes of a column only the most walked are kept (a heap, no sort), so the answer is
 * small however many there are. Ties go by the prefix's number: arbitrary, and always the same. Whole paths are carried as text, of which an aggregate keeps one at half the cost of an array.
 */
export const columns = (site: string, query: PathsQuery, now: number): Sql => sql`
  WITH
    walked AS (
      SELECT path, isOpen, ${prefixes} AS prefixes, length(path) AS size, arrayStringConcat(path, ',') AS text
      FROM (${walkedPaths(site, query, now)})
    ),
    places AS (
      SELECT arrayJoin(arrayZip(
        arrayEnumerate(path),
        prefixes,
        arrayPushFront(arrayPopBack(prefixes), toUInt64(0)),
        path,
        arrayMap(length -> if(length = size, 1 + isOpen, 0), arrayEnumerate(path)),
        arrayMap(length -> if(length = size, text, ''), arrayEnumerate(path)))) AS place
      FROM walked
    ),
    counted AS (
      SELECT
        place.1 - 1 AS step,
        place.2 AS prefix,
        any(place.3) AS parent,
        any(place.4) AS name,
        toInt64(count()) AS walking,
        toInt64(countIf(place.5 > 0)) AS ended,
        countIf(place.5 = 2) AS open,
        max(place.6) AS whole
      FROM places
      GROUP BY step, prefix
    )
  SELECT
    toUInt8(step) AS step,
    sum(walking) AS walking,
    sum(ended) AS ended,
    sum(open) AS open,
    arrayMap(
      each -> CAST(tuple(toString(each.2), toString(each.3), toString(each.4), -each.1, each.5), 'Tuple(prefix String, parent String, name String, count Int64, ended Int64)'),
      groupArraySorted(${candidatesPerShown * query.limit})(tuple(-walking, prefix, parent, name, ended))) AS candidates,
    arrayMap(
      each -> CAST(tuple(each.3, -each.1), 'Tuple(path String, count Int64)'),
      groupArraySortedIf(${Math.max(1, query.topPaths)})(tuple(-ended, prefix, whole), ended > 0)) AS whole
  FROM counted
  GROUP BY step
  ORDER BY step`;
