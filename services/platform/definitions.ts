import type { z } from 'zod';

export type DefinitionKind = 'site' | 'funnel' | 'automation';

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
