import { z } from 'zod';
import type { PersonProfile } from '../../../schemas/api/people.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isoTime, isRowOf } from '../events.ts';
import { fromUnits, toUnits } from '../money.ts';
import { Summary, summaryColumns } from './persons.ts';

const Traits = z.object({ traits: z.string() });
const Money = z.object({ currency: z.string(), amount: z.string(), orders: z.coerce.number() });
const Device = z.object({ anonymousId: z.string(), linkedAt: z.string(), messageId: z.string() });

/** Identify calls that are merged into the traits shown, newest first. */
const mergedTraits = 100;

/** The id of a joined device answers the person that it belongs to. */
export const personOfId = (id: string): Sql => {
  const given = typed('UInt64', id);
  return sql`dictGetOrDefault('identity', 'to_person', ${given}, ${given})`;
};

const mergeTraits = (newestFirst: readonly { traits: string }[]): Record<string, unknown> =>
  // Not Object.assign, for which a trait named `__proto__` is no trait but sets the prototype.
  Object.fromEntries(newestFirst.toReversed().flatMap(({ traits }) => Object.entries(JSON.parse(traits) as object)));

/** A person, whole. @throws Failure `not_found` */
export const personProfile = async (
  warehouse: Warehouse,
  site: { id: string },
  query: { id: string },
  _options: { now: number },
): Promise<PersonProfile> => {
  const person = personOfId(query.id);
  const own = isRowOf(site.id, person);
  const [summary, traits, money, devices] = await Promise.all([
    warehouse.query(
      sql`SELECT toString(any(${person})) AS id, ${summaryColumns} FROM events WHERE ${own} HAVING count() > 0`,
      Summary,
    ),
    warehouse.query(
      sql`SELECT traits FROM events WHERE ${own} AND type = 'identify' AND traits != '' ORDER BY timestamp DESC LIMIT ${mergedTraits}`,
      Traits,
    ),
    warehouse.query(
      sql`
        SELECT currency, toString(sum(amount)) AS amount, count() AS orders
        FROM (
          SELECT order_id, any(currency) AS currency, ifNull(any(revenue), 0) AS amount
          FROM events
          WHERE ${own}
            AND event = 'Order Completed'
          GROUP BY order_id
        )
        GROUP BY currency
        ORDER BY sum(amount) DESC`,
      Money,
    ),
    warehouse.query(
      sql`
        SELECT
          anonymous_id AS anonymousId,
          ${isoTime(sql`min(linked_at)`)} AS linkedAt,
          argMin(message_id, linked_at) AS messageId
        FROM identities
        WHERE site = ${site.id}
          AND to_person = ${person}
          AND dictGetOrDefault('identity', 'to_person', from_person, from_person) = ${person}
        GROUP BY anonymous_id
        ORDER BY linkedAt
        LIMIT 100`,
      Device,
    ),
  ]);
  const [found] = summary.rows;
  if (found === undefined) throw new Failure('not_found', `There is no person ${query.id}.`);
  return {
    ...found,
    traits: mergeTraits(traits.rows),
    orders: money.rows.reduce((sum, { orders }) => sum + orders, 0),
    revenue: money.rows.map(({ currency, amount }) => ({ currency, amount: fromUnits(toUnits(amount)) })),
    devices: devices.rows,
  };
};
