import { z } from 'zod';
import type { PathsAnswer, PathsQuery } from '../../../schemas/api/paths.ts';
import { sql, typed } from '../../platform/warehouse/sql.ts';
import type { Answer, Warehouse } from '../../platform/warehouse/warehouse.ts';
import { Column, columns } from './columns.ts';
import { stepName } from './steps.ts';
import { shownPrefixes, treeOf } from './tree.ts';
import { directionOf, nameHash, scope } from './walkers.ts';

const Name = z.object({ hash: z.string(), name: z.string() });

/** What the numbers of names stand for. Reads the names' columns once more; no more names come back than are shown. */
export const namesOf = async (
  warehouse: Warehouse,
  site: string,
  query: PathsQuery,
  hashes: readonly string[],
): Promise<Omit<Answer<never>, 'rows'> & { names: Map<string, string> }> => {
  const { rows, ...cost } = await warehouse.query(
    sql`
      SELECT toString(${nameHash(query)}) AS hash, any(${stepName(query.steps)}) AS name
      FROM events
      WHERE ${scope(site, query)}
        AND ${nameHash(query)} IN (SELECT arrayJoin(${typed('Array(UInt64)', [...new Set(hashes)].map(BigInt))}))
      GROUP BY hash`,
    Name,
  );
  return { ...cost, names: new Map(rows.map(({ hash, name }) => [hash, name])) };
};

const wholePaths = (found: readonly Column[], query: PathsQuery, names: ReadonlyMap<string, string>) =>
  found
    .flatMap(({ whole }) => whole)
    .map(({ path, count }) => {
      const steps = path.split(',').map((hash) => names.get(hash) ?? '');
      return { steps, count, isOver: steps.length < query.maxSteps };
    })
    .sort((a, b) => b.count - a.count || a.steps.length - b.steps.length || (`${a.steps}` < `${b.steps}` ? -1 : 1))
    .slice(0, query.topPaths);

/** The most walked ways from an event, to an event, or between two. docs/paths.md says what they mean; README.md has the cost. */
export const paths = async (
  warehouse: Warehouse,
  site: { id: string },
  query: PathsQuery,
  options: { now: number },
): Promise<PathsAnswer> => {
  const direction = directionOf(query);
  const found = await warehouse.query(columns(site.id, query, options.now), Column);
  const shown = shownPrefixes(found.rows, query.limit);
  const hashes = [
    ...shown.flatMap((column) => column.map(({ name }) => name)),
    ...found.rows.flatMap(({ whole }) => whole.flatMap(({ path }) => path.split(','))),
  ];
  const { names, rowsRead, elapsedMs } = await namesOf(warehouse, site.id, query, hashes);
  return {
    direction,
    ...treeOf(found.rows, shown, names, query, direction),
    paths: wholePaths(found.rows, query, names),
    queryMs: found.elapsedMs + elapsedMs,
    rowsRead: found.rowsRead + rowsRead,
  };
};
