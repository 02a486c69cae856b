import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import { isByPerson, resolvedPerson } from '../events.ts';

/** A visit ends where the next row is later than this. */
const pauseMilliseconds = 30 * 60_000;

const hasCampaign: Sql = sql`(campaign_source != '' OR campaign_medium != '' OR campaign_name != '')`;
const isOfVisit: Sql = sql`${isByPerson} AND (type IN ('page', 'screen') OR url != '' OR ${hasCampaign})`;

const referrerHost: Sql = sql`domainWithoutWWW(referrer)`;
const isUnder = (host: Sql, other: Sql): Sql => sql`endsWith(concat('.', ${host}), concat('.', ${other}))`;
const isReferred: Sql = (() => {
  const own = sql`domainWithoutWWW(url)`;
  const isOwn = sql`(${own} != '' AND (${isUnder(referrerHost, own)} OR ${isUnder(own, referrerHost)}))`;
  return sql`(${referrerHost} != '' AND NOT ${isOwn})`;
})();

/** What a row says of where the visit came from: a campaign, another site, or nothing. */
const origin: Sql = sql`
  multiIf(
    ${hasCampaign}, ('campaign', toString(campaign_source), toString(campaign_medium), toString(campaign_name)),
    ${isReferred}, ('referral', ${referrerHost}, 'referral', ''),
    ('', '', '', ''))`;

/** Rows of visits by person: `owner` and `rows` of (milliseconds UTC, message, origin) in order, each message once. Times are milliseconds UTC, half-open. */
export const visitRows = (site: string, { from, to }: { from: number; to: number }, persons: Sql): Sql => sql`
  SELECT ${resolvedPerson} AS owner, arraySort(groupUniqArray((toUnixTimestamp64Milli(timestamp), message_id, ${origin}))) AS rows
  FROM events
  WHERE site = ${site}
    AND timestamp >= ${new Date(from)}
    AND timestamp < ${new Date(to)}
    AND ${isOfVisit}
    AND ${persons}
  GROUP BY owner`;

/** A direct touch has this for its origin. */
const direct: Sql = sql`('(direct)', '', '', '')`;

/**
 * Adds to rows with `rows` as above and `until`: the rows that count as touches might, (visit, milliseconds UTC, origin, place): `said` are those with an origin
 * of their own, `openings` the first of each visit, `saidBefore` how many had spoken when it began, `saidAfter` when it was over. Rows count from
 * `since` to `until`, both inclusive.
 */
const withVisits = (visits: Sql, since: Sql): Sql => sql`
  SELECT
    * EXCEPT (rows, counted, begins, speaks),
    arrayMap((row, visit, place) -> (visit, row.1, row.3, place), counted, arrayCumSum(begins), arrayEnumerate(counted)) AS placed,
    arrayMap((sum, spoke) -> toInt64(sum - spoke), arrayCumSum(speaks), speaks) AS spoken,
    arrayFilter((touch, spoke) -> spoke, placed, speaks) AS said,
    arrayFilter((touch, began) -> began, placed, begins) AS openings,
    arrayFilter((sum, began) -> began, spoken, begins) AS saidBefore,
    arrayShiftLeft(saidBefore, 1, toInt64(arraySum(speaks))) AS saidAfter
  FROM (
    SELECT
      *,
      arrayFilter(row -> row.1 >= ${since} AND row.1 <= until, rows) AS counted,
      arrayMap((gap, place) -> place = 1 OR gap > ${pauseMilliseconds}, arrayDifference(arrayMap(row -> row.1, counted)), arrayEnumerate(counted)) AS begins,
      arrayMap((row, began) -> row.3.1 = 'campaign' OR (row.3.1 = 'referral' AND began), counted, begins) AS speaks
    FROM (${visits})
  )`;

/**
 * Adds `touches`, in order: (visit, milliseconds UTC, origin). Neighbours are compared by shifting arrays: what a lambda takes in from outside is
 * copied for every element.
 */
export const withTouches = (visits: Sql, since: Sql): Sql => sql`
  SELECT
    * EXCEPT (said, openings, saidBefore, saidAfter),
    arrayMap(
      touch -> (touch.1, touch.2, ${direct}, touch.4),
      arrayFilter((opening, before, after) -> before = after, openings, saidBefore, saidAfter)) AS directs,
    arraySort(touch -> touch.4, arrayConcat(said, directs)) AS found,
    arrayFilter(
      (touch, before) -> (touch.1, touch.3.2, touch.3.3, touch.3.4) != (before.1, before.3.2, before.3.3, before.3.4),
      found, arrayShiftRight(found, 1)) AS merged,
    if(empty(merged), [(toUInt64(1), until, ${direct}, toUInt32(1))], merged) AS touches
  FROM (${withVisits(visits, since)})`;
