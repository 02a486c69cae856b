import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Funnel } from '../../../schemas/api/funnel-definition.ts';
import { gapOf } from '../../../schemas/api/funnel-rules.ts';
import { type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { resolvedPerson } from '../events.ts';
import { valuesOf } from '../property.ts';
import { type Asked, tooMuch } from './asked.ts';
import { exclusionMask, isRowOfPersons, reachOf, scope, stepMask, unitOf } from './rows.ts';
import type { Row } from './solver/journey.ts';
import { createPlan, type Plan } from './solver/ordered.ts';
import { attributionOf, bucketsOrNone, personalBuckets, rowValue, touched } from './values.ts';

/** A unit's rows in order of time, then message id. `hash` orders units; `ownBuckets`: those of the breakdown that the unit has whatever its rows. */
export type UnitRows = {
  unit: string;
  hash: bigint;
  person: string;
  ownBuckets: readonly string[];
  rows: readonly Row[];
};

/** Rows that one question may bring here. */
export const mostFollowed = 5_000_000;
/** Rows that are read at once, roughly: some 5 MB of text. */
const rowsAtOnce = 150_000;
/** Rows between two pauses, so that nothing else in this process waits for long. */
const rowsBetweenPauses = 5000;

const hashes = 2n ** 64n;

const Count = z.object({ rows: z.coerce.number() });
const Unit = z.object({
  unit: z.string(),
  hash: z.string(),
  person: z.string(),
  ownBuckets: z.array(z.string()),
  /** \`time,mask,mask;…\`: one value to parse for each unit, not three for each row. */
  rows: z.string(),
  values: z.array(z.string()),
  constants: z.array(z.array(z.string())),
  ids: z.array(z.string()),
  names: z.array(z.string()),
});

/** Whose rows are read: of certain units, or of those from a hash on. `isNamed`: with message ids and names. */
export type Units = { units?: readonly string[]; least?: bigint; isNamed?: boolean };

/** Hashes from `least` up to, not including, `end`. */
type HashRange = { least: bigint; end: bigint };
type Selection = { units?: readonly string[] | undefined; hashes?: HashRange; isNamed?: boolean };

export const planOf = (query: Funnel): Plan =>
  createPlan({
    order: query.order,
    steps: query.steps.map(({ optional, withinSeconds }) => ({
      isOptional: optional === true,
      withinMs: (withinSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    })),
    windowMs: query.windowSeconds * 1000,
    from: Date.parse(query.from),
    to: Date.parse(query.to),
    until: reachOf(query).until,
    reentry: query.reentry,
    isOpen: query.open,
    exclusions: query.exclusions.map((each) => gapOf(each, query.steps.length)),
    exclusionEffect: query.exclusionEffect,
    isConstant: query.constant !== undefined,
    countsEntries: query.countBy === 'entry',
  });

const isSelected = ({ site, query }: Asked, { units, hashes: range }: Selection): Sql => {
  if (units === undefined && range === undefined) return sql`1`;
  const isPerson = query.countBy === 'person' || query.countBy === 'entry';
  const isIn = (value: Sql): Sql => {
    if (range !== undefined)
      return sql`${value} BETWEEN ${typed('UInt64', range.least)} AND ${typed('UInt64', range.end - 1n)}`;
    const list = units ?? [];
    return sql`${value} IN (SELECT ${isPerson ? sql`toUInt64(arrayJoin(${list}))` : sql`arrayJoin(${list})`})`;
  };
  if (isPerson) return isRowOfPersons(site, isIn);
  const { key, hash } = unitOf(query);
  return isIn(range === undefined ? key : hash(key));
};

/** A list, one value a row, where somebody needs it. */
const listOf = (isNeeded: boolean, value: Sql): Sql =>
  isNeeded ? sql`arrayMap(row -> ${value}, sorted)` : sql`emptyArrayString()`;

const journeysSql = (asked: Asked, selection: Selection): Sql => {
  const { site, query } = asked;
  const { key, hash } = unitOf(query);
  const { breakdown, constant } = query;
  const attribution = breakdown === undefined ? null : attributionOf(breakdown);
  const value = rowValue(breakdown);
  const held = constant === undefined ? sql`emptyArrayString()` : valuesOf(constant);
  const steps = stepMask(site, query);
  const exclusions = exclusionMask(query);
  const isEntry = query.open || query.order === 'unordered' ? sql`${steps} != 0` : sql`bitTest(${steps}, 0)`;
  const counts = sql`${steps} != 0 AND ${constant === undefined ? sql`1` : sql`notEmpty(${held})`}`;
  const isTouched = attribution === 'first' || attribution === 'last';
  const grouped = sql`
    SELECT
      ${key} AS unit,
      argMin(${resolvedPerson}, (timestamp, message_id)) AS owner,
      ${isTouched ? touched(attribution, value, counts) : sql`''`} AS touch,
      arrayCompact(arraySort(groupArray((
        toUnixTimestamp64Milli(timestamp),
        message_id,
        ${steps},
        ${exclusions},
        ${attribution === 'all' || attribution === 'step' ? value : sql`''`},
        ${held},
        ${selection.isNamed === true ? sql`toString(event)` : sql`''`})))) AS sorted
    FROM events
    WHERE ${scope(site, query)}
      AND ${query.order === 'strict' ? sql`1` : sql`(${steps} != 0 OR ${exclusions} != 0)`}
      AND ${isSelected(asked, selection)}
    GROUP BY unit
    HAVING countIf(timestamp >= ${new Date(query.from)} AND timestamp < ${new Date(query.to)} AND ${isEntry}) > 0`;
  return sql`
    SELECT
      toString(unit) AS unit,
      toString(${hash(sql`units.unit`)}) AS hash,
      toString(owner) AS person,
      ${attribution === 'person' ? bucketsOrNone : sql`[touch]`} AS ownBuckets,
      arrayStringConcat(arrayMap(row -> concat(toString(row.1), ' ', toString(row.3), ' ', toString(row.4)), sorted), ';') AS rows,
      ${listOf(attribution === 'all' || attribution === 'step', sql`row.5`)} AS values,
      ${listOf(constant !== undefined, sql`row.6`)} AS constants,
      ${listOf(selection.isNamed === true, sql`row.2`)} AS ids,
      ${listOf(selection.isNamed === true, sql`row.7`)} AS names
    FROM (${grouped}) AS units
    ${
      breakdown !== undefined && attribution === 'person'
        ? sql`LEFT JOIN (${personalBuckets(site, breakdown, scope(site, query))}) AS persons ON persons.owner = units.owner`
        : sql``
    }
    ORDER BY ${hash(sql`units.unit`)}`;
};

/** Bits that are set, ascending; the same list for the same text. */
const createBits = () => {
  const known = new Map<string, readonly number[]>();
  return (text: string): readonly number[] => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const bits = [...BigInt(text).toString(2)].reverse().flatMap((bit, index) => (bit === '1' ? [index] : []));
    known.set(text, bits);
    return bits;
  };
};

const nothing: readonly number[] = [];

/** Where a value is to be constant, a row without one matches nothing. */
const asUnitRows = (
  row: z.infer<typeof Unit>,
  isConstant: boolean,
  bitsOf: (text: string) => readonly number[],
): UnitRows => ({
  ...row,
  hash: BigInt(row.hash),
  rows: row.rows.split(';').map((text, index) => {
    const [time, steps = '0', exclusions = '0'] = text.split(' ');
    const constants = row.constants[index] ?? [];
    const matches = !isConstant || constants.length > 0;
    return {
      time: Number(time),
      steps: matches ? bitsOf(steps) : nothing,
      exclusions: matches ? bitsOf(exclusions) : nothing,
      value: row.values[index] ?? '',
      constants,
      messageId: row.ids[index] ?? '',
      event: row.names[index] ?? '',
    };
  }),
});

/** Equal parts of all hashes from `least` on, so many that each has about as many rows as are read at once. */
export const partsOf = (rows: number, least: bigint): HashRange[] => {
  const parts = BigInt(Math.max(1, Math.ceil(rows / rowsAtOnce)));
  const size = hashes / parts + 1n;
  return Array.from({ length: Number(parts) }, (_, index) => ({
    least: BigInt(index) * size,
    end: BigInt(Math.min(Number(index + 1), Number(parts))) * size,
  })).flatMap(({ least: start, end }) =>
    end > least ? [{ least: start > least ? start : least, end: end < hashes ? end : hashes }] : [],
  );
};

/** Rows that the question is about. */
export const countRows = async ({ site, query, ask }: Asked): Promise<number> => {
  const [count] = await ask(sql`SELECT count() AS rows FROM events WHERE ${scope(site, query)}`, Count);
  return count?.rows ?? 0;
};

/** The parts in which rows from a hash on are read. */
const partsFrom = async (asked: Asked, least: bigint): Promise<Selection[]> => {
  const rows = await countRows(asked);
  if (rows > mostFollowed)
    throw tooMuch(`The question is about ${rows} events, and ${mostFollowed} at most are followed one by one`);
  const parts = partsOf(rows, least);
  return parts.length === 1 && least === 0n ? [{}] : parts.map((hashes) => ({ hashes }));
};

/**
 * The rows of all units that entered, in order of their hash, part by part: `after` is the least hash. Or the rows of `units`, at once.
 * @throws Failure `query_limit` where there are more rows than are followed one by one
 */
export async function* readJourneys(asked: Asked, options: Units = {}): AsyncGenerator<UnitRows> {
  const { units, isNamed = false } = options;
  const bitsOf = createBits();
  const parts = units === undefined ? await partsFrom(asked, options.least ?? 0n) : [{ units }];
  let sincePause = 0;
  for (const part of parts) {
    const found = await asked.ask(journeysSql(asked, { ...part, isNamed }), Unit, { resultRows: mostFollowed });
    for (const row of found) {
      const unit = asUnitRows(row, asked.query.constant !== undefined, bitsOf);
      yield unit;
      sincePause += unit.rows.length;
      if (sincePause < rowsBetweenPauses) continue;
      sincePause = 0;
      await setImmediate();
    }
  }
}
