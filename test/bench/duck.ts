import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sql } from '../../services/platform/warehouse/sql.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../../services/questions/events.ts';
import { dataFolder, from, to } from './shop-data.ts';

/**
 * The same events in DuckDB, in a table of its own with the columns that the questions need, sorted so that it leaves out what a question does not touch. Persons are resolved
 * beforehand, which ours does while it answers.
 */
export type Duck = { ask(text: string): Promise<Record<string, unknown>[]>; close(): void };

const day = 86_400_000;

/** Day by day, so that no request takes long. */
const exportParquet = async (warehouse: Warehouse, folder: string): Promise<void> => {
  for (let at = from.getTime(); at < to.getTime(); at += day)
    await warehouse.command(sql`
      INSERT INTO FUNCTION file(${join(folder, `${at}.parquet`)}, 'Parquet')
      SELECT
        site,
        ${resolvedPerson} AS person,
        toUnixTimestamp64Milli(timestamp) AS ms,
        event,
        session,
        toFloat64(revenue) AS revenue,
        campaign_source AS source
      FROM events
      WHERE timestamp >= ${new Date(at)}
        AND timestamp < ${new Date(at + day)}`);
};

export const openDuck = async (warehouse: Warehouse, events: number): Promise<Duck> => {
  const file = `${dataFolder(events)}.duckdb`;
  if (!existsSync(file)) {
    const making = `${file}.making`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making);
    await exportParquet(warehouse, making);
    const instance = await DuckDBInstance.create(join(making, 'events.db'));
    const connection = await instance.connect();
    await connection.run(
      `CREATE TABLE events AS SELECT * FROM read_parquet('${making}/*.parquet') ORDER BY site, event, ms`,
    );
    connection.closeSync();
    instance.closeSync();
    await rename(join(making, 'events.db'), file);
    await rm(making, { recursive: true });
  }
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  return {
    ask: async (text) => (await connection.runAndReadAll(text)).getRowObjectsJson(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export type DuckAsk = { site: string; steps: readonly string[]; from: number; to: number; windowSeconds: number };

/** How many persons reached each step, for steps with different names: the newest entry that stands at each step, carried on row by row. */
export const duckFunnelByWindows = ({ site, steps, from: first, to: end, windowSeconds }: DuckAsk): string => {
  const window = windowSeconds * 1000;
  const levels = steps.map((_, step) => {
    const arrives =
      step === 0
        ? `step = 0 AND ms >= ${first} AND ms < ${end} THEN ms`
        : `step = ${step} AND ms - entry${step - 1} <= ${window} THEN entry${step - 1}`;
    return `level${step} AS (
      SELECT *, max(CASE WHEN ${arrives} END) OVER (PARTITION BY person ORDER BY ms, step ROWS UNBOUNDED PRECEDING) AS entry${step}
      FROM ${step === 0 ? 'found' : `level${step - 1}`})`;
  });
  return `
    WITH found AS (
      SELECT person, ms, CASE event ${steps.map((name, step) => `WHEN ${quoted(name)} THEN ${step}`).join(' ')} END AS step
      FROM events
      WHERE site = ${quoted(site)} AND event IN (${steps.map(quoted).join(', ')}) AND ms >= ${first} AND ms < ${end + window}),
    ${levels.join(',\n')}
    SELECT ${steps.map((_, step) => `count(*) FILTER (reached${step}) AS step${step}`).join(', ')}
    FROM (
      SELECT person, ${steps.map((_, step) => `max(entry${step}) IS NOT NULL AS reached${step}`).join(', ')}
      FROM level${steps.length - 1}
      GROUP BY person)`;
};

/** The same by what comes next after each entry, step by step: for steps with different names the earliest is never worse. */
export const duckFunnelByNext = ({ site, steps, from: first, to: end, windowSeconds }: DuckAsk): string => {
  const window = windowSeconds * 1000;
  const rows = (step: number): string => `
    SELECT person, ms
    FROM events
    WHERE site = ${quoted(site)} AND event = ${quoted(steps[step] ?? '')} AND ms >= ${first} AND ms < ${step === 0 ? end : end + window}`;
  const levels = steps.map((_, step) =>
    step === 0
      ? `level0 AS (SELECT person, ms AS entry, ms FROM (${rows(0)}))`
      : `level${step} AS (
        SELECT before.person, before.entry, next.ms
        FROM level${step - 1} AS before
        ASOF JOIN (${rows(step)}) AS next ON next.person = before.person AND next.ms >= before.ms
        WHERE next.ms - before.entry <= ${window})`,
  );
  return `
    WITH ${levels.join(',\n')}
    SELECT ${steps.map((_, step) => `(SELECT count(DISTINCT person) FROM level${step}) AS step${step}`).join(', ')}`;
};
