import { z } from 'zod';
import { listed, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from '../events.ts';
import { followedBackMilliseconds } from '../value/orders.ts';
import { type Asked, isInPart, personsAsked } from './asked.ts';
import { type BasketRules, basketEvents, foldJourney, type Journey, lookEvents, mailEvents } from './fold.ts';
import { orderedElsewhere } from './ordered-elsewhere.ts';
import { eventOf, Told, told } from './told.ts';

const PersonRow = z.object({ owner: z.string(), events: z.array(Told) });

const read = ({ kind }: BasketRules): readonly string[] =>
  kind === 'browse' ? [...basketEvents, ...lookEvents, ...mailEvents] : [...basketEvents, ...mailEvents];

/**
 * What every person who did something of the kind in the range did: all of theirs, from `followedBack` before it until `asOf`, since what came later decides
 * what became of it. Reads the commerce columns of that time, of those events only; one row a person comes back. Then the
 * orders of their baskets that were told under other ids are asked for.
 */
export const journeys = async (
  warehouse: Warehouse,
  asked: Asked,
): Promise<{ persons: { person: string; journey: Journey }[]; queryMs: number; rowsRead: number }> => {
  const { site, rules, persons: few } = asked;
  const readFrom = asked.from - followedBackMilliseconds;
  // The rows of a person lie together; whether they did something in the range is known from those.
  const isAsked =
    few === undefined
      ? sql`${isInPart(asked)} AND ${resolvedPerson} IN (${personsAsked(asked)})`
      : isRowOfAny(site, few);
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`
      SELECT
        toString(${resolvedPerson}) AS owner,
        groupArray(${told}) AS events
      FROM events
      WHERE site = ${site}
        AND timestamp >= ${new Date(readFrom)}
        AND timestamp <= ${new Date(rules.asOf)}
        AND event IN (${listed(read(rules))})
        AND ${isAsked}
      GROUP BY owner`,
    PersonRow,
  );
  const { othersOf, ...cost } = await orderedElsewhere(warehouse, { ...asked, readFrom }, rows);
  const persons = rows.map(({ owner, events }) => ({
    person: owner,
    journey: foldJourney([...events.map(eventOf), ...othersOf(owner)], rules),
  }));
  return { persons, queryMs: elapsedMs + cost.queryMs, rowsRead: rowsRead + cost.rowsRead };
};
