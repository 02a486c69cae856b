import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
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

const SubjectRow = z.object({ subject: z.string(), claimants: z.array(z.string()) });
const ClaimantRow = z.object({ claimant: z.string(), subjects: z.array(z.string()) });

/** Attempts that were not given up. */
const standing = sql`HAVING countIf(kind = 'released') = 0`;

export const createClaims = (deps: { warehouse: Warehouse; now: () => number }): Claims => {
  const { warehouse, now } = deps;
  const insert = createInsert(warehouse, 'claims', columns);

  const claimantsOf = createGathered<Pick<Claim, 'site' | 'subject'>, readonly string[]>({
    most: mostAsked,
    by: ({ site }) => site,
    work: async (asked) => {
      const subjects = asked.map(({ subject }) => subject);
      const { rows } = await warehouse.query(
        sql`
          SELECT subject, groupUniqArray(claimant) AS claimants
          FROM (
            SELECT subject, claimant
            FROM claims
            WHERE site = ${asked[0]?.site ?? ''}
              AND subject IN (SELECT arrayJoin(${subjects}))
            GROUP BY subject, claimant, attempt
            ${standing}
          )
          GROUP BY subject`,
        SubjectRow,
        { isLastWord: true },
      );
      const found = new Map(rows.map(({ subject, claimants }) => [subject, claimants]));
      return subjects.map((subject) => found.get(subject) ?? []);
    },
  });

  const subjectsOf = createGathered<Pick<Claim, 'site' | 'claimant'>, readonly string[]>({
    most: mostAsked,
    by: ({ site }) => site,
    work: async (asked) => {
      const claimants = asked.map(({ claimant }) => claimant);
      const { rows } = await warehouse.query(
        sql`
          SELECT claimant, groupUniqArray(subject) AS subjects
          FROM (
            SELECT subject, claimant
            FROM claims
            WHERE site = ${asked[0]?.site ?? ''}
              AND claimant IN (SELECT arrayJoin(${claimants}))
            GROUP BY subject, claimant, attempt
            ${standing}
          )
          GROUP BY claimant`,
        ClaimantRow,
        { isLastWord: true },
      );
      const found = new Map(rows.map(({ claimant, subjects }) => [claimant, subjects]));
      return claimants.map((claimant) => found.get(claimant) ?? []);
    },
  });

  return {
    claim: async ({ site, subject, claimant }) => {
      const attempt = randomUUID();
      const write = (kind: 'claimed' | 'released') =>
        insert([site, subject, claimant, attempt, kind, columnTime(now())]);
      await write('claimed');
      const isAlone = (await claimantsOf({ site, subject })).every((each) => each === claimant);
      if (!isAlone) await write('released');
      return isAlone;
    },
    claimedBy: (site, claimant) => subjectsOf({ site, claimant }),
  };
};
