import { z } from 'zod';
import { type Sql, sql, typed } from '../../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { isRowOf } from '../../events.ts';
import { whoAre } from '../../who.ts';
import type { Asked, Occasion } from '../occasion.ts';

/** An occasion as the warehouse answers it: `name` and `properties` of its event, '' where it is none. */
export const OccasionRow = z.object({
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

/** With who the persons are, as far as they said. */
export const withNames = async (
  warehouse: Warehouse,
  site: string,
  rows: readonly OccasionRow[],
): Promise<Occasion[]> => {
  const persons = rows.map(({ owner }) => owner);
  const who = await whoAre(warehouse, site, persons);
  return rows.map(({ owner, occasion, at, name, properties }) => ({
    person: owner,
    ...(who.get(owner) ?? { userId: '', email: '' }),
    occasion,
    at,
    basket: null,
    event: name === '' ? null : { name, at: new Date(at).toISOString(), properties: propertiesOf(properties) },
  }));
};

/** Rows of the person who is asked about; all where none is. */
export const ofPerson = (site: string, { person }: Asked): Sql =>
  person === undefined ? sql`1` : isRowOf(site, sql`${typed('UInt64', person)}`);
