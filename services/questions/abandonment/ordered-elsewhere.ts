import { z } from 'zod';
import { isJunkId } from '../../../schemas/junk-ids.ts';
import { join, listed, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../events.ts';
import { inPieces } from '../pieces.ts';
import { type Asked, isInPart, personsAsked } from './asked.ts';
import type { BasketEvent } from './basket.ts';
import { basketEvents, orderEvent } from './fold.ts';
import { eventOf, Told, told } from './told.ts';

/** What more people than this ordered is no basket's id, but a word that the shop says in its place. */
const mostBuyers = 20;
/** Of one basket; a shop may give a customer the same for ever. */
const mostTold = 1000;
/** Ids in one answer: those of the baskets of all persons who are held at once. */
const mostIds = 1_000_000;

const Row = z.object({ id: z.string(), orders: z.array(z.tuple([z.string(), Told])) });

type ToldByPerson = { owner: string; events: readonly z.infer<typeof Told>[] };
/** What the events of somebody's baskets called them. */
type Names = { carts: Set<string>; checkouts: Set<string> };

const namesIn = (events: ToldByPerson['events']): Names => {
  const names: Names = { carts: new Set(), checkouts: new Set() };
  for (const [, event, , cartId, checkoutId] of events) {
    if (event === orderEvent) continue;
    if (!isJunkId(cartId)) names.carts.add(cartId);
    if (!isJunkId(checkoutId)) names.checkouts.add(checkoutId);
  }
  return names;
};

/** Of the orders by id those that others placed, each as far as it names what the person's events named. */
const othersOf = (
  person: string,
  { carts, checkouts }: Names,
  found: ReadonlyMap<string, z.infer<typeof Row>['orders']>,
): BasketEvent[] => {
  const known = (ids: ReadonlySet<string>, id: string): string => (ids.has(id) && found.has(id) ? id : '');
  return [...carts, ...checkouts]
    .flatMap((id) => found.get(id) ?? [])
    .filter(([owner]) => owner !== person)
    .map(([, order]) => eventOf(order))
    .map((order) => ({
      ...order,
      isOthers: true,
      cartId: known(carts, order.cartId),
      checkoutId: known(checkouts, order.checkoutId),
    }))
    .filter(({ cartId, checkoutId }) => cartId !== '' || checkoutId !== '');
};

/** Orders of the time that a question reads, of which this is true. */
const ordersOf = ({ site, readFrom, rules }: Asked & { readFrom: number }, isAsked: Sql): Sql => sql`
        SELECT toString(${resolvedPerson}) AS owner, cart_id, checkout_id, message_id, ${told} AS told
        FROM events
        WHERE site = ${site}
          AND timestamp >= ${new Date(readFrom)}
          AND timestamp <= ${new Date(rules.asOf)}
          AND event = ${orderEvent}
          AND ${isAsked}`;

/** Those that name one of these baskets; each id by its index (migration 0011), since an index that knows one of two columns rules nothing out. */
const ordersNaming = (asked: Asked & { readFrom: number }, ids: readonly string[]): Sql =>
  join(
    [sql`cart_id`, sql`checkout_id`].map((column) =>
      ordersOf(asked, sql`if(event = 'Order Completed', ${column}, '') IN (SELECT arrayJoin(${ids}))`),
    ),
    ' UNION ALL ',
  );

/** Those that name a basket of so many persons that their ids are not sent. */
const ordersNamingAny = (asked: Asked & { readFrom: number }): Sql => {
  const ids = sql`
            SELECT arrayJoin([cart_id, checkout_id]) AS id
            FROM events
            WHERE site = ${asked.site}
              AND timestamp >= ${new Date(asked.readFrom)}
              AND timestamp <= ${new Date(asked.rules.asOf)}
              AND event IN (${listed(basketEvents)})
              AND event != ${orderEvent}
              AND ${isInPart(asked)}
              AND ${resolvedPerson} IN (${personsAsked(asked)})
              AND id != ''`;
  return ordersOf(asked, sql`(cart_id IN (${ids}) OR checkout_id IN (${ids}))`);
};

/**
 * Orders of the persons' baskets that were told under another id than theirs, by person: they name the cart or the checkout that the person's events named. Found
 * by an index where the persons are few; else the orders of the time are read.
 */
export const orderedElsewhere = async (
  warehouse: Warehouse,
  asked: Asked & { readFrom: number },
  people: readonly ToldByPerson[],
): Promise<{ othersOf(person: string): readonly BasketEvent[]; queryMs: number; rowsRead: number }> => {
  const named = new Map(people.map(({ owner, events }) => [owner, namesIn(events)]));
  const ids = [...named.values()].flatMap(({ carts, checkouts }) => [...carts, ...checkouts]);
  const cost = { queryMs: 0, rowsRead: 0 };
  const found = new Map<string, z.infer<typeof Row>['orders']>();
  const isFew = asked.persons !== undefined;
  for (const some of isFew ? inPieces(ids) : ids.length === 0 ? [] : [[]]) {
    const { rows, elapsedMs, rowsRead } = await warehouse.query(
      sql`
      SELECT id, groupArray(${mostTold})((owner, told)) AS orders
      FROM (${isFew ? ordersNaming(asked, some) : ordersNamingAny(asked)}
      )
      ARRAY JOIN arrayDistinct([cart_id, checkout_id]) AS id
      WHERE id != ''
      GROUP BY id
      HAVING uniqUpTo(${mostBuyers})(owner) <= ${mostBuyers}`,
      Row,
      { resultRows: mostIds },
    );
    cost.queryMs += elapsedMs;
    cost.rowsRead += rowsRead;
    // Orders may name more ids than were asked for, of which these are not all the orders.
    const wanted = new Set(isFew ? some : ids);
    for (const { id, orders } of rows) if (wanted.has(id)) found.set(id, orders);
  }
  const none: Names = { carts: new Set(), checkouts: new Set() };
  return { othersOf: (person) => othersOf(person, named.get(person) ?? none, found), ...cost };
};
