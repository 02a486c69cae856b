import { z } from 'zod';
import type { PersonProfile } from '../../../schemas/api/profile.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { abandonedBaskets } from '../abandonment/abandonment.ts';
import { isRowOf } from '../events.ts';
import { reviewsOf, satisfactionOf } from './feedback.ts';
import { identities } from './identities.ts';
import { mailsOf } from './mails.ts';
import { Summary, summaryColumns } from './persons.ts';
import { ordersOf, returnsOf, worthOf } from './purchases.ts';
import { supportOf } from './support.ts';

const Trait = z.object({ name: z.string(), value: z.string() });

/** Traits of one person in an answer; who has more sends something else than traits. */
const mostTraits = 500;
/** How long ago a basket may have been touched to be shown as one that lies there. */
const basketSeconds = 30 * 86_400;

/** The id of a joined device answers the person that it belongs to. */
export const personOfId = (id: string): Sql => {
  const given = typed('UInt64', id);
  return sql`dictGetOrDefault('identity', 'to_person', ${given}, ${given})`;
};

/** Each trait as the newest identify call that names it says. */
const traitsOf = async (warehouse: Warehouse, own: Sql): Promise<PersonProfile['traits']> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT trait.1 AS name, argMax(trait.2, (timestamp, message_id)) AS value
      FROM events
      ARRAY JOIN JSONExtractKeysAndValuesRaw(traits) AS trait
      WHERE ${own}
        AND type = 'identify'
      GROUP BY name
      ORDER BY min(timestamp), name
      LIMIT ${mostTraits}`,
    Trait,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
};

/** Looked for as what was left at all: a basket that is still being filled lies there too. */
const basketsOf = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  person: string,
  now: number,
): Promise<PersonProfile['baskets']> => {
  const found = await abandonedBaskets(warehouse, site, {
    kind: 'cart',
    idleSeconds: 0,
    from: now - basketSeconds * 1000,
    to: now + 1,
    now,
    persons: [person],
  });
  return found.map(({ cartId, items, value, currency, since, lastActivity }) => ({
    cartId,
    items,
    value,
    currency,
    since,
    lastActivity,
  }));
};

/** A person, whole. Reads the granules of the person's rows. @throws Failure `not_found` */
export const personProfile = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  query: { id: string },
  options: { now: number },
): Promise<PersonProfile> => {
  const person = personOfId(query.id);
  const own = isRowOf(site.id, person);
  const customer = { site, own, person };
  const summary = await warehouse.query(
    sql`SELECT toString(any(${person})) AS id, ${summaryColumns} FROM events WHERE ${own} HAVING count() > 0`,
    Summary,
  );
  const [found] = summary.rows;
  if (found === undefined) throw new Failure('not_found', `There is no person ${query.id}.`);
  const [ids, traits, value, orders, returns, baskets, reviews, satisfaction, support, mails] = await Promise.all([
    identities(warehouse, site.id, own, person),
    traitsOf(warehouse, own),
    worthOf(warehouse, customer),
    ordersOf(warehouse, customer),
    returnsOf(warehouse, customer),
    basketsOf(warehouse, site, found.id, options.now),
    reviewsOf(warehouse, own),
    satisfactionOf(warehouse, own),
    supportOf(warehouse, own),
    mailsOf(warehouse, own),
  ]);
  return {
    ...found,
    identities: ids,
    traits,
    value,
    orders,
    returns,
    baskets,
    reviews,
    satisfaction,
    support,
    mails,
  };
};
