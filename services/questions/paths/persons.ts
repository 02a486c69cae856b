import { z } from 'zod';
import type { PathPersonsAnswer, PathPersonsQuery } from '../../../schemas/api/paths.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isoTime } from '../events.ts';
import { whoAre } from '../who.ts';
import { Column, columns, prefixes } from './columns.ts';
import { namesOf } from './paths.ts';
import { shownPrefixes } from './tree.ts';
import { walkedPaths } from './walkers.ts';

const Walker = z.object({
  person: z.string(),
  walk: z.string(),
  start: z.string(),
  at: z.string(),
  path: z.array(z.string()),
});

/** Where a walker is in a column, as the chart has it. `shown`: the prefixes of each column that are shown. */
const isAt = (id: string, shown: readonly (readonly string[])[]): Sql => {
  const [column = '0', what = ''] = id.split(':');
  const step = Number(column);
  if (what === 'exit') return sql`length(path) <= ${step}`;
  const prefix = sql`${prefixes}[${step + 1}]`;
  if (what !== 'other') return sql`(length(path) > ${step} AND ${prefix} = toUInt64OrZero(${what}))`;
  return sql`(length(path) > ${step} AND NOT has(${typed('Array(UInt64)', (shown[step] ?? []).map(BigInt))}, ${prefix}))`;
};

/** `start in ms : person : session`: where the page before ended. */
const parseCursor = (cursor: string): { at: number; person: string; walk: string } => {
  const match = /^(\d{1,15}):(\d{1,20}):(.{0,400})$/s.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return { at: Number(match[1]), person: match[2] ?? '0', walk: match[3] ?? '' };
};

const isAfter = (cursor: string | undefined): Sql => {
  if (cursor === undefined) return sql`1`;
  const { at, person, walk } = parseCursor(cursor);
  return sql`(at, owner, walk) < (${at}, toUInt64OrZero(${person}), ${walk})`;
};

/** Only "(other)" depends on what is shown. */
const shownIn = async (
  warehouse: Warehouse,
  site: string,
  query: PathPersonsQuery,
  ids: readonly string[],
  now: number,
) => {
  if (!ids.some((id) => id.endsWith(':other'))) return [];
  const { rows } = await warehouse.query(columns(site, query, now), Column);
  return shownPrefixes(rows, query.limit).map((column) => column.map(({ prefix }) => prefix));
};

/** The walkers behind a node or a link, by the condition that counted them, newest start first. */
export const pathPersons = async (
  warehouse: Warehouse,
  site: { id: string },
  query: PathPersonsQuery,
  options: { now: number },
): Promise<PathPersonsAnswer> => {
  const ids = query.link === undefined ? [query.node ?? ''] : [query.link.from, query.link.to];
  const shown = await shownIn(warehouse, site.id, query, ids, options.now);
  const conditions = ids.map((id) => isAt(id, shown)).reduce((all, each) => sql`${all} AND ${each}`);
  const { rows } = await warehouse.query(
    sql`
      SELECT
        toString(owner) AS person,
        walk,
        toString(at) AS start,
        ${isoTime(sql`fromUnixTimestamp64Milli(at)`)} AS at,
        arrayMap(name -> toString(name), path) AS path
      FROM (${walkedPaths(site.id, query, options.now)}) AS walkers
      WHERE ${conditions}
        AND ${isAfter(query.cursor)}
      ORDER BY walkers.at DESC, owner DESC, walk DESC
      LIMIT ${query.limitPersons + 1}`,
    Walker,
  );
  const page = rows.slice(0, query.limitPersons);
  const [who, { names }] = await Promise.all([
    whoAre(
      warehouse,
      site.id,
      page.map(({ person }) => person),
    ),
    namesOf(
      warehouse,
      site.id,
      query,
      page.flatMap(({ path }) => path),
    ),
  ]);
  const last = page.at(-1);
  return {
    persons: page.map(({ person, walk, at, path }) => ({
      person,
      userId: who.get(person)?.userId ?? '',
      email: who.get(person)?.email ?? '',
      session: walk,
      at,
      steps: path.map((hash) => names.get(hash) ?? ''),
    })),
    nextCursor: rows.length > page.length && last !== undefined ? `${last.start}:${last.person}:${last.walk}` : null,
  };
};
