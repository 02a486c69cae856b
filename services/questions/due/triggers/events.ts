import type { Trigger } from '../../../../schemas/automation.ts';
import { listed, sql } from '../../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { inScope, isDoneByPerson, resolvedPerson } from '../../events.ts';
import { propertyOf } from '../../property.ts';
import { productIdsIn } from '../../value/orders.ts';
import { conditions } from '../../where.ts';
import type { Asked, Occasion } from '../occasion.ts';
import { occasionsIn, ofPersons } from './named.ts';

/** Something that the person did, or that was done to them. Told twice, by what `onceFor` names, the first counts. */
export const eventOccasions = async (
  warehouse: Warehouse,
  site: { id: string },
  { event, where, onceFor }: Extract<Trigger, { kind: 'event' }>,
  asked: Asked,
): Promise<Occasion[]> => {
  const key =
    onceFor === undefined ? sql`message_id` : sql`coalesce(nullIf(${propertyOf(onceFor).text}, ''), message_id)`;
  const question = sql`
      SELECT
        toString(${resolvedPerson}) AS owner,
        concat(event, '@', ${key}) AS occasion,
        toUnixTimestamp64Milli(min(timestamp)) AS at,
        any(event) AS name,
        argMin(properties, (timestamp, message_id)) AS properties
      FROM events
      WHERE ${inScope({ site: site.id, from: asked.from, to: asked.to })}
        AND event = ${event}
        AND ${isDoneByPerson}
        AND ${conditions(where)}
        AND ${ofPersons(site.id, asked)}
      GROUP BY owner, occasion`;
  return occasionsIn(warehouse, site.id, question, asked);
};

/** News of a product, to each who showed interest in it before and has not bought it since. */
export const productNewsOccasions = async (
  warehouse: Warehouse,
  site: { id: string },
  trigger: Extract<Trigger, { kind: 'product-news' }>,
  asked: Asked,
): Promise<Occasion[]> => {
  const { event, where, interest, interestSeconds } = trigger;
  const names = listed(interest);
  const news = sql`
    SELECT product_id, min(timestamp) AS said, message_id AS news_id, argMin(properties, timestamp) AS told
    FROM events
    WHERE ${inScope({ site: site.id, from: asked.from, to: asked.to })}
      AND event = ${event}
      AND product_id != ''
      AND ${conditions(where)}
    GROUP BY product_id, message_id`;
  const question = sql`
      SELECT
        toString(owner) AS owner,
        concat(${event}, '@', news_id) AS occasion,
        toUnixTimestamp64Milli(any(said)) AS at,
        ${event} AS name,
        any(told) AS properties
      FROM (
        SELECT
          ${resolvedPerson} AS owner,
          event,
          timestamp,
          arrayJoin(if(event = 'Order Completed', arrayPushBack(${productIdsIn(sql`products`)}, product_id), [product_id])) AS product
        FROM events
        WHERE ${inScope({ site: site.id, from: asked.from - interestSeconds * 1000, to: asked.now + 1 })}
          AND (event IN (${names}) OR event = 'Order Completed')
          AND ${ofPersons(site.id, asked)}
      ) AS looks
      INNER JOIN (${news}) AS news ON news.product_id = looks.product
      GROUP BY owner, news_id
      HAVING countIf(event IN (${names}) AND timestamp < said AND timestamp >= said - toIntervalSecond(${interestSeconds})) > 0
        AND countIf(event = 'Order Completed') = 0`;
  return occasionsIn(warehouse, site.id, question, asked);
};

/** The last order was so long ago. Each last order is one occasion. */
export const lapsedOccasions = async (
  warehouse: Warehouse,
  site: { id: string },
  { afterSeconds }: Extract<Trigger, { kind: 'lapsed' }>,
  asked: Asked,
): Promise<Occasion[]> => {
  const after = afterSeconds * 1000;
  const question = sql`
      SELECT
        toString(${resolvedPerson}) AS owner,
        concat('lapsed@', toString(toUnixTimestamp64Milli(max(timestamp)))) AS occasion,
        toUnixTimestamp64Milli(max(timestamp)) + ${after} AS at,
        '' AS name,
        '' AS properties
      FROM events
      WHERE ${inScope({ site: site.id, from: asked.from - after, to: asked.now + 1 })}
        AND event = 'Order Completed'
        AND ${ofPersons(site.id, asked)}
      GROUP BY owner
      HAVING at < ${asked.to}`;
  return occasionsIn(warehouse, site.id, question, asked);
};
