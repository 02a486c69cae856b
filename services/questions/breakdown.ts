import { type BreakdownPart, isOfPerson } from '../../schemas/filters.ts';
import { type Sql, sql } from '../platform/warehouse/sql.ts';
import { resolvedPerson } from './events.ts';
import { knownValues } from './people/last-said.ts';
import { textOf } from './property.ts';

/** The values of a property that are shown apart, largest first. */
export type Breakdown = { property: string; values: readonly string[] };

/** A piece is the place of a value among the shown ones; or one of these: the rest, events without the property, and everything where there is no breakdown. */
export const otherPiece = -1;
export const nonePiece = -2;
export const wholePiece = -3;

/** Longer values are cut: they are shown as labels. */
const longestValue = 200;

/** A value as it is shown; '' where the event does not have the property. Of a person's property the rows need `saidJoined` beside them. */
export const labelOf = (property: string): Sql =>
  sql`leftUTF8(${isOfPerson(property) ? sql`lastSaid` : textOf(property)}, ${longestValue})`;

/** Joins to rows (of events, unless their `person` is named) what their persons last said of a property; nothing where it is the event's own. */
export const saidJoined = (site: string, property: string | undefined, person: Sql = resolvedPerson): Sql =>
  property === undefined || !isOfPerson(property)
    ? sql``
    : sql`
      LEFT JOIN (SELECT owner AS sayer, known AS lastSaid FROM (${knownValues(site, property)})) AS said
        ON said.sayer = ${person}`;

/** The piece that a label belongs to. */
export const pieceOf = (label: Sql, values: readonly string[]): Sql =>
  sql`toInt32(if(${label} = '', ${nonePiece}, indexOf(${[...values]}, ${label}) - 1))`;

/** The same as a number from 0 to 63 in the order of the parts, so that the least of several can be taken. */
export const rankOf = (label: Sql, values: readonly string[]): Sql => {
  const place = sql`indexOf(${[...values]}, ${label})`;
  return sql`toInt64(multiIf(${label} = '', ${highestRank}, ${place} = 0, ${highestRank - 1}, ${place} - 1))`;
};
const highestRank = 63;

export const pieceOfRank = (rank: Sql): Sql =>
  sql`toInt32(if(${rank} >= ${highestRank - 1}, ${highestRank - 2} - ${rank} , ${rank}))`;

export const partOf = (piece: number, breakdown: Breakdown | null): BreakdownPart | null => {
  if (piece === wholePiece) return null;
  if (piece === nonePiece) return { value: '(none)', kind: 'none' };
  if (piece === otherPiece) return { value: '(other)', kind: 'other' };
  return { value: breakdown?.values[piece] ?? '', kind: 'value' };
};

const rank = (piece: number): number => (piece >= 0 ? piece : 1_000_000 - piece);

/** The pieces of an answer in order: every shown value, then the rest and those without, where there are any. */
export const piecesOf = (found: Iterable<number>, breakdown: Breakdown | null): number[] => {
  const asked = breakdown === null ? [wholePiece] : breakdown.values.map((_, piece) => piece);
  return [...new Set([...asked, ...found])].sort((a, b) => rank(a) - rank(b));
};
