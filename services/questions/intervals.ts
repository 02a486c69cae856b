import { type Sql, sql, typed } from '../platform/warehouse/sql.ts';

export type Interval = 'minute' | 'hour' | 'day' | 'week' | 'month';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** No interval is longer, changes of the clocks included. */
const longestMs = 33 * dayMs;
/** Clocks are not changed twice within this time (Morocco's Ramadan, the shortest known, takes four weeks). */
const strideMs = 7 * dayMs;

/** A stretch of time, up to the start of the next one, in which local time is UTC plus `offset`. */
type Stretch = { start: number; offset: number };

const offsetReader = (zone: string): ((at: number) => number) => {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs + Number(seconds) * 1000);
  };
};

const stretchesOf = (zone: string, from: number, to: number): Stretch[] => {
  const offsetAt = offsetReader(zone);
  const found: Stretch[] = [{ start: from, offset: offsetAt(from) }];
  for (let at = from; at < to; at += strideMs) {
    const before = offsetAt(at);
    const after = offsetAt(at + strideMs);
    if (before === after) continue;
    let [low, high] = [at, at + strideMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    found.push({ start: high, offset: after });
  }
  return found;
};

const isWithin = (stretches: readonly Stretch[], index: number, at: number): boolean =>
  at < (stretches[index + 1]?.start ?? Number.POSITIVE_INFINITY);

/** The first instant at which clocks show this time or a later one: midnight is skipped in some places on some days, and comes twice in others. */
const instantOf = (stretches: readonly Stretch[], local: number): number => {
  for (const [index, { start, offset }] of stretches.entries()) {
    const at = Math.max(start, local - offset);
    if (isWithin(stretches, index, at)) return at;
  }
  return Number.POSITIVE_INFINITY;
};

/** Local midnights, as if local time were UTC, from one interval before `local` on. */
function* midnights(interval: 'day' | 'week' | 'month', local: number): Generator<number> {
  const date = new Date(local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const daysSinceMonday = (date.getUTCDay() + 6) % 7;
  for (let index = -1; ; index += 1)
    yield {
      day: () => Date.UTC(year, month, day + index),
      week: () => Date.UTC(year, month, day - daysSinceMonday + 7 * index),
      month: () => Date.UTC(year, month + index, 1),
    }[interval]();
}

function* calendarStarts(stretches: readonly Stretch[], interval: 'day' | 'week' | 'month', from: number) {
  const { offset } = stretches.findLast(({ start }) => start <= from) ?? { offset: 0 };
  for (const local of midnights(interval, from + offset)) yield instantOf(stretches, local);
}

/** Where clocks show a full hour (or minute), and where a change of the clocks makes it another hour. */
function* clockStarts(stretches: readonly Stretch[], step: number): Generator<number> {
  for (const [index, { start, offset }] of stretches.entries()) {
    const before = stretches[index - 1]?.offset ?? offset;
    const isAnother = Math.floor((start - 1 + before) / step) !== Math.floor((start + offset) / step);
    const first = Math.ceil((start + offset) / step) * step - offset;
    if (isAnother && first > start) yield start;
    for (let at = first; isWithin(stretches, index, at); at += step) yield at;
  }
}

/**
 * The bounds of the intervals of a time zone that touch `from <= t < to`: starts in order, then the end of the last. Weeks start on Monday. A day
 * has 23 or 25 hours where clocks change; an hour that clocks show twice is two.
 */
export const intervalBounds = (interval: Interval, zone: string, from: number, to: number): number[] => {
  const isByClock = interval === 'hour' || interval === 'minute';
  const margin = isByClock ? 2 * hourMs : longestMs;
  const stretches = stretchesOf(zone, from - margin, to + margin);
  const starts = isByClock
    ? clockStarts(stretches, interval === 'hour' ? hourMs : minuteMs)
    : calendarStarts(stretches, interval, from);
  const bounds: number[] = [];
  for (const at of starts) {
    if (at <= from) bounds.length = 0;
    if (at !== bounds.at(-1)) bounds.push(at);
    if (at >= to) break;
  }
  return bounds;
};

/** The place of a time among starts in order, 0-based; what is before the first counts to it. */
export const placeAmong = (starts: readonly number[], time: Sql): Sql => {
  const list = typed('Array(Int64)', starts);
  return sql`transform(roundDown(toUnixTimestamp64Milli(${time}), ${list}), ${list}, range(${starts.length}), 0)`;
};
