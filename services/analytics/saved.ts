import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Definition, DefinitionKind, Definitions } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';
import { expectedVersion } from '../platform/http/if-match.ts';

/** Saved documents of a kind, as routes need them; what is not there is a Failure `not_found`, also where another site has it. */
export type Saved<T> = {
  list(site: string): Promise<Definition<T>[]>;
  one(site: string, id: string): Promise<Definition<T>>;
  versions(site: string, id: string): Promise<Definition<T>[]>;
  create(site: string, document: T): Promise<Definition<T>>;
  /** With `If-Match` in the request, only over that version. */
  change(site: string, id: string, document: T, request: FastifyRequest): Promise<Definition<T>>;
  remove(site: string, id: string): Promise<{ id: string }>;
};

const author = 'admin';

export const createSaved = <T>(definitions: Definitions, kind: DefinitionKind, schema: z.ZodType<T>): Saved<T> => {
  const missing = (id: string) => new Failure('not_found', `There is no ${kind} ${id}.`);

  const one = async (site: string, id: string): Promise<Definition<T>> => {
    const found = await definitions.get(kind, site, id, schema);
    if (found === null) throw missing(id);
    return found;
  };

  return {
    list: (site) => definitions.list(kind, site, schema),
    one,
    versions: async (site, id) => {
      const found = await definitions.versions(kind, site, id, schema);
      if (found.length === 0) throw missing(id);
      return found;
    },
    create: (site, document) => definitions.put(kind, site, randomUUID(), document, { author, expectedVersion: 0 }),
    change: async (site, id, document, request) => {
      await one(site, id);
      return definitions.put(kind, site, id, document, { author, ...expectedVersion(request) });
    },
    remove: async (site, id) => {
      await definitions.remove(kind, site, id, author);
      return { id };
    },
  };
};
