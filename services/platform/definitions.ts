import { z } from 'zod';
import type { Clock } from './clock.ts';
import { Failure } from './failure.ts';
import { createTurns } from './turns.ts';
import { sql } from './warehouse/sql.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

export type DefinitionKind =
  | 'site'
  | 'funnel'
  | 'segment'
  | 'automation'
  | 'contact-rules'
  | 'discount-pool'
  | 'webhook-secret';

export type Definition<T> = { id: string; version: number; changedAt: string; document: T };

/**
 * Versioned JSON documents in the warehouse: every version is kept, the newest counts. Reads come from a cache of at most
 * 10,000 documents that is at most a second behind other processes and never behind this one.
 */
export type Definitions = {
  get<T>(kind: DefinitionKind, site: string, id: string, schema: z.ZodType<T>): Promise<Definition<T> | null>;
  list<T>(kind: DefinitionKind, site: string, schema: z.ZodType<T>): Promise<Definition<T>[]>;
  /** Newest first, deleted versions included. */
  versions<T>(kind: DefinitionKind, site: string, id: string, schema: z.ZodType<T>): Promise<Definition<T>[]>;
  /**
   * Writes the next version. `expectedVersion` 0 means "must not exist"; another number must be the newest version, else a
   * Failure `version_changed`; undefined writes whatever is there.
   */
  put<T>(
    kind: DefinitionKind,
    site: string,
    id: string,
    document: T,
    by: { author: string; expectedVersion?: number },
  ): Promise<Definition<T>>;
  /** Hides it; a Failure `not_found` if there is none. */
  remove(kind: DefinitionKind, site: string, id: string, author: string): Promise<void>;
  close(): Promise<void>;
};

/** How long a cached list is believed without a look at the warehouse. */
const freshMilliseconds = 1000;
/** Documents in cached lists (of a kind and a site); beyond it the oldest lists go. An empty list counts as one. */
const cachedDocuments = 10_000;

const Row = z.object({
  id: z.string(),
  version: z.number(),
  document: z.string(),
  deleted: z.number(),
  changedAt: z.string(),
});
type Row = z.infer<typeof Row>;

const shown = <T>(row: Row, schema: z.ZodType<T>): Definition<T> => ({
  id: row.id,
  version: row.version,
  changedAt: row.changedAt,
  document: schema.parse(JSON.parse(row.document)),
});

const columns = ['kind', 'site', 'id', 'version', 'document', 'deleted', 'author', 'created_at'] as const;

const newest = (kind: DefinitionKind, site: string) => sql`
  SELECT
    id,
    max(version) AS version,
    argMax(document, definitions.version) AS document,
    argMax(deleted, definitions.version) AS deleted,
    argMax(created_at, definitions.version) AS changedAt
  FROM definitions
  WHERE kind = ${kind}
    AND site = ${site}
  GROUP BY id
  ORDER BY id`;

export const createDefinitions = (deps: { warehouse: Warehouse; clock: Clock }): Definitions => {
  const { warehouse, clock } = deps;
  const cache = new Map<string, { readAt: number; rows: Promise<Row[]>; size: number }>();
  /** By document, the writer that came last: the next one waits, so that two cannot both write "the next version". */
  const turns = createTurns();

  /** A list that is larger than the cache is not kept at all. */
  const evict = (): void => {
    let size = [...cache.values()].reduce((sum, list) => sum + list.size, 0);
    for (const [key, list] of cache) {
      if (size <= cachedDocuments) return;
      cache.delete(key);
      size -= list.size;
    }
  };

  const read = (kind: DefinitionKind, site: string): Promise<Row[]> => {
    const key = `${kind} ${site}`;
    const known = cache.get(key);
    if (known !== undefined && clock.now() - known.readAt < freshMilliseconds) return known.rows;
    const rows = warehouse.query(newest(kind, site), Row, { isLastWord: true }).then((answer) => answer.rows);
    const list = { readAt: clock.now(), rows, size: 1 };
    // Deleted first, so that the order of the cache is that of reading.
    cache.delete(key);
    cache.set(key, list);
    rows.then(
      ({ length }) => {
        list.size = Math.max(1, length);
        evict();
      },
      () => {
        if (cache.get(key) === list) cache.delete(key);
      },
    );
    return rows;
  };

  const write = async (kind: DefinitionKind, site: string, row: Row, author: string): Promise<void> => {
    const values = [kind, site, row.id, row.version, row.document, row.deleted, author, row.changedAt.replace('Z', '')];
    try {
      await warehouse.insert('definitions', columns, Buffer.from(`${JSON.stringify(values)}\n`));
    } finally {
      // Also where it failed: the version may be there.
      cache.delete(`${kind} ${site}`);
    }
  };

  const current = async (kind: DefinitionKind, site: string, id: string): Promise<Row | undefined> => {
    cache.delete(`${kind} ${site}`);
    return (await read(kind, site)).find((row) => row.id === id);
  };

  return {
    get: async (kind, site, id, schema) => {
      const row = (await read(kind, site)).find((each) => each.id === id && each.deleted === 0);
      return row === undefined ? null : shown(row, schema);
    },
    list: async (kind, site, schema) =>
      (await read(kind, site)).filter(({ deleted }) => deleted === 0).map((row) => shown(row, schema)),
    versions: async (kind, site, id, schema) => {
      const { rows } = await warehouse.query(
        sql`
          SELECT id, version, document, deleted, created_at AS changedAt
          FROM definitions
          WHERE kind = ${kind}
            AND site = ${site}
            AND id = ${id}
          ORDER BY version DESC
          LIMIT 1 BY version`,
        Row,
      );
      return rows.map((row) => shown(row, schema));
    },
    put: (kind, site, id, document, { author, expectedVersion }) =>
      turns.take(`${kind} ${site} ${id}`, async () => {
        const before = await current(kind, site, id);
        const found = before === undefined || before.deleted === 1 ? 0 : before.version;
        if (expectedVersion !== undefined && expectedVersion !== found)
          throw new Failure('version_changed', `It has version ${found} now, not ${expectedVersion}.`);
        const changedAt = new Date(clock.now()).toISOString();
        const version = (before?.version ?? 0) + 1;
        await write(kind, site, { id, version, document: JSON.stringify(document), deleted: 0, changedAt }, author);
        return { id, version, changedAt, document };
      }),
    remove: (kind, site, id, author) =>
      turns.take(`${kind} ${site} ${id}`, async () => {
        const before = await current(kind, site, id);
        if (before === undefined || before.deleted === 1) throw new Failure('not_found', `There is no ${kind} ${id}.`);
        const changedAt = new Date(clock.now()).toISOString();
        await write(kind, site, { ...before, version: before.version + 1, deleted: 1, changedAt }, author);
      }),
    close: turns.over,
  };
};
