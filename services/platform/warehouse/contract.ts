import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { sql, typed } from './sql.ts';
import { RefusedBlock, type Warehouse } from './warehouse.ts';

const lines = (rows: readonly unknown[]): Buffer => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** Text that would break out of a query, a parameter or a text format if anything were pasted. */
const hostile = [
  "it's",
  'back\\slash',
  "'; DROP TABLE events; --",
  'tab\tnew\nline\rreturn',
  '{p0:String}',
  '\\N',
  'NUL\0inside',
  '😀 é',
  '"`',
  '',
  '\\\\',
  "\\'",
  'null',
];

/** The promises of warehouse.ts, as tests, for every adapter. */
export const warehouseContract = (name: string, open: () => Promise<Warehouse>): void => {
  test(`${name}: values come back as they went in`, async () => {
    const warehouse = await open();
    for (const text of hostile) {
      const { rows } = await warehouse.query(
        sql`SELECT ${text} AS text, ${[text, 'b']} AS list`,
        z.object({ text: z.string(), list: z.array(z.string()) }),
      );
      expect(rows).toEqual([{ text, list: [text, 'b'] }]);
    }
  });

  test(`${name}: 64-bit numbers, decimals and times are exact`, async () => {
    const warehouse = await open();
    const at = new Date('2026-10-01T00:00:00.123Z');
    const { rows } = await warehouse.query(
      sql`SELECT ${typed('UInt64', '18446744073709551615')} AS big, toDecimal64(${'19.9'}, 4) AS money, ${at} AS at, ${1.5} AS fraction, ${true} AS yes, ${-3} AS less, ${[1, 2.5]} AS numbers`,
      z.object({
        big: z.string(),
        money: z.string(),
        at: z.string(),
        fraction: z.number(),
        yes: z.boolean(),
        less: z.string(),
        numbers: z.array(z.number()),
      }),
    );
    expect(rows).toEqual([
      {
        big: '18446744073709551615',
        money: '19.9',
        at: '2026-10-01T00:00:00.123Z',
        fraction: 1.5,
        yes: true,
        less: '-3',
        numbers: [1, 2.5],
      },
    ]);
  });

  test(`${name}: a regular expression that is none is refused as such, with what is wrong`, async () => {
    const warehouse = await open();
    await expect(warehouse.query(sql`SELECT match('a', ${'a('}) AS found`, z.object({}))).rejects.toMatchObject({
      code: 'bad_request',
      message: 'matches: expected a regular expression as RE2 reads it, got one of which it says: missing ): a(',
    });
  });

  test(`${name}: dates, absent values and long lists`, async () => {
    const warehouse = await open();
    const ids = Array.from({ length: 15_000 }, (_, index) => `id-${index}-'\\`);
    const { rows } = await warehouse.query(
      sql`
        SELECT
          ${typed('Nullable(String)', null)} AS nothing,
          ${typed('Nullable(Decimal(18, 4))', '-0.0001')} AS least,
          ${typed('Date', '2026-02-28')} AS day,
          toDateTime(${new Date('2026-10-01T23:59:59.999Z')}) AS second,
          toDateTime64('2026-10-01 00:00:00.120', 3, 'UTC') AS stamp,
          ${1e300} AS huge,
          length(${ids}) AS ids,
          ${ids}[15000] AS last`,
      z.object({
        nothing: z.null(),
        least: z.string(),
        day: z.string(),
        second: z.string(),
        stamp: z.string(),
        huge: z.number(),
        ids: z.string(),
        last: z.string(),
      }),
    );
    expect(rows).toEqual([
      {
        nothing: null,
        least: '-0.0001',
        day: '2026-02-28',
        second: '2026-10-01T23:59:59Z',
        stamp: '2026-10-01T00:00:00.120Z',
        huge: 1e300,
        ids: '15000',
        last: ids.at(-1),
      },
    ]);
  });

  test(`${name}: a long question holds up neither short ones nor inserts`, async () => {
    const warehouse = await open();
    await warehouse.command(sql`CREATE TABLE contract_beside (id UInt64) ENGINE = MergeTree ORDER BY id`);
    const long = (seconds: number) =>
      warehouse
        .query(sql`SELECT sum(sipHash64(number, ${7})) AS n FROM numbers(100000000000)`, z.object({}), { seconds })
        .catch(() => undefined);
    const ended: string[] = [];
    const running = Promise.all([long(4), long(4)]).then(() => ended.push('long'));
    for (let turn = 0; turn < 3; turn += 1) {
      await warehouse.insert('contract_beside', ['id'], lines([[turn]]));
      const { rows } = await warehouse.query(
        sql`SELECT count() AS rows, ${turn} AS turn FROM contract_beside`,
        z.object({ rows: z.string(), turn: z.string() }),
      );
      expect(rows).toEqual([{ rows: String(turn + 1), turn: String(turn) }]);
    }
    ended.push('short');
    await running;
    expect(ended).toEqual(['short', 'long']);
  });

  test(`${name}: a running question shows how far it is, and stops when nobody waits for it`, async () => {
    const warehouse = await open();
    const nobody = new AbortController();
    const long = warehouse
      .query(sql`SELECT sum(sipHash64(number, ${7})) AS n FROM numbers(100000000000)`, z.object({}), {
        name: 'shop-1/endless/one',
        signal: nobody.signal,
      })
      .catch((error: unknown) => error);
    await vi.waitFor(
      async () => {
        const [running] = await warehouse.running('shop-1/');
        expect(running).toMatchObject({ name: 'shop-1/endless/one', rowsTotal: 100_000_000_000 });
        expect(running?.rowsRead).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    expect(await warehouse.running('shop/')).toEqual([]);
    nobody.abort();
    expect(await long).toMatchObject({ code: 'unavailable' });
    await vi.waitFor(async () => expect(await warehouse.running('shop-1/')).toEqual([]), { timeout: 10_000 });
  });

  test(`${name}: values of questions asked at once do not mix`, async () => {
    const warehouse = await open();
    const Row = z.object({ first: z.string(), second: z.string() });
    const asked = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const { rows } = await warehouse.query(sql`SELECT ${`a${index}`} AS first, ${`b${index}`} AS second`, Row);
        return rows;
      }),
    );
    asked.forEach((rows, index) => {
      expect(rows).toEqual([{ first: `a${index}`, second: `b${index}` }]);
    });
  });

  test(`${name}: what was inserted is seen by the next query, hostile text included`, async () => {
    const warehouse = await open();
    await warehouse.command(sql`CREATE TABLE contract_seen (id UInt64, text String) ENGINE = MergeTree ORDER BY id`);
    await warehouse.insert('contract_seen', ['id', 'text'], lines(hostile.map((text, id) => [id, text])));
    const { rows, rowsRead } = await warehouse.query(
      sql`SELECT text FROM contract_seen ORDER BY id`,
      z.object({ text: z.string() }),
    );
    expect(rows.map(({ text }) => text)).toEqual(hostile);
    expect(rowsRead).toBe(hostile.length);
  });

  test(`${name}: a block with a bad row is refused as such`, async () => {
    const warehouse = await open();
    await warehouse.command(sql`CREATE TABLE contract_bad (id UInt8) ENGINE = MergeTree ORDER BY id`);
    await expect(warehouse.insert('contract_bad', ['id'], lines([[1], ['x']]))).rejects.toThrow(RefusedBlock);
  });

  test(`${name}: rows in binary are refused as a bug where the table has other types than they say`, async () => {
    const warehouse = await open();
    await warehouse.command(sql`CREATE TABLE contract_types (id UInt8) ENGINE = MergeTree ORDER BY id`);
    const insert = (type: string, bytes: readonly number[]) => {
      const text = (value: string) => [value.length, ...Buffer.from(value)];
      const rows = [Buffer.from([1, ...text('id'), ...text(type)]), Buffer.from(bytes)];
      return warehouse.insert('contract_types', ['id'], rows, 'RowBinaryWithNamesAndTypes');
    };
    await insert('UInt8', [7, 9]);
    const { rows } = await warehouse.query(sql`SELECT id FROM contract_types`, z.object({ id: z.number() }));
    expect(rows).toEqual([{ id: 7 }, { id: 9 }]);
    await expect(insert('UInt16', [7, 0])).rejects.not.toThrow(RefusedBlock);
    await expect(insert('UInt16', [7, 0])).rejects.not.toThrow(Failure);
  });

  test(`${name}: a question that is too much says which limit it hit`, async () => {
    const warehouse = await open();
    const Row = z.object({ number: z.string() });
    const limit = (limits: object, statement = sql`SELECT number FROM numbers(1000000)`) =>
      warehouse.query(statement, Row, limits);
    await expect(limit({ resultRows: 100 })).rejects.toMatchObject({
      code: 'query_limit',
      message: expect.stringContaining('the 100 rows'),
    });
    await expect(
      limit({ memoryBytes: 1_000_000 }, sql`SELECT arrayJoin(groupArray(number)) AS number FROM numbers(10000000)`),
    ).rejects.toMatchObject({ code: 'query_limit', message: expect.stringContaining('memory than the 1 MB') });
    await expect(
      limit({ seconds: 1 }, sql`SELECT sum(sipHash64(number)) AS number FROM numbers(100000000000)`),
    ).rejects.toMatchObject({ code: 'query_limit', message: expect.stringContaining('longer than 1 s') });
  });

  test(`${name}: a wrong statement of ours is a bug, not a failure`, async () => {
    const warehouse = await open();
    for (const work of [
      warehouse.query(sql`SELEC 1`, z.object({})),
      warehouse.insert('no_such_table', ['id'], lines([[1]])),
    ]) {
      const error: unknown = await work.then(
        () => 'no error',
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(Failure);
      expect(error).not.toBeInstanceOf(RefusedBlock);
    }
  });
};
