/**
 * Paths by brute force, written from docs/paths.md alone; no code of the product is used. The one thing that it is told is the order of names within a millisecond
 * (rule 7), which depends on names alone.
 */
export type OracleWalk = {
  person: number;
  messageId: string;
  time: number;
  event: string;
  type?: string;
  channel?: string;
  price?: string;
  path?: string;
  session?: string;
};
type Filter = { event: string; minimumPrice?: number };
export type OraclePaths = {
  start?: Filter;
  end?: Filter;
  from: number;
  to: number;
  now: number;
  events?: readonly string[];
  except: readonly string[];
  pages: 'name' | 'path';
  groups: readonly string[];
  countBy: 'person' | 'session' | 'visit';
  gapSeconds: number;
  occurrence: 'first' | 'last';
  windowSeconds: number;
  maxSteps: number;
};
export type OraclePath = { person: number; session: string; at: number; steps: string[]; isOpen: boolean };

const isByPerson = ({ channel }: OracleWalk): boolean => channel !== 'internal';
const passes = (row: OracleWalk, { event, minimumPrice }: Filter): boolean =>
  (event === '*' ? isByPerson(row) : row.event === event) &&
  (minimumPrice === undefined || (row.price !== undefined && Number(row.price) >= minimumPrice));

const fits = (path: string, pattern: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const found = isLast ? path.length - part.length : path.indexOf(part, at);
    if (found < at || !path.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return rest.length > 0 || at === path.length;
};

const nameOf = ({ event, path = '', type = 'track' }: OracleWalk, { pages, groups }: OraclePaths): string => {
  if (pages === 'name' || type !== 'page' || path === '') return event;
  const [bare = ''] = path.split(/[?#]/);
  const trimmed = bare.length > 1 ? bare.replace(/(.)\/+$/, '$1') : bare;
  return groups.find((group) => fits(trimmed, group)) ?? trimmed;
};

type Row = { time: number; name: string; isStep: boolean; isStart: boolean; isEnd: boolean; walk: OracleWalk };

const rowOf = (walk: OracleWalk, rules: OraclePaths): Row => {
  const isStep =
    ['track', 'page', 'screen'].includes(walk.type ?? 'track') &&
    (rules.events === undefined ? isByPerson(walk) : rules.events.includes(walk.event)) &&
    !rules.except.includes(walk.event);
  const isStart = rules.start === undefined ? rules.end === undefined && isStep : passes(walk, rules.start);
  return {
    time: walk.time,
    name: nameOf(walk, rules),
    isStep,
    isStart,
    isEnd: rules.end !== undefined && passes(walk, rules.end),
    walk,
  };
};

/** Rows of each walker. */
const walkersOf = (rows: readonly Row[], rules: OraclePaths): Row[][] => {
  if (rules.countBy === 'session')
    return [
      ...Map.groupBy(
        rows.filter(({ walk }) => (walk.session ?? '') !== ''),
        ({ walk }) => walk.session,
      ).values(),
    ];
  const persons = [...Map.groupBy(rows, ({ walk }) => walk.person).values()];
  if (rules.countBy === 'person') return persons;
  return persons.flatMap((own) => {
    const visits: Row[][] = [];
    for (const row of own.toSorted((a, b) => a.time - b.time)) {
      const last = visits.at(-1)?.at(-1);
      if (last === undefined || row.time - last.time > rules.gapSeconds * 1000) visits.push([row]);
      else visits.at(-1)?.push(row);
    }
    return visits;
  });
};

const folded = (names: readonly string[]): string[] => names.filter((name, index) => name !== names[index - 1]);

export const oraclePaths = (
  all: readonly OracleWalk[],
  rules: OraclePaths,
  rankOf: (name: string) => bigint,
): OraclePath[] => {
  const unique = [...new Map(all.map((walk) => [walk.messageId, walk])).values()];
  const windowMs = rules.windowSeconds * 1000;
  const isBackward = rules.end !== undefined && rules.start === undefined;
  // Where visits are looked for: the range, and a window in the direction of the path.
  const [reads, until] = isBackward ? [rules.from - windowMs, rules.to] : [rules.from, rules.to + windowMs];
  const rows = unique
    .map((walk) => rowOf(walk, rules))
    .filter(({ isStep, isStart, isEnd }) => isStep || isStart || isEnd)
    .filter(({ time }) => time >= reads && time < until);
  const place = ({ isStart, isEnd }: Row): number => (isStart === isEnd ? 1 : isStart ? 0 : 2);
  const isInRange = ({ time }: Row): boolean => time >= rules.from && time < rules.to;

  const pathOf = (own: readonly Row[]): OraclePath | null => {
    const sorted = own.toSorted(
      (a, b) =>
        a.time - b.time ||
        place(a) - place(b) ||
        (rankOf(a.name) < rankOf(b.name) ? -1 : rankOf(a.name) > rankOf(b.name) ? 1 : 0),
    );
    const ordered = isBackward ? sorted.reverse() : sorted;
    const walked = (chosen: readonly Row[], anchor: Row): OraclePath => {
      const newest = Math.max(...own.map(({ time }) => time));
      const isForward = rules.end === undefined;
      const rests = rules.countBy === 'person' || newest + rules.gapSeconds * 1000 > rules.now;
      return {
        person: Math.min(...own.map(({ walk }) => walk.person)),
        session: rules.countBy === 'session' ? (anchor.walk.session ?? '') : '',
        at: anchor.time,
        steps: folded(chosen.map(({ name }) => name)).slice(0, rules.maxSteps),
        isOpen: isForward && anchor.time + windowMs > rules.now && rests,
      };
    };
    if (rules.start !== undefined && rules.end !== undefined) {
      const pairs = ordered.flatMap((end, last) =>
        end.isEnd
          ? ordered
              .slice(0, last)
              .flatMap((start, first) =>
                start.isStart && isInRange(start) && end.time - start.time <= windowMs
                  ? [{ start, end, first, last }]
                  : [],
              )
          : [],
      );
      const earliest = Math.min(...pairs.map(({ last }) => last));
      const ofEnd = pairs.filter(({ last }) => last === earliest);
      const latest = Math.max(...ofEnd.map(({ start }) => start.time));
      const pair = ofEnd.find(({ start }) => start.time === latest);
      if (pair === undefined) return null;
      const chosen = ordered.filter(
        (row, index) =>
          row === pair.start || row === pair.end || (index > pair.first && index < pair.last && row.isStep),
      );
      return walked(chosen, pair.start);
    }
    const anchors = ordered.filter((row) => (isBackward ? row.isEnd : row.isStart) && isInRange(row));
    const times = anchors.map(({ time }) => time);
    const time = rules.occurrence === 'first' ? Math.min(...times) : Math.max(...times);
    const anchor = anchors.find((row) => row.time === time);
    if (anchor === undefined) return null;
    const after = ordered.slice(ordered.indexOf(anchor) + 1);
    return walked(
      [anchor, ...after.filter((row) => row.isStep && Math.abs(row.time - anchor.time) <= windowMs)],
      anchor,
    );
  };
  return walkersOf(rows, rules).flatMap((own) => pathOf(own) ?? []);
};
