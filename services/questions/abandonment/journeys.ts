import { z } from 'zod';
import { listed, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from '../events.ts';
import { type Asked, isInPart, personsAsked } from './asked.ts';
import type { BasketEvent } from './basket.ts';
import { type BasketRules, basketEvents, foldJourney, type Journey, lookEvents, mailEvents } from './fold.ts';
import { pieces, productsOf } from './products.ts';

/** Before the range a basket is followed back for this long. */
export const followedBackMilliseconds = 30 * 86_400_000;

const PersonRow = z.object({
  owner: z.string(),
  events: z.array(
    z.tuple([
      z.coerce.number(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.string(),
      z.number().nullable(),
      z.string().nullable(),
      z.string(),
      z.string(),
      z.string(),
      z.string().nullable(),
      z.string(),
    ]),
  ),
});

const eventOf = (row: z.infer<typeof PersonRow>['events'][number]): BasketEvent => {
  const [at, event, messageId, cartId, orderId, productId, variant, name, category, quantity, price, ...more] = row;
  const [imageUrl, url, currency, total, products] = more;
  const said = { productId, variant, name, category, price, currency, imageUrl, url };
  return {
    at,
    event,
    messageId,
    cartId,
    orderId,
    product: productId === '' ? null : { ...said, quantity: pieces(quantity) },
    products: productsOf(products, currency),
    currency,
    total,
  };
};

const read = ({ kind }: BasketRules): readonly string[] =>
  kind === 'browse' ? [...basketEvents, ...lookEvents, ...mailEvents] : [...basketEvents, ...mailEvents];

/**
 * What every person who did something of the kind in the range did: all of theirs, from `followedBack` before it until `asOf`, since what came later decides
 * what became of it. Reads the commerce columns of that time, of those events only; one row a person comes back.
 */
export const journeys = async (
  warehouse: Warehouse,
  asked: Asked,
): Promise<{ persons: { person: string; journey: Journey }[]; queryMs: number; rowsRead: number }> => {
  const { site, from, rules, persons: few } = asked;
  // The rows of a person lie together; whether they did something in the range is known from those.
  const isAsked =
    few === undefined
      ? sql`${isInPart(asked)} AND ${resolvedPerson} IN (${personsAsked(asked)})`
      : isRowOfAny(site, few);
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`
      SELECT
        toString(${resolvedPerson}) AS owner,
        groupArray(tuple(
          toUnixTimestamp64Milli(timestamp), event, message_id, cart_id, order_id, product_id, variant, product_name, category,
          quantity, toString(price), JSONExtractString(properties, 'image_url'), JSONExtractString(properties, 'url'), currency,
          toString(coalesce(revenue, value)), products)) AS events
      FROM events
      WHERE site = ${site}
        AND timestamp >= ${new Date(from - followedBackMilliseconds)}
        AND timestamp <= ${new Date(rules.asOf)}
        AND event IN (${listed(read(rules))})
        AND ${isAsked}
      GROUP BY owner`,
    PersonRow,
  );
  const persons = rows.map(({ owner, events }) => ({
    person: owner,
    journey: foldJourney(events.map(eventOf), rules),
  }));
  return { persons, queryMs: elapsedMs, rowsRead };
};
