import { listed, type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';
import { type BasketRules, basketEvents, lookEvents } from './fold.ts';

/** One of equal parts of all ids that persons can have. */
type Part = { index: number; of: number };

/** Which persons a question is about: those of the site (or a part of them), or some of them, who did one of these in the range. */
export type Asked = {
  site: string;
  from: number;
  to: number;
  rules: BasketRules;
  persons?: readonly string[];
  part?: Part;
};

const touching = ({ kind }: BasketRules): readonly string[] => (kind === 'browse' ? lookEvents : basketEvents);

const ids = 2n ** 64n;

/**
 * Rows of the persons of the part. Ids are hashes, so parts have about as many persons each; rows are sorted by them, so those of a part lie together but for
 * joined devices.
 */
export const isInPart = ({ site, part }: Asked): Sql => {
  if (part === undefined) return sql`1`;
  const startOf = (index: number): bigint => (ids * BigInt(index)) / BigInt(part.of);
  const [first, last] = [startOf(part.index), startOf(part.index + 1) - 1n].map((id) => typed('UInt64', String(id)));
  const isIn = (column: Sql): Sql => sql`${column} BETWEEN ${first ?? sql``} AND ${last ?? sql``}`;
  return sql`(
      ${isIn(sql`person`)}
      OR person IN (
        SELECT from_person
        FROM identities
        WHERE site = ${site}
          AND ${isIn(sql`to_person`)}
      )
    )
    AND ${isIn(resolvedPerson)}`;
};

export const personsAsked = (asked: Asked): Sql => sql`
  SELECT ${resolvedPerson} AS owner
  FROM events
  WHERE site = ${asked.site}
    AND timestamp >= ${new Date(asked.from)}
    AND timestamp < ${new Date(asked.to)}
    AND event IN (${listed(touching(asked.rules))})
    AND ${isInPart(asked)}`;
