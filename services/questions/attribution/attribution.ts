import { z } from 'zod';
import { type AttributionAnswer, AttributionModel, type AttributionQuery } from '../../../schemas/api/attribution.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../events.ts';
import { fromUnits } from '../money.ts';
import { orderRows, orders } from '../value/orders.ts';
import { placedIn } from '../value/rfm.ts';
import { conditions } from '../where.ts';
import { split, weighingColumns, weights } from './models.ts';
import { visitRows, withTouches } from './touches.ts';

type Site = { id: string; currency: string };

/** Ten-thousandths of a conversion: shares of it add up exactly. */
const wholeConversion = 10_000;
/** Longer paths show their end. */
const longestPath = 20;

const Units = z.record(z.string(), z.string());
const Credit = z.object({
  value: z.string(),
  model: AttributionModel,
  shares: z.coerce.number(),
  units: Units,
});
type Credit = z.infer<typeof Credit>;
/** A path, how many took it, and what that brought. */
const Path = z.object({ path: z.array(z.string()), count: z.coerce.number(), units: Units });
type Path = z.infer<typeof Path>;
const Paths = z.object({ all: z.coerce.number(), allUnits: Units, top: z.array(Path) });

/** What a touch is called by. */
const labelOf = (by: AttributionQuery['by'], touch: Sql): Sql => {
  const said = (part: Sql): Sql => sql`if(${part} = '', '(none)', ${part})`;
  const [source, medium, name] = [sql`${touch}.3.2`, sql`${touch}.3.3`, sql`${touch}.3.4`];
  const label = {
    source: said(source),
    medium: said(medium),
    name: said(name),
    sourceMedium: sql`concat(${said(source)}, ' / ', ${said(medium)})`,
  }[by];
  return sql`if(${touch}.3.1 = '(direct)', '(direct)', ${label})`;
};

type Range = { from: number; to: number };

const conversionsIn = (site: Site, query: AttributionQuery, range: Range): Sql => sql`
  SELECT
    buyer,
    toUnixTimestamp64Milli(at) AS until,
    currency,
    toInt64(net * 10000) AS units
  FROM (${orders({ rows: orderRows(site.id, range.from), currency: site.currency, where: conditions(query.where) })})
  WHERE ${placedIn(range)}`;

/** Conversions with their touches. */
const touched = (site: Site, query: AttributionQuery, range: Range): Sql => {
  const lookback = query.lookbackSeconds * 1000;
  const conversions = conversionsIn(site, query, range);
  const visits = visitRows(
    site.id,
    { from: range.from - lookback, to: range.to },
    // Of an order that was told of by two ids, the buyer's own word may lie outside of the range.
    sql`${resolvedPerson} IN (SELECT buyer FROM (${conversions}))`,
  );
  return withTouches(
    sql`SELECT conversion.*, visits.rows AS rows FROM (${conversions}) AS conversion LEFT JOIN (${visits}) AS visits ON visits.owner = conversion.buyer`,
    sql`until - ${lookback}`,
  );
};

const sumsByCurrency: Sql = sql`sumMap(map(currency, toInt128(units)))`;

const credits = (conversions: Sql, query: AttributionQuery): Sql => {
  const models = join(
    query.models.map((model) => sql`(${model}, ${weights(model, query.halfLifeSeconds)})`),
    ', ',
  );
  const others = sql`arrayFilter(touch -> touch.3.1 != '(direct)', touches)`;
  const credited =
    query.direct === 'touch' ? sql`touches` : sql`if(empty(${others}), arraySlice(touches, -1), ${others})`;
  return sql`
    SELECT credit.1 AS value, model, sum(credit.3) AS shares, sumMap(map(currency, toInt128(credit.2))) AS units
    FROM (
      SELECT currency, model, arrayZip(labels, ${split(sql`units`)}, ${split(sql`${wholeConversion}`)}) AS parts
      FROM (
        SELECT currency, units, labels, weighing.1 AS model, weighing.2 AS weighed, arraySum(weighed) AS allWeight
        FROM (
          SELECT
            currency,
            units,
            ${credited} AS credited,
            ${weighingColumns},
            arrayMap(touch -> ${labelOf(query.by, sql`touch`)}, credited) AS labels,
            [${models}] AS weighings
          FROM (${conversions})
        )
        ARRAY JOIN weighings AS weighing
      )
    )
    ARRAY JOIN parts AS credit
    GROUP BY value, model`;
};

const pathOf = (query: AttributionQuery): Sql =>
  sql`arraySlice(arrayMap(touch -> ${labelOf(query.by, sql`touch`)}, touches), ${-longestPath})`;

const convertingPaths = (conversions: Sql, query: AttributionQuery): Sql => sql`
  SELECT ${pathOf(query)} AS path, count() AS taken, ${sumsByCurrency} AS units
  FROM (${conversions})
  GROUP BY path`;

const lostPaths = (site: Site, query: AttributionQuery, range: Range): Sql => {
  const since = Math.max(range.from, range.to - query.lookbackSeconds * 1000);
  const visits = visitRows(
    site.id,
    { from: since, to: range.to },
    sql`${resolvedPerson} NOT IN (SELECT buyer FROM (${conversionsIn(site, query, range)}))`,
  );
  return sql`
    SELECT ${pathOf(query)} AS path, count() AS taken, map()::Map(String, Int128) AS units
    FROM (${withTouches(sql`SELECT rows, toInt64(${range.to - 1}) AS until FROM (${visits})`, sql`${since}`)})
    GROUP BY path`;
};

/** The most taken paths, by their names where as many took them, and the sums of all. Keeps no more than those at a time, however many there are. */
const topPaths = (paths: Sql, { paths: most }: AttributionQuery): Sql => sql`
  SELECT
    sum(taken) AS all,
    sumMap(units) AS allUnits,
    arrayMap(
      found -> found::Tuple(path Array(String), count UInt64, units Map(String, Int128)),
      arrayMap(found -> (found.2, toUInt64(-found.1), found.3), groupArraySorted(${most})((-toInt64(taken), path, units)))) AS top
  FROM (${paths})`;

const sums = (units: Readonly<Record<string, string>>): AttributionAnswer['revenue'] =>
  Object.entries(units)
    .map(([currency, amount]) => ({ currency, amount: fromUnits(BigInt(amount)) }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));

const added = (rows: readonly Pick<Credit, 'units'>[]): Record<string, string> => {
  const total: Record<string, string> = {};
  for (const { units } of rows)
    for (const [currency, amount] of Object.entries(units))
      total[currency] = String(BigInt(total[currency] ?? 0) + BigInt(amount));
  return total;
};

/** Values with the credits of each model, the best first; those beyond the limit in one. */
const rowsOf = (found: readonly Credit[], { models, limit }: AttributionQuery): AttributionAnswer['rows'] => {
  const byValue = Map.groupBy(found, ({ value }) => value);
  const sharesOf = (value: string): number => byValue.get(value)?.find(({ model }) => model === models[0])?.shares ?? 0;
  const ranked = [...byValue.keys()].sort((a, b) => sharesOf(b) - sharesOf(a) || (a < b ? -1 : 1));
  const rest = ranked.slice(limit);
  const shown: [string, readonly Credit[]][] = ranked.slice(0, limit).map((value) => [value, byValue.get(value) ?? []]);
  if (rest.length > 0) shown.push(['(other)', rest.flatMap((value) => byValue.get(value) ?? [])]);
  return shown.map(([value, credits]) => ({
    value,
    credits: models.map((model) => {
      const own = credits.filter((credit) => credit.model === model);
      const shares = own.reduce((sum, credit) => sum + credit.shares, 0);
      return { model, conversions: shares / wholeConversion, revenue: sums(added(own)) };
    }),
  }));
};

/** The most taken, and those that are not shown as one. */
const pathsOf = (found: z.infer<typeof Paths> | undefined): Path[] => {
  if (found === undefined) return [];
  const { all, allUnits, top } = found;
  const rest = all - top.reduce((sum, { count }) => sum + count, 0);
  if (rest === 0) return top;
  const shown = added(top);
  const units = Object.entries(allUnits)
    .map(([currency, sum]) => [currency, BigInt(sum) - BigInt(shown[currency] ?? 0)] as const)
    .filter(([, sum]) => sum !== 0n)
    .map(([currency, sum]) => [currency, String(sum)]);
  return [...top, { path: ['(other)'], count: rest, units: Object.fromEntries(units) }];
};

/** Which campaigns and referring sites led to orders. README.md says what each figure is. */
export const attribution = async (
  warehouse: Warehouse,
  site: Site,
  query: AttributionQuery,
  _options: { now: number },
): Promise<AttributionAnswer> => {
  const range = { from: Date.parse(query.from), to: Date.parse(query.to) };
  const conversions = touched(site, query, range);
  const [credited, converting, lost] = await Promise.all([
    warehouse.query(credits(conversions, query), Credit),
    query.paths === 0 ? null : warehouse.query(topPaths(convertingPaths(conversions, query), query), Paths),
    query.paths === 0 || !query.notConverting
      ? null
      : warehouse.query(topPaths(lostPaths(site, query, range), query), Paths),
  ]);
  const answers = [credited, converting, lost];
  // Credits add up to the whole, whatever the model.
  const whole = credited.rows.filter(({ model }) => model === query.models[0]);
  return {
    conversions: whole.reduce((sum, { shares }) => sum + shares, 0) / wholeConversion,
    revenue: sums(added(whole)),
    rows: rowsOf(credited.rows, query),
    paths: {
      converting: pathsOf(converting?.rows[0]).map(({ path, count, units }) => ({
        path,
        conversions: count,
        revenue: sums(units),
      })),
      notConverting: pathsOf(lost?.rows[0]).map(({ path, count }) => ({ path, persons: count })),
    },
    queryMs: Math.max(...answers.map((answer) => answer?.elapsedMs ?? 0)),
    rowsRead: answers.reduce((sum, answer) => sum + (answer?.rowsRead ?? 0), 0),
  };
};
