import { z } from 'zod';
import { type Sql, sql } from '../../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { isRowOfAny } from '../../events.ts';
import { whoToWriteTo } from '../../who.ts';
import type { Asked, Occasion } from '../occasion.ts';

/** In one answer of the warehouse, and in one look at who is due: then the oldest go first, the others when these are over. */
const pageRows = 50_000;
const mostOccasions = 1_000_000;

/** An occasion as the warehouse answers it: `name` and `properties` of its event, '' where it is none. */
const OccasionRow = z.object({
  owner: z.string(),
  occasion: z.string(),
  at: z.coerce.number(),
  name: z.string(),
  properties: z.string(),
});
type OccasionRow = z.infer<typeof OccasionRow>;

const propertiesOf = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
};

/** With who the persons are and the address that they gave; who asks about some by name knows it. */
const withNames = async (
  warehouse: Warehouse,
  site: string,
  rows: readonly OccasionRow[],
  asked: Asked,
): Promise<Occasion[]> => {
  const persons = asked.about === undefined ? rows.map(({ owner }) => owner) : [];
  const who = await whoToWriteTo(warehouse, site, persons);
  return rows.map(({ owner, occasion, at, name, properties }) => ({
    person: owner,
    ...(who.get(owner) ?? { userId: '', email: '' }),
    occasion,
    at,
    basket: null,
    event: name === '' ? null : { name, at: new Date(at).toISOString(), properties: propertiesOf(properties) },
  }));
};

/** Rows of the persons who are asked about; all where none are. */
export const ofPersons = (site: string, { about }: Asked): Sql =>
  about === undefined
    ? sql`1`
    : isRowOfAny(
        site,
        about.map(({ person }) => person),
      );

/** Names hold what events say, of any length: by so many characters they are told apart well enough to read few of a person's others. */
const toldApart = 60;

const isAskedAbout = ({ about }: Asked): Sql => {
  if (about === undefined) return sql`1`;
  const names = about.map(({ occasion }) => [...occasion].slice(0, toldApart).join(''));
  return sql`leftUTF8(occasion, ${toldApart}) IN (SELECT arrayJoin(${names}))`;
};

/** All occasions that a question finds, oldest first, page by page. It has the columns of `OccasionRow`. */
export const occasionsIn = async (
  warehouse: Warehouse,
  site: string,
  question: Sql,
  asked: Asked,
): Promise<Occasion[]> => {
  const found: OccasionRow[] = [];
  for (;;) {
    const last = found.at(-1);
    const rest =
      last === undefined ? sql`1` : sql`(at, owner, occasion) > (${last.at}, ${last.owner}, ${last.occasion})`;
    const { rows } = await warehouse.query(
      sql`
      SELECT *
      FROM (${question})
      WHERE ${isAskedAbout(asked)}
        AND ${rest}
      ORDER BY at, owner, occasion
      LIMIT ${pageRows}`,
      OccasionRow,
      { resultRows: pageRows },
    );
    for (const row of rows) found.push(row);
    if (rows.length < pageRows || found.length >= mostOccasions) return withNames(warehouse, site, found, asked);
  }
};
