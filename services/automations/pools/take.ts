import { z } from 'zod';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import type { Claims } from '../claims.ts';
import { codeOf, subjectOf, takenCodes } from './names.ts';

type PoolCode = { code: string; printed: string };
type Taker = { site: string; pool: string; claimant: string };

/** Codes that nobody has are read so many at a time, from anywhere in the pool, so that several machines seldom reach for the same. */
const codesAtOnce = 2000;
/** A pool that was found dry is looked at again after that, or thousands of mails that wait for codes would each look. */
const dryMilliseconds = 1000;
/** Every code that was reached for was somebody else's: the mail is tried again later. */
const mostTries = 20;

const Row = z.object({ code: z.string(), printed: z.string() });

type Shelf = { codes: PoolCode[]; readAt: number; reading: Promise<void> | null };

/**
 * A code of the pool for whoever claims it, who has it for good: the same again, also after a crash in between. Null where the pool has none left. Costs an insert and a question or two, which those
 * who take codes at the same time share.
 */
export const createTake = (deps: {
  warehouse: Warehouse;
  claims: Claims;
  now: () => number;
}): ((taker: Taker) => Promise<PoolCode | null>) => {
  const { warehouse, claims, now } = deps;
  const shelves = new Map<string, Shelf>();

  const shelfOf = ({ site, pool }: Taker): Shelf => {
    const key = `${site}/${pool}`;
    const shelf = shelves.get(key) ?? { codes: [], readAt: Number.NEGATIVE_INFINITY, reading: null };
    shelves.set(key, shelf);
    return shelf;
  };

  const read = async (shelf: Shelf, { site, pool }: Taker): Promise<void> => {
    const salt = String(Math.random());
    const { rows } = await warehouse.query(
      sql`
        SELECT code, any(pool_codes.printed) AS printed
        FROM pool_codes
        WHERE site = ${site}
          AND pool = ${pool}
          AND code NOT IN (${takenCodes(site)})
        GROUP BY code
        ORDER BY cityHash64(code, ${salt})
        LIMIT ${codesAtOnce}`,
      Row,
      { isLastWord: true },
    );
    shelf.codes = rows;
    shelf.readAt = now();
  };

  const next = async (taker: Taker): Promise<PoolCode | null> => {
    const shelf = shelfOf(taker);
    if (shelf.codes.length === 0 && (shelf.reading !== null || now() - shelf.readAt >= dryMilliseconds)) {
      shelf.reading ??= read(shelf, taker).finally(() => {
        shelf.reading = null;
      });
      await shelf.reading;
    }
    return shelf.codes.pop() ?? null;
  };

  /** What it had reached for before a crash. */
  const before = async ({ site, pool, claimant }: Taker): Promise<PoolCode[]> => {
    const codes = (await claims.claimedBy(site, claimant)).flatMap((subject) => codeOf(subject) ?? []);
    if (codes.length === 0) return [];
    const { rows } = await warehouse.query(
      sql`
        SELECT code, any(pool_codes.printed) AS printed
        FROM pool_codes
        WHERE site = ${site}
          AND pool = ${pool}
          AND code IN (SELECT arrayJoin(${codes}))
        GROUP BY code
        ORDER BY code`,
      Row,
    );
    return rows;
  };

  return async (taker) => {
    const { site, claimant } = taker;
    const isOurs = ({ code }: PoolCode) => claims.claim({ site, subject: subjectOf(code), claimant });
    for (const candidate of await before(taker)) if (await isOurs(candidate)) return candidate;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const candidate = await next(taker);
      if (candidate === null) return null;
      if (await isOurs(candidate)) return candidate;
    }
    return null;
  };
};
