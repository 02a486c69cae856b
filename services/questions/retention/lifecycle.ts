import { z } from 'zod';
import type { LifecycleAnswer, LifecycleQuery } from '../../../schemas/api/retention.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inScope, resolvedPerson } from '../events.ts';
import { intervalBounds, placeAmong } from '../intervals.ts';
import { isEvent } from '../where.ts';
import { calendarOf } from './calendar.ts';

const Row = z.object({
  place: z.number(),
  kind: z.enum(['new', 'returning', 'resurrecting', 'dormant']),
  persons: z.coerce.number(),
});

/** Of a person's intervals in order, what each makes of them there; and the next one, if they were not there. */
const kinds: Sql = sql`
  arrayConcat(
    arrayMap(
      (place, index) -> tuple(place, multiIf(index = 1, 'new', places[index - 1] = place - 1, 'returning', 'resurrecting')),
      places, arrayEnumerate(places)),
    arrayMap(place -> tuple(place + 1, 'dormant'), arrayFilter(place -> place > 0 AND NOT has(places, place + 1), places)))`;

/** Who is new, came again, came back and stayed away, by interval (docs/retention.md). Reads the event's rows of all of history. */
export const lifecycle = async (
  warehouse: Warehouse,
  site: { id: string; timeZone: string },
  query: LifecycleQuery,
  options: { now: number },
): Promise<LifecycleAnswer> => {
  const { bounds: all, cohorts } = calendarOf(
    { ...query, intervals: 1, windows: 'calendar' },
    site.timeZone,
    options.now,
  );
  const bounds = all.slice(0, cohorts + 1);
  const [first = 0] = bounds;
  const [before = 0] = intervalBounds(query.interval, site.timeZone, first - 1, first);
  const end = bounds.at(-1) ?? 0;
  const { rows, rowsRead, elapsedMs } = await warehouse.query(
    sql`
      WITH persons AS (
        SELECT arraySort(groupUniqArray(toInt64(${placeAmong([0, before, ...bounds.slice(0, -1)], sql`timestamp`)}))) AS places
        FROM events
        WHERE ${inScope({ site: site.id, from: 0, to: Math.min(end, options.now + 1) })}
          AND ${isEvent(query)}
        GROUP BY ${resolvedPerson}
      )
      SELECT toInt32(each.1) AS place, each.2 AS kind, count() AS persons
      FROM (SELECT arrayJoin(${kinds}) AS each FROM persons)
      GROUP BY place, kind`,
    Row,
  );
  const personsOf = (place: number, kind: z.infer<typeof Row>['kind']): number =>
    rows.find((row) => row.place === place && row.kind === kind)?.persons ?? 0;
  return {
    intervals: bounds.slice(0, -1).map((at, index) => ({
      at: new Date(at).toISOString(),
      // 0 is what came before the interval before the first, 1 that interval.
      new: personsOf(index + 2, 'new'),
      returning: personsOf(index + 2, 'returning'),
      resurrecting: personsOf(index + 2, 'resurrecting'),
      dormant: personsOf(index + 2, 'dormant'),
      isComplete: (bounds[index + 1] ?? 0) <= options.now,
    })),
    queryMs: elapsedMs,
    rowsRead,
  };
};
