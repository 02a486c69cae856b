/** Retention by brute force, written from docs/retention.md alone; no code of the product is used. */
import { oracleBounds } from './calendar.ts';

export type OracleVisit = {
  person: number;
  messageId: string;
  time: number;
  event: string;
  channel?: string;
  price?: string;
  source?: string;
};
type Filter = { event: string; minimumPrice?: number };
export type OracleRetention = {
  start: Filter;
  back: Filter;
  from: number;
  to: number;
  now: number;
  zone: string;
  interval: 'day' | 'week' | 'month';
  intervals: number;
  windows: 'calendar' | 'elapsed';
  kind: 'classic' | 'rolling' | 'unbounded';
  cohorts: 'firstEver' | 'firstMatching' | 'recurring';
  limit?: number;
};

const dayMs = 86_400_000;
const lengths = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs };

const isByPerson = ({ channel }: OracleVisit): boolean => channel !== 'internal';
const isNamed = (visit: OracleVisit, filter: Filter): boolean =>
  filter.event === '*' ? isByPerson(visit) : visit.event === filter.event;
const passes = (visit: OracleVisit, filter: Filter): boolean =>
  isNamed(visit, filter) &&
  (filter.minimumPrice === undefined || (visit.price !== undefined && Number(visit.price) >= filter.minimumPrice));

type Start = { cohort: number; time: number; sources: string[] };

/** A person's starts: one for each cohort that they are in. */
const startsOf = (own: readonly OracleVisit[], rules: OracleRetention, bounds: readonly number[]): Start[] => {
  const startAt = (time: number): Start => {
    const same = own.filter((visit) => visit.time === time && passes(visit, rules.start));
    const cohort = bounds.findLastIndex((bound) => bound <= time);
    return { cohort, time, sources: same.map(({ source = '' }) => source) };
  };
  const isInRange = (time: number): boolean => time >= rules.from && time < rules.to;
  const matching = own.filter((visit) => passes(visit, rules.start)).map(({ time }) => time);
  if (rules.cohorts === 'recurring') {
    const starts = [...new Set(matching)]
      .sort((a, b) => a - b)
      .filter(isInRange)
      .map(startAt);
    return starts.filter(({ cohort }, index) => starts.findIndex((other) => other.cohort === cohort) === index);
  }
  const first = Math.min(...matching);
  const firstNamed = Math.min(...own.filter((visit) => isNamed(visit, rules.start)).map(({ time }) => time));
  if (matching.length === 0 || !isInRange(first)) return [];
  if (rules.cohorts === 'firstEver' && first !== firstNamed) return [];
  return [startAt(first)];
};

/** Whether the person of this start counts in interval k. */
const counts = (
  own: readonly OracleVisit[],
  start: Start,
  k: number,
  rules: OracleRetention,
  bounds: readonly number[],
) => {
  const length = lengths[rules.interval];
  const placeOf = (time: number): number =>
    rules.windows === 'calendar'
      ? bounds.findLastIndex((bound) => bound <= time) - start.cohort
      : Math.floor((time - start.time) / length);
  if (rules.kind === 'rolling') return [start, ...own.filter(isByPerson)].some(({ time }) => placeOf(time) >= k);
  const places = own
    .filter((visit) => visit.time > start.time && passes(visit, rules.back))
    .map(({ time }) => placeOf(time));
  return places.some((place) => (rules.kind === 'classic' ? place === k : place >= k));
};

export const oracleRetention = (all: readonly OracleVisit[], rules: OracleRetention) => {
  // Far enough for the last interval of the last cohort, and for now.
  const end = Math.max(rules.now + 1, rules.to) + (rules.intervals + 2) * lengths[rules.interval] * 1.2;
  const bounds = oracleBounds(rules.interval, rules.zone, rules.from, end);
  const cohorts = bounds.filter((bound) => bound < rules.to).length;
  const visits = [...new Map(all.map((visit) => [visit.messageId, visit])).values()].filter(
    ({ time }) => time <= rules.now,
  );
  const persons = [...Map.groupBy(visits, ({ person }) => person).values()].map((own) => ({
    own,
    starts: startsOf(own, rules, bounds),
  }));

  const table = (isMeant: (start: Start) => boolean) => {
    const rows = Array.from({ length: cohorts }, (_, cohort) => {
      const members = persons.flatMap(({ own, starts }) =>
        starts.filter((start) => start.cohort === cohort && isMeant(start)).map((start) => ({ own, start })),
      );
      const [opens, closes] = [bounds[cohort] ?? 0, bounds[cohort + 1] ?? 0];
      const cells = [];
      for (let k = 0; k <= rules.intervals; k += 1) {
        const length = lengths[rules.interval];
        const begins =
          rules.windows === 'calendar' ? (bounds[cohort + k] ?? 0) : Math.max(opens, rules.from) + k * length;
        const ends =
          rules.windows === 'calendar' ? (bounds[cohort + k + 1] ?? 0) : Math.min(closes, rules.to) + (k + 1) * length;
        if (begins > rules.now) break;
        const count = members.filter(({ own, start }) => counts(own, start, k, rules, bounds)).length;
        cells.push({
          count,
          rate: members.length === 0 ? null : count / members.length,
          isComplete: ends <= rules.now,
        });
      }
      return { at: new Date(opens).toISOString(), size: members.length, cells };
    });
    const average = Array.from({ length: rules.intervals + 1 }, (_, k) => {
      const complete = rows.filter(({ cells }) => cells[k]?.isComplete === true);
      const count = complete.reduce((sum, { cells }) => sum + (cells[k]?.count ?? 0), 0);
      const size = complete.reduce((sum, row) => sum + row.size, 0);
      return { count, persons: size, rate: size === 0 ? null : count / size };
    });
    return { cohorts: rows, average };
  };

  if (rules.limit === undefined) return table(() => true);
  const personsWith = (source: string): number =>
    new Set(
      visits
        .filter((visit) => visit.source === source && passes(visit, rules.start))
        .filter(({ time }) => time >= rules.from && time < rules.to)
        .map(({ person }) => person),
    ).size;
  const shown = [...new Set(visits.map(({ source = '' }) => source))]
    .filter((source) => source !== '' && personsWith(source) > 0)
    .sort((a, b) => personsWith(b) - personsWith(a) || (a < b ? -1 : 1))
    .slice(0, rules.limit);
  const partOf = ({ sources }: Start): string => {
    const parts = sources.map((source) => (source === '' ? '(none)' : shown.includes(source) ? source : '(other)'));
    return [...shown, '(other)', '(none)'].find((part) => parts.includes(part)) ?? '(none)';
  };
  const used = new Set(persons.flatMap(({ starts }) => starts.map(partOf)));
  const parts = [...shown, ...['(other)', '(none)'].filter((part) => used.has(part))];
  return {
    ...table(() => true),
    breakdown: parts.map((part) => ({
      part: { value: part, kind: part === '(other)' ? 'other' : part === '(none)' ? 'none' : 'value' },
      ...table((start) => partOf(start) === part),
    })),
  };
};

/** Active in intervals: who is new and so on. */
export const oracleLifecycle = (
  all: readonly OracleVisit[],
  rules: Pick<OracleRetention, 'from' | 'to' | 'now' | 'zone' | 'interval'> & { active: Filter },
) => {
  const before = oracleBounds(rules.interval, rules.zone, rules.from, rules.to);
  const start = before[0] ?? 0;
  const bounds = oracleBounds(rules.interval, rules.zone, start - 1, rules.to);
  const visits = all.filter((visit) => visit.time <= rules.now && passes(visit, rules.active));
  const persons = [...Map.groupBy(visits, ({ person }) => person).values()].map((own) => own.map(({ time }) => time));
  return bounds.slice(1, -1).map((opens, index) => {
    const [previous, closes] = [bounds[index] ?? 0, bounds[index + 2] ?? 0];
    const isIn = (times: readonly number[], from: number, to: number) =>
      times.some((time) => time >= from && time < to);
    const active = persons.filter((times) => isIn(times, opens, closes));
    const known = active.filter((times) => isIn(times, Number.NEGATIVE_INFINITY, opens));
    const returning = known.filter((times) => isIn(times, previous, opens));
    return {
      at: new Date(opens).toISOString(),
      new: active.length - known.length,
      returning: returning.length,
      resurrecting: known.length - returning.length,
      dormant: persons.filter((times) => isIn(times, previous, opens) && !isIn(times, opens, closes)).length,
      isComplete: closes <= rules.now,
    };
  });
};
