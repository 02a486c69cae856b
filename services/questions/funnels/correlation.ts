import { z } from 'zod';
import type { FunnelCorrelate, FunnelCorrelationAnswer, FunnelCorrelationQuery } from '../../../schemas/api/funnels.ts';
import { isOfPerson } from '../../../schemas/filters.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inScope, resolvedPerson } from '../events.ts';
import { knownValues } from '../people/last-said.ts';
import { textOf } from '../property.ts';
import { conditions } from '../where.ts';
import { type Asked, createAsked, type Run, tooMuch } from './asked.ts';
import { noFigures } from './figures.ts';
import { oddsOf } from './odds.ts';
import { figuresOf } from './paths.ts';
import { peopleOf } from './people.ts';
import { isNamedOrByPerson, reachOf } from './rows.ts';

/** Events or values that are compared; more are ids, not kinds. */
const mostItems = 10_000;

const Item = z.object({
  item: z.string(),
  shown: z.string(),
  convertedWith: z.coerce.number(),
  droppedWith: z.coerce.number(),
});
type Item = z.infer<typeof Item>;

/** Rows of people between their entry and their end. `item` and `shown` are columns of what is looked at. */
const rowsOnTheWay = ({ site, query }: Asked, people: Sql, columns: Sql, where: Sql): Sql => {
  const { from, until } = reachOf(query);
  return sql`
    SELECT
      item,
      shown,
      uniqExactIf(rows.owner, isConverted) AS convertedWith,
      uniqExactIf(rows.owner, NOT isConverted) AS droppedWith
    FROM (
      SELECT ${resolvedPerson} AS owner, toUnixTimestamp64Milli(timestamp) AS at, ${columns}
      FROM events
      WHERE ${inScope({ site, from, to: until })}
        AND ${conditions(query.where)}
        AND ${where}
    ) AS rows
    INNER JOIN (${people}) AS people ON rows.owner = people.owner
    WHERE at BETWEEN people.start AND people.end
      AND shown != ''
    GROUP BY item, shown`;
};

/** Events other than the funnel's own. */
const eventsOnTheWay = (asked: Asked, people: Sql): Sql => {
  const own = [...new Set(asked.query.steps.map(({ event }) => event))];
  return rowsOnTheWay(
    asked,
    people,
    sql`'' AS item, toString(event) AS shown`,
    sql`${isNamedOrByPerson(asked.query)} AND event NOT IN (SELECT arrayJoin(${own}))`,
  );
};

const valuesOnTheWay = (asked: Asked, people: Sql, properties: readonly string[], event: string | undefined): Sql => {
  const pairs = join(
    properties.map((property) => sql`(${property}, ${textOf(property)})`),
    ', ',
  );
  return rowsOnTheWay(
    asked,
    people,
    sql`arrayJoin([${pairs}]) AS pair, pair.1 AS item, leftUTF8(pair.2, 200) AS shown`,
    event === undefined ? isNamedOrByPerson(asked.query) : sql`event = ${event}`,
  );
};

const valuesOfPersons = ({ site }: Asked, people: Sql, property: string): Sql => sql`
  SELECT
    ${property} AS item,
    leftUTF8(known, 200) AS shown,
    countIf(isConverted) AS convertedWith,
    countIf(NOT isConverted) AS droppedWith
  FROM (${people}) AS people
  INNER JOIN (${knownValues(site, property)}) AS persons ON persons.owner = people.owner
  WHERE shown != ''
  GROUP BY shown`;

const statementsOf = (asked: Asked, { of, properties, event }: FunnelCorrelationQuery, people: Sql): Sql[] => {
  if (of === 'events') return [eventsOnTheWay(asked, people)];
  const onEvents = properties.filter((property) => !isOfPerson(property));
  return [
    ...(onEvents.length === 0 ? [] : [valuesOnTheWay(asked, people, onEvents, event)]),
    ...properties.filter(isOfPerson).map((property) => valuesOfPersons(asked, people, property)),
  ];
};

/** Every event or value with who had it, over all of the people. */
const itemsOf = async (asked: Asked, query: FunnelCorrelationQuery, run: Run): Promise<Item[]> => {
  const items = new Map<string, Item>();
  for (const people of await peopleOf(asked, run))
    for (const statement of statementsOf(asked, query, people))
      for (const found of await asked.ask(sql`${statement} LIMIT ${mostItems + 1}`, Item)) {
        const key = JSON.stringify([found.item, found.shown]);
        const known = items.get(key) ?? { ...found, convertedWith: 0, droppedWith: 0 };
        items.set(key, {
          ...known,
          convertedWith: known.convertedWith + found.convertedWith,
          droppedWith: known.droppedWith + found.droppedWith,
        });
        if (items.size > mostItems)
          throw tooMuch(`People had more than ${mostItems} different events or values: name other properties`);
      }
  return [...items.values()];
};

const byName = (one: FunnelCorrelate, other: FunnelCorrelate): number => {
  const [left, right] = [one, other].map(({ event, property, value }) => JSON.stringify([event, property, value]));
  return (left ?? '') < (right ?? '') ? -1 : 1;
};

/**
 * Which events, or which values of properties, go with converting and which with dropping out: of those who entered and whose window is over, who had
 * it on their way. A correlation; what causes what it does not say.
 */
export const funnelCorrelation = async (
  warehouse: Warehouse,
  site: { id: string },
  query: FunnelCorrelationQuery,
  options: { now: number },
): Promise<FunnelCorrelationAnswer> => {
  const asked = createAsked(warehouse, site, query, options.now);
  const run: Run = { by: 'nothing', only: query.bucket };
  const [[all], items] = await Promise.all([figuresOf(asked, run, 1), itemsOf(asked, query, run)]);
  const { entered, reached, pending } = all?.figures ?? noFigures(query.steps.length);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  const converted = reached[query.steps.findLastIndex(({ optional }) => optional !== true)] ?? 0;
  const dropped = sum(entered) - converted - sum(pending);
  const found = items.map(({ item, shown, convertedWith, droppedWith }) => {
    const counts = {
      convertedWith,
      convertedWithout: converted - convertedWith,
      droppedWith,
      droppedWithout: dropped - droppedWith,
    };
    const what =
      query.of === 'events' ? { event: shown, property: '', value: '' } : { event: '', property: item, value: shown };
    return { ...what, ...counts, ...oddsOf(counts) };
  });
  const isConverting = ({ oddsRatio }: FunnelCorrelate): boolean => oddsRatio > 1;
  return {
    converted,
    dropped,
    pending: sum(pending),
    converting: found
      .filter(isConverting)
      .sort((one, other) => other.low - one.low || byName(one, other))
      .slice(0, query.limit),
    dropping: found
      .filter((each) => each.oddsRatio < 1)
      .sort((one, other) => one.high - other.high || byName(one, other))
      .slice(0, query.limit),
    ...asked.cost(),
  };
};
