import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Sql, sql } from './sql.ts';
import type { Warehouse } from './warehouse.ts';

const folder = new URL('./migrations/', import.meta.url);

const Applied = z.object({ name: z.string(), checksum: z.string() });

/** A migration that was applied must not change: add a new one. */
export class ChangedMigration extends Error {}

/** Statements of a file: split at semicolons outside of texts, quoted names and comments; comments are dropped. */
export const splitStatements = (text: string): string[] => {
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.|'')*'|`[^`]*`|"[^"]*"|;|[^-/'`";]+|[\s\S]/g;
  const statements = [''];
  for (const [part] of text.matchAll(token)) {
    if (part === ';') statements.push('');
    else if (!part.startsWith('--') && !part.startsWith('/*')) statements[statements.length - 1] += part;
  }
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '');
};

/** DDL has no values to bind: the text is ours, from a file of this folder. */
const asSql = (text: string): Sql => ({ text, parameters: {} });

/** Applies migrations/*.sql in order, each once; a file can be applied again after a crash half-way (`IF NOT EXISTS`). */
export const migrate = async (warehouse: Warehouse): Promise<{ applied: string[] }> => {
  await warehouse.command(sql`
    CREATE TABLE IF NOT EXISTS migrations (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
    ENGINE = MergeTree ORDER BY name`);
  const { rows } = await warehouse.query(
    sql`SELECT name, any(checksum) AS checksum FROM migrations GROUP BY name`,
    Applied,
  );
  const known = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  const applied: string[] = [];
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex');
    const before = known.get(name);
    if (before === checksum) continue;
    if (before !== undefined)
      throw new ChangedMigration(
        `${name} was applied to this warehouse and has changed since: restore it and add a new migration.`,
      );
    for (const statement of splitStatements(text)) await warehouse.command(asSql(statement));
    await warehouse.insert('migrations', ['name', 'checksum'], Buffer.from(`${JSON.stringify([name, checksum])}\n`));
    applied.push(name);
  }
  return { applied };
};
