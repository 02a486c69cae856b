import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type EventColumn, eventColumns, eventColumnTypes } from '../../schemas/event.ts';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { EventRow } from './row.ts';
import { bodyOf, createRowEncoder } from './row-bytes.ts';
import { decimal } from './values.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', '\0', "it's\t\n\\N", '😀é', 'x'.repeat(127), 'é'.repeat(64), 'y'.repeat(16_384)),
);
const anyTime = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) - 1 });
const anyDecimal = fc
  .oneof(
    fc.double({ min: -1e14, max: 1e14, noNaN: true }),
    fc.constantFrom('99999999999999.9999', '-99999999999999.9999', '-0.0001', '-0.5', '0', '12.30'),
  )
  .map(decimal);

const values: Readonly<Record<string, fc.Arbitrary<string | number | null>>> = {
  String: anyText,
  'LowCardinality(String)': anyText,
  "DateTime64(3, 'UTC')": anyTime,
  "Nullable(DateTime64(3, 'UTC'))": fc.option(anyTime),
  'Nullable(Decimal(18, 4))': anyDecimal,
  'Nullable(Int32)': fc.option(fc.integer()),
  'Nullable(Float32)': fc.option(fc.float({ noNaN: true, noDefaultInfinity: true })),
  UInt16: fc.nat(65_535),
  UInt64: fc.nat(Number.MAX_SAFE_INTEGER),
};

const anyRow = fc
  .record(Object.fromEntries(eventColumns.map((column) => [column, values[eventColumnTypes[column]] as never])))
  .map((row) => row as unknown as EventRow);

/** As the warehouse gives a value back. */
const asAnswered = (column: EventColumn, value: string | number | null): unknown => {
  const type = eventColumnTypes[column];
  if (value === null) return null;
  if (type.includes('DateTime64')) return new Date(value).toISOString();
  if (type === 'Nullable(Decimal(18, 4))') {
    const [whole = '', fraction = ''] = String(value).split('.');
    const kept = fraction.replace(/0+$/, '');
    const text = kept === '' ? whole : `${whole}.${kept}`;
    return text === '-0' ? '0' : text;
  }
  if (type === 'UInt64') return String(value);
  return type === 'Nullable(Float32)' ? Math.fround(Number(value)) : value;
};

test('every row comes back as it was encoded: any text, time, number and absence', { timeout: 60_000 }, async () => {
  const warehouse = await openWarehouse();
  const encode = createRowEncoder();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 60 }), async (generated) => {
      round += 1;
      const month = Date.UTC(2026, 0, 1);
      const rows = generated.map((row, index) => ({
        ...row,
        site: `round-${round}`,
        timestamp: month,
        // Of rows with one key the table keeps one.
        message_id: `${index} ${row.message_id}`,
        log_offset: index,
      }));
      await warehouse.insert('events', eventColumns, bodyOf(rows.map(encode)), 'RowBinaryWithNamesAndTypes');
      const { rows: answered } = await warehouse.query(
        sql`SELECT * EXCEPT person FROM events WHERE site = ${`round-${round}`} ORDER BY log_offset`,
        z.record(z.string(), z.unknown()),
      );
      expect(answered).toHaveLength(rows.length);
      for (const [index, row] of rows.entries())
        for (const column of eventColumns) {
          const [got, wanted] = [answered[index]?.[column], asAnswered(column, row[column])];
          const isFloat = eventColumnTypes[column] === 'Nullable(Float32)' && got !== null;
          // The answer's digits are a float's: those of a double between.
          expect(isFloat ? Math.fround(Number(got)) + 0 : got, column).toBe(isFloat ? Number(wanted) + 0 : wanted);
        }
    }),
    { numRuns: 20 },
  );
});

test('columns and types are those of the table', async () => {
  const warehouse = await openWarehouse();
  const { rows } = await warehouse.query(
    sql`SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'events' AND name != 'person' ORDER BY position`,
    z.object({ name: z.string(), type: z.string() }),
  );
  expect(Object.fromEntries(rows.map(({ name, type }) => [name, type]))).toEqual(eventColumnTypes);
});
