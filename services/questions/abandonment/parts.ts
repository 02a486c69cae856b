import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { type Asked, personsAsked } from './asked.ts';

/** Persons whose events are held here at a time: some 100 MB. */
const personsAtOnce = 50_000;
/** The rows of so few are found by the sorting key; those of more lie in most granules. */
const mostByKey = 1000;
/** A part takes a second or more, so that more of them would take minutes. */
const mostParts = 40;

const Row = z.object({ persons: z.coerce.number(), some: z.array(z.string()) });

/** The question in parts, each about as many persons as can be held here at once. Where they are few, they are named. */
export const partsOf = async (
  warehouse: Warehouse,
  asked: Asked,
  atOnce = personsAtOnce,
): Promise<{ parts: Asked[]; queryMs: number; rowsRead: number }> => {
  if (asked.persons !== undefined) return { parts: [asked], queryMs: 0, rowsRead: 0 };
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`
      SELECT uniq(owner) AS persons, arrayMap(id -> toString(id), groupUniqArray(${mostByKey + 1})(owner)) AS some
      FROM (${personsAsked(asked)})`,
    Row,
  );
  const { persons, some } = rows[0] ?? { persons: 0, some: [] };
  if (some.length <= Math.min(mostByKey, atOnce))
    return { parts: some.length === 0 ? [] : [{ ...asked, persons: some }], queryMs: elapsedMs, rowsRead };
  const of = Math.max(1, Math.ceil(persons / atOnce));
  if (of > mostParts)
    throw new Failure(
      'query_limit',
      `The question hit a limit: it is about more than the ${mostParts * atOnce} persons that it may be about: ask for a shorter range.`,
    );
  const parts = Array.from({ length: of }, (_, index): Asked => (of === 1 ? asked : { ...asked, part: { index, of } }));
  return { parts, queryMs: elapsedMs, rowsRead };
};
