import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { type Asked, personsAsked } from './asked.ts';

/** Persons whose events are held here at a time: some 100 MB. */
const personsAtOnce = 50_000;
/** A part takes a second or more, so that more of them would take minutes. */
const mostParts = 40;

const Row = z.object({ persons: z.coerce.number() });

/** The question in parts, each about as many persons as can be held here at once. */
export const partsOf = async (
  warehouse: Warehouse,
  asked: Asked,
  atOnce = personsAtOnce,
): Promise<{ parts: Asked[]; queryMs: number; rowsRead: number }> => {
  if (asked.persons !== undefined) return { parts: [asked], queryMs: 0, rowsRead: 0 };
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`SELECT uniq(*) AS persons FROM (${personsAsked(asked)})`,
    Row,
  );
  const of = Math.max(1, Math.ceil((rows[0]?.persons ?? 0) / atOnce));
  if (of > mostParts)
    throw new Failure(
      'query_limit',
      `The question hit a limit: it is about more than the ${mostParts * atOnce} persons that it may be about: ask for a shorter range.`,
    );
  const parts = Array.from({ length: of }, (_, index): Asked => (of === 1 ? asked : { ...asked, part: { index, of } }));
  return { parts, queryMs: elapsedMs, rowsRead };
};
