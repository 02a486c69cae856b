import { z } from 'zod';
import { Failure } from '../platform/failure.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { patternOf } from './comparison.ts';

const Tried = z.object({ isMatch: z.number() });

type Pattern = { path: string; value: string };

/** Patterns of conditions, wherever they stand in a document, with their field. */
const patternsIn = (value: unknown, path: readonly string[] = []): Pattern[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own =
    'op' in value && value.op === 'matches' && 'value' in value
      ? [{ path: [...path, 'value'].join('.'), value: String(value.value) }]
      : [];
  return [...own, ...Object.entries(value).flatMap(([name, each]) => patternsIn(each, [...path, name]))];
};

/**
 * Tries the patterns of a document before it is saved, on the engine: it alone knows what it reads.
 * @throws Failure `bad_request` with the field of the first that is no pattern
 */
export const tryPatterns = async (warehouse: Warehouse, document: unknown): Promise<void> => {
  for (const { path, value } of patternsIn(document)) {
    try {
      await warehouse.query(sql`SELECT match('', ${patternOf(value)}) AS isMatch`, Tried);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'bad_request') throw error;
      const { message } = error;
      throw new Failure('bad_request', `${path}: ${message}`, { errors: [{ path, message }], cause: error });
    }
  }
};
