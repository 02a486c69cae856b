import { type Sql, sql } from '../../platform/warehouse/sql.ts';

/** Codes are compared in capitals, however they are typed. */
export const normalized = (code: string): string => code.trim().toUpperCase();

const prefix = 'code/';
/** A code as what an action claims (claims.ts). */
export const subjectOf = (code: string): string => `${prefix}${code}`;
export const codeOf = (subject: string): string | null =>
  subject.startsWith(prefix) ? subject.slice(prefix.length) : null;

/** Codes of a site that somebody has, or may have. */
export const takenCodes = (site: string): Sql => sql`
  SELECT substring(subject, ${prefix.length + 1})
  FROM (
    SELECT subject
    FROM claims
    WHERE site = ${site}
      AND startsWith(subject, ${prefix})
    GROUP BY subject, claimant, attempt
    HAVING countIf(kind = 'released') = 0
  )`;
