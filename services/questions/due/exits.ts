import { z } from 'zod';
import type { Exit } from '../../../schemas/automation.ts';
import { join, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inScope, isDoneByPerson, isRowOfAny, resolvedPerson } from '../events.ts';
import { inPieces } from '../pieces.ts';
import { propertyOf } from '../property.ts';
import { isEvent } from '../where.ts';
import type { Occasion } from './occasion.ts';

const Row = z.object({ person: z.string(), rule: z.number(), at: z.coerce.number(), value: z.string() });

/** A value of the occasion's event by its path, as text. */
const valueAt = (event: Occasion['event'], path: string): string => {
  const found = path
    .replace(/^properties\./, '')
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      event?.properties,
    );
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
};

/** A basket is left from its last activity on: what comes while it lies idle, before that makes it an occasion, ends it too. */
const beganAt = ({ at, basket }: Occasion): number => (basket === null ? at : Date.parse(basket.lastActivity));

/** Those of the occasions after which something came that ends them. Reads the granules of their persons, from the first occasion on. */
export const endedAmong = async (
  warehouse: Warehouse,
  site: string,
  exits: readonly Exit[],
  { occasions, now }: { occasions: readonly Occasion[]; now: number },
): Promise<ReadonlySet<Occasion>> => {
  const ended = new Set<Occasion>();
  if (exits.length === 0 || occasions.length === 0) return ended;
  const byPerson = Map.groupBy(occasions, ({ person }) => person);
  const from = occasions.reduce((least, occasion) => Math.min(least, beganAt(occasion)), now);
  const kinds = exits.map(
    (exit, index) => sql`
          SELECT
            toString(${resolvedPerson}) AS person,
            toUInt16(${index}) AS rule,
            toUnixTimestamp64Milli(timestamp) AS at,
            ${exit.same === undefined ? sql`''` : propertyOf(exit.same).text} AS value
          FROM events
          WHERE ${inScope({ site, from, to: now + 1 })}
            AND ${isDoneByPerson}
            AND ${isEvent(exit)}`,
  );
  for (const persons of inPieces([...byPerson.keys()])) {
    const { rows } = await warehouse.query(
      join(
        kinds.map((kind) => sql`${kind} AND ${isRowOfAny(site, persons)}`),
        ' UNION ALL ',
      ),
      Row,
      { resultRows: 1_000_000 },
    );
    for (const { person, rule, at, value } of rows)
      for (const occasion of byPerson.get(person) ?? []) {
        const same = exits[rule]?.same;
        // What has no such value cannot be told apart: it ends it.
        const isSame = same === undefined || valueAt(occasion.event, same) === value;
        if (at > beganAt(occasion) && isSame) ended.add(occasion);
      }
  }
  return ended;
};
