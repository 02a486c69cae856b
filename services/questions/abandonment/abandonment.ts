import { z } from 'zod';
import type { AbandonmentAnswer, AbandonmentQuery, Basket } from '../../../schemas/api/abandonment.ts';
import { Failure } from '../../platform/failure.ts';
import { join, sql, typed } from '../../platform/warehouse/sql.ts';
import type { Answer, Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOf, resolvedPerson } from '../events.ts';
import { fromUnits, toUnits } from '../money.ts';
import { type BasketEvent, type BasketRules, basketEventNames, type FoldedBasket, foldBaskets } from './basket.ts';
import { productsOf } from './products.ts';

type Site = { id: string; currency: string };

/** Before the range a basket is followed back for this long. */
const followedBackMilliseconds = 30 * 86_400_000;
/** Persons in one answer; above it the question must be narrowed. */
const mostPersons = 200_000;

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
type PersonRow = z.infer<typeof PersonRow>;

const eventOf = (row: PersonRow['events'][number]): BasketEvent => ({
  at: row[0],
  event: row[1],
  messageId: row[2],
  cartId: row[3],
  orderId: row[4],
  productId: row[5],
  name: row[6],
  quantity: row[7],
  price: row[8],
  imageUrl: row[9],
  url: row[10],
  currency: row[11],
  total: row[12],
  products: productsOf(row[13]),
});

const names = join(
  basketEventNames.map((name) => sql`${name}`),
  ', ',
);

/**
 * Basket events of every person who touched a basket in the range: all of theirs, from `followedBack` before it until `asOf`, since what came later
 * decides what became of it. Reads the commerce columns of that time, of basket events only.
 */
const basketEvents = (
  warehouse: Warehouse,
  site: string,
  range: { from: number; to: number; asOf: number; person?: string | undefined },
): Promise<Answer<PersonRow>> =>
  warehouse.query(
    sql`
      SELECT
        toString(${resolvedPerson}) AS owner,
        groupArray(tuple(
          toUnixTimestamp64Milli(timestamp), event, message_id, cart_id, order_id, product_id, product_name, quantity,
          toString(price), JSONExtractString(properties, 'image_url'), JSONExtractString(properties, 'url'), currency,
          toString(coalesce(revenue, value)), products)) AS events
      FROM events
      WHERE site = ${site}
        AND timestamp >= ${new Date(range.from - followedBackMilliseconds)}
        AND timestamp <= ${new Date(range.asOf)}
        AND event IN (${names})
        AND ${range.person === undefined ? sql`1` : isRowOf(site, sql`${typed('UInt64', range.person)}`)}
        AND ${resolvedPerson} IN (
          SELECT ${resolvedPerson}
          FROM events
          WHERE site = ${site}
            AND timestamp >= ${new Date(range.from)}
            AND timestamp < ${new Date(range.to)}
            AND event IN (${names})
        )
      GROUP BY owner`,
    PersonRow,
    { resultRows: mostPersons },
  );

type Found = FoldedBasket & { person: string };

const isAsked = (kind: AbandonmentQuery['kind'], range: { from: number; to: number }) => (basket: Found) =>
  basket.lastActivity >= range.from &&
  basket.lastActivity < range.to &&
  (kind === 'checkout' ? basket.hasCheckout : basket.items.length > 0);

const findBaskets = async (
  warehouse: Warehouse,
  site: Site,
  ask: { kind: AbandonmentQuery['kind']; from: number; to: number; rules: BasketRules; person?: string | undefined },
): Promise<{ baskets: Found[]; queryMs: number; rowsRead: number }> => {
  const answer = await basketEvents(warehouse, site.id, { ...ask, asOf: ask.rules.asOf });
  const baskets = answer.rows
    .flatMap(({ owner, events }) =>
      foldBaskets(events.map(eventOf), ask.rules).map((basket) => ({ ...basket, person: owner })),
    )
    .filter(isAsked(ask.kind, ask))
    .map((basket) => ({ ...basket, currency: basket.currency || site.currency }));
  return { baskets, queryMs: answer.elapsedMs, rowsRead: answer.rowsRead };
};

const Owner = z.object({ owner: z.string(), userId: z.string(), email: z.string() });

/** Who the persons are. Reads the key range of their rows. */
const owners = async (
  warehouse: Warehouse,
  site: string,
  persons: readonly string[],
): Promise<Map<string, z.infer<typeof Owner>>> => {
  if (persons.length === 0) return new Map();
  const { rows } = await warehouse.query(
    sql`
      SELECT
        toString(${resolvedPerson}) AS owner,
        argMaxIf(user_id, timestamp, user_id != '') AS userId,
        argMaxIf(email, timestamp, email != '' AND channel != 'internal') AS email
      FROM events
      WHERE site = ${site}
        AND ${resolvedPerson} IN (SELECT toUInt64(arrayJoin(${[...new Set(persons)]})))
        AND (user_id != '' OR email != '')
      GROUP BY owner`,
    Owner,
  );
  return new Map(rows.map((row) => [row.owner, row]));
};

const shown = (basket: Found, owner: z.infer<typeof Owner> | undefined): Basket => {
  const { hasCheckout: _hasCheckout, status, lastActivity, since, ...rest } = basket;
  return {
    ...rest,
    // Completed baskets are counted and never listed.
    status: status === 'completed' ? 'recovered' : status,
    userId: owner?.userId ?? '',
    email: owner?.email ?? '',
    lastActivity: new Date(lastActivity).toISOString(),
    since: new Date(since).toISOString(),
  };
};

const newestFirst = (a: Found, b: Found): number =>
  b.lastActivity - a.lastActivity || (a.person < b.person ? 1 : -1) || b.since - a.since;

const cursorOf = ({ lastActivity, person }: Found): string => `${lastActivity}:${person}`;

const isAfter = (cursor: string | undefined) => {
  if (cursor === undefined) return () => true;
  const match = /^(\d{1,15}):(\d{1,20})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  const [at, person] = [Number(match[1]), match[2] ?? ''];
  return (basket: Found) => basket.lastActivity < at || (basket.lastActivity === at && basket.person < person);
};

const sums = (baskets: readonly Found[], amount: (basket: Found) => string) => {
  const byCurrency = new Map<string, bigint>();
  for (const basket of baskets)
    byCurrency.set(basket.currency, (byCurrency.get(basket.currency) ?? 0n) + toUnits(amount(basket)));
  return [...byCurrency]
    .sort(([, a], [, b]) => (a < b ? 1 : -1))
    .map(([currency, units]) => ({ currency, amount: fromUnits(units) }));
};

/** Baskets that were left: how many, worth what, whose, with what in them. README.md says what each word means. */
export const abandonment = async (
  warehouse: Warehouse,
  site: Site,
  query: AbandonmentQuery,
  options: { now: number },
): Promise<AbandonmentAnswer> => {
  const asOf = query.asOf === undefined ? options.now : Date.parse(query.asOf);
  const { idleSeconds, recoverySeconds } = query;
  const { baskets, queryMs, rowsRead } = await findBaskets(warehouse, site, {
    kind: query.kind,
    from: Date.parse(query.from),
    to: Date.parse(query.to),
    rules: { idleSeconds, recoverySeconds, asOf },
  });
  const of = (status: FoldedBasket['status']) => baskets.filter((basket) => basket.status === status);
  const [abandoned, recovered, lost, completed] = [of('abandoned'), of('recovered'), of('lost'), of('completed')];
  const left = abandoned.length + recovered.length + lost.length;
  const listed = baskets
    .filter(({ status }) => status !== 'completed' && (query.status === undefined || status === query.status))
    .sort(newestFirst)
    .filter(isAfter(query.cursor));
  const page = listed.slice(0, query.limit);
  const who = await owners(
    warehouse,
    site.id,
    page.map(({ person }) => person),
  );
  const last = page.at(-1);
  return {
    open: of('open').length,
    abandoned: abandoned.length,
    recovered: recovered.length,
    lost: lost.length,
    completed: completed.length,
    rate: left + completed.length === 0 ? null : left / (left + completed.length),
    valueAtRisk: sums(abandoned, ({ value }) => value),
    recoveredValue: sums(recovered, ({ recoveredValue }) => recoveredValue ?? '0'),
    carts: page.map((basket) => shown(basket, who.get(basket.person))),
    nextCursor: listed.length > page.length && last !== undefined ? cursorOf(last) : null,
    queryMs,
    rowsRead,
  };
};

/** Baskets that lie abandoned now: idle for `idleSeconds`, and not longer than `maxAgeSeconds` more; of one person where given. Touches recent events only. */
export const abandonedBaskets = async (
  warehouse: Warehouse,
  site: Site,
  options: { idleSeconds: number; maxAgeSeconds: number; now: number; person?: string },
): Promise<Basket[]> => {
  const { idleSeconds, maxAgeSeconds, now } = options;
  const { baskets } = await findBaskets(warehouse, site, {
    kind: 'cart',
    from: now - (idleSeconds + maxAgeSeconds) * 1000,
    to: now - idleSeconds * 1000 + 1,
    rules: { idleSeconds, recoverySeconds: maxAgeSeconds, asOf: now },
    person: options.person,
  });
  const abandoned = baskets.filter(({ status }) => status === 'abandoned').sort(newestFirst);
  const who = await owners(
    warehouse,
    site.id,
    abandoned.map(({ person }) => person),
  );
  return abandoned.map((basket) => shown(basket, who.get(basket.person)));
};
