import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { identifier, sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { createGathered } from './gathered.ts';
import { createInsert } from './insert.ts';

/** Who claims what: a code for an action, a redemption for an order. */
export type Claim = { site: string; subject: string; claimant: string };

/**
 * What only one may have, without a lock and without a clock, on one machine or many. A claimant writes that it claims, then reads who else does: alone, it holds; else it writes that it gives
 * way. Each writes before it reads, so of two at once at most one can see itself alone; perhaps none does, and both may try again. Once held, a subject is never another's.
 */
export type Claims = {
  /** Whether the claimant holds the subject from now on. False: somebody else does, or there was a tie, in which nobody need hold it. */
  claim(claim: Claim): Promise<boolean>;
  /** Subjects that the claimant claimed and did not give up, e.g. before a crash. To claim them again is safe. */
  claimedBy(site: string, claimant: string): Promise<readonly string[]>;
};

const columns = ['site', 'subject', 'claimant', 'attempt', 'kind', 'at'] as const;
/** Asked after together: their names travel in the address of a question. */
const mostAsked = 500;

const Row = z.object({ key: z.string(), held: z.array(z.string()) });
type Key = { site: string; key: string };

export const createClaims = (deps: { warehouse: Warehouse; now: () => number }): Claims => {
  const { warehouse, now } = deps;
  const insert = createInsert(warehouse, 'claims', columns);

  /** What stands in one column beside a value of the other, of attempts that were not given up. */
  const standing = (by: 'subject' | 'claimant', of: 'subject' | 'claimant') =>
    createGathered<Key, readonly string[]>({
      most: mostAsked,
      by: ({ site }) => site,
      work: async (asked) => {
        const keys = asked.map(({ key }) => key);
        const { rows } = await warehouse.query(
          sql`
            SELECT ${identifier(by)} AS key, groupUniqArray(${identifier(of)}) AS held
            FROM (
              SELECT subject, claimant
              FROM claims
              WHERE site = ${asked[0]?.site ?? ''}
                AND ${identifier(by)} IN (SELECT arrayJoin(${keys}))
              GROUP BY subject, claimant, attempt
              HAVING countIf(kind = 'released') = 0
            )
            GROUP BY key`,
          Row,
          { isLastWord: true },
        );
        const found = new Map(rows.map(({ key, held }) => [key, held]));
        return keys.map((key) => found.get(key) ?? []);
      },
    });
  const claimantsOf = standing('subject', 'claimant');
  const subjectsOf = standing('claimant', 'subject');

  return {
    claim: async ({ site, subject, claimant }) => {
      const attempt = randomUUID();
      const write = (kind: 'claimed' | 'released') =>
        insert([site, subject, claimant, attempt, kind, columnTime(now())]);
      await write('claimed');
      const isAlone = (await claimantsOf({ site, key: subject })).every((each) => each === claimant);
      if (!isAlone) await write('released');
      return isAlone;
    },
    claimedBy: (site, claimant) => subjectsOf({ site, key: claimant }),
  };
};
