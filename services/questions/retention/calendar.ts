import type { RetentionQuery } from '../../../schemas/api/retention.ts';
import { Failure } from '../../platform/failure.ts';
import { intervalBounds } from '../intervals.ts';

const dayMs = 86_400_000;
/** Of elapsed windows. */
const windowsMs = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs } as const;
/** No calendar interval is longer, changes of the clocks included. */
const longestMs = { day: 26 * 3_600_000, week: 7 * dayMs + 7_200_000, month: 31 * dayMs + 7_200_000 } as const;

/** Cohorts in one answer. */
const mostCohorts = 400;
/** Cells in one answer, over all parts of the breakdown. */
const mostCells = 100_000;

/** When cohorts begin and cells end. Times are milliseconds. */
export type Calendar = {
  from: number;
  to: number;
  now: number;
  /** Starts of the intervals that the range touches, and of one more than the last cell needs. */
  bounds: readonly number[];
  /** How many of them the range touches. */
  cohorts: number;
  /** Length of an elapsed window; null by the calendar. */
  windowMs: number | null;
};

type Asked = Pick<RetentionQuery, 'from' | 'to' | 'interval' | 'intervals' | 'windows' | 'breakdown'>;

const check = (query: Asked, cohorts: number): void => {
  if (cohorts > mostCohorts)
    throw new Failure(
      'bad_request',
      `interval: by ${query.interval} this range has more than ${mostCohorts} cohorts; take a longer interval`,
    );
  const cells = cohorts * (query.intervals + 1) * (query.breakdown === undefined ? 1 : query.breakdown.limit + 3);
  if (cells > mostCells)
    throw new Failure(
      'bad_request',
      `intervals: these are ${cells} cells, expected at most ${mostCells}; ask for fewer intervals, or a lower limit`,
    );
};

export const calendarOf = (query: Asked, zone: string, now: number): Calendar => {
  const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
  const longest = longestMs[query.interval];
  check(query, (to - from) / longest);
  const bounds = intervalBounds(query.interval, zone, from, to + (query.intervals + 2) * longest);
  const cohorts = bounds.filter((bound) => bound < to).length;
  check(query, cohorts);
  return { from, to, now, bounds, cohorts, windowMs: query.windows === 'elapsed' ? windowsMs[query.interval] : null };
};

/** When interval k of a cohort begins for the first who may be in it, and is over for the last. */
export const cellTimes = ({ from, to, bounds, windowMs }: Calendar, cohort: number, k: number) => {
  const bound = (index: number): number => bounds[index] ?? Number.POSITIVE_INFINITY;
  if (windowMs === null) return { begins: bound(cohort + k), ends: bound(cohort + k + 1) };
  return {
    begins: Math.max(from, bound(cohort)) + k * windowMs,
    ends: Math.min(to, bound(cohort + 1)) + (k + 1) * windowMs,
  };
};

/** After this no event can fill a cell that counts returns in an interval. */
export const lastCellEnds = (calendar: Calendar, intervals: number): number =>
  cellTimes(calendar, calendar.cohorts - 1, intervals).ends;
