import { z } from 'zod';
import type { TrendAnswer, TrendQuery } from '../../schemas/api/trends.ts';
import { Failure } from '../platform/failure.ts';
import { type Sql, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { inScope, isoTime, resolvedPerson } from './events.ts';
import { conditions } from './where.ts';

const Point = z.object({ at: z.string(), value: z.coerce.number() });

/** Points in one answer; a chart shows no more. */
const mostPoints = 2000;
const leastSeconds = { minute: 60, hour: 3600, day: 86_400, week: 7 * 86_400, month: 28 * 86_400 } as const;

const start = (interval: TrendQuery['interval'], time: Sql, zone: string): Sql => {
  switch (interval) {
    case 'minute':
      return sql`toStartOfMinute(toDateTime(${time}, ${zone}))`;
    case 'hour':
      return sql`toStartOfHour(toDateTime(${time}, ${zone}))`;
    case 'day':
      return sql`toStartOfDay(toDateTime(${time}, ${zone}))`;
    case 'week':
      return sql`toDateTime(toStartOfWeek(toDateTime(${time}, ${zone}), 1), ${zone})`;
    case 'month':
      return sql`toDateTime(toStartOfMonth(toDateTime(${time}, ${zone})), ${zone})`;
    default:
      return interval satisfies never;
  }
};

const measureOf = ({ measure, property }: TrendQuery): Sql => {
  if (measure === 'count') return sql`count()`;
  if (measure === 'persons') return sql`uniqExact(${resolvedPerson})`;
  const column = { revenue: sql`revenue`, value: sql`value`, quantity: sql`quantity` }[property];
  return sql`toFloat64(sum(${column}))`;
};

/** The first instants of the intervals after a time, in the site's time zone (a day may have 23 or 25 hours). */
const stepsOf = (query: TrendQuery, zone: string): Sql => {
  const step = {
    minute: sql`addMinutes`,
    hour: sql`addHours`,
    day: sql`addDays`,
    week: sql`addWeeks`,
    month: sql`addMonths`,
  }[query.interval];
  const first = start(query.interval, sql`${new Date(query.from)}`, zone);
  const last = sql`toDateTime(${new Date(Date.parse(query.to) - 1)}, ${zone})`;
  return sql`arrayFilter(at -> at <= ${last}, arrayMap(index -> ${step}(${first}, index), range(${mostPoints + 1})))`;
};

/** Events, persons or sums by interval of the site's time zone; an interval without events is a zero. Reads the columns it names. */
export const trend = async (
  warehouse: Warehouse,
  site: { id: string; timeZone: string },
  query: TrendQuery,
  _options: { now: number },
): Promise<TrendAnswer> => {
  const from = Date.parse(query.from);
  const to = Date.parse(query.to);
  if ((to - from) / 1000 / leastSeconds[query.interval] > mostPoints)
    throw new Failure(
      'bad_request',
      `interval: by ${query.interval} this range has more than ${mostPoints} points; take a longer interval`,
    );
  const scope = sql`
    ${inScope({ site: site.id, from, to })}
      AND ${query.event === '*' ? sql`1` : sql`event = ${query.event}`}
      AND ${conditions(query.where)}`;
  const [points, total] = await Promise.all([
    warehouse.query(
      sql`
        WITH
          steps AS (SELECT arrayJoin(${stepsOf(query, site.timeZone)}) AS at),
          found AS (
            SELECT ${start(query.interval, sql`timestamp`, site.timeZone)} AS at, ${measureOf(query)} AS value
            FROM events
            WHERE ${scope}
            GROUP BY at
          )
        SELECT ${isoTime(sql`toDateTime64(steps.at, 3)`)} AS at, ifNull(found.value, 0) AS value
        FROM steps
        LEFT JOIN found ON found.at = steps.at
        ORDER BY steps.at`,
      Point,
    ),
    warehouse.query(sql`SELECT ${measureOf(query)} AS value FROM events WHERE ${scope}`, Point.pick({ value: true })),
  ]);
  return {
    points: points.rows,
    total: total.rows[0]?.value ?? 0,
    queryMs: Math.max(points.elapsedMs, total.elapsedMs),
    rowsRead: points.rowsRead + total.rowsRead,
  };
};
