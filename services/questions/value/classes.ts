import { z } from 'zod';
import type { RfmAnswer, RfmQuery } from '../../../schemas/api/value.ts';
import { RfmClass } from '../../../schemas/rfm.ts';
import { Failure } from '../../platform/failure.ts';
import { sql, typed } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { fromUnits, toUnits } from '../money.ts';
import { summaries } from '../people/persons.ts';
import { conditions } from '../where.ts';
import { rfm } from './rfm.ts';

const ClassRow = z.object({
  class: RfmClass,
  persons: z.coerce.number(),
  orders: z.coerce.number(),
  net: z.string(),
});
const PersonRow = z.object({
  person: z.string(),
  class: RfmClass,
  recencyDays: z.coerce.number(),
  orders: z.coerce.number(),
  net: z.string(),
  r: z.number(),
  f: z.number(),
  m: z.number(),
});

/** `net : person`: where the page before ended. */
const parseCursor = (cursor: string): { net: string; person: string } => {
  const match = /^(-?\d{1,30}(?:\.\d{1,4})?):(\d{1,20})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return { net: match[1] ?? '0', person: match[2] ?? '0' };
};

/** Buyers of a range by class, and the people of a class, worth most first. README.md says what the ranks are. */
export const rfmClasses = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  query: RfmQuery,
  _options: { now: number },
): Promise<RfmAnswer> => {
  const currency = query.currency ?? site.currency;
  const from = Date.parse(query.from);
  const buyers = rfm({ site, from, to: Date.parse(query.to), currency, where: conditions(query.where) });
  const after = query.cursor === undefined ? null : parseCursor(query.cursor);
  const [counted, listed] = await Promise.all([
    warehouse.query(
      sql`SELECT class, count() AS persons, sum(orders) AS orders, sum(net) AS net FROM (${buyers}) GROUP BY class`,
      ClassRow,
    ),
    warehouse.query(
      sql`
        SELECT toString(buyer) AS person, class, recencyDays, orders, net, r, f, m
        FROM (${buyers})
        WHERE ${query.class === undefined ? sql`1` : sql`class = ${query.class}`}
          AND ${after === null ? sql`1` : sql`(net, buyer) < (${typed('Decimal(38, 4)', after.net)}, ${typed('UInt64', after.person)})`}
        ORDER BY net DESC, buyer DESC
        LIMIT ${query.limit + 1}`,
      PersonRow,
    ),
  ]);
  const total = counted.rows.reduce((sum, { persons }) => sum + persons, 0);
  const page = listed.rows.slice(0, query.limit);
  const last = page.at(-1);
  const known = await summaries(
    warehouse,
    site.id,
    page.map(({ person }) => person),
  );
  const byId = new Map(known.map((summary) => [summary.id, summary]));
  return {
    buyers: total,
    currency,
    classes: RfmClass.options.map((name) => {
      const found = counted.rows.find((row) => row.class === name);
      const { persons, orders, net } = found ?? { persons: 0, orders: 0, net: '0' };
      return {
        class: name,
        persons,
        share: total === 0 ? null : persons / total,
        orders,
        net: fromUnits(toUnits(net)),
      };
    }),
    persons: page.map(({ r, f, m, net, ...row }) => {
      const { userId = '', email = '', name = '' } = byId.get(row.person) ?? {};
      const ranks = { recency: r, frequency: f, monetary: m };
      return { ...row, userId, email, name, net: fromUnits(toUnits(net)), ranks };
    }),
    nextCursor: listed.rows.length > page.length && last !== undefined ? `${last.net}:${last.person}` : null,
    queryMs: Math.max(counted.elapsedMs, listed.elapsedMs),
    rowsRead: counted.rowsRead + listed.rowsRead,
  };
};
