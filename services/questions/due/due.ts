import { z } from 'zod';
import type { Basket } from '../../../schemas/api/abandonment.ts';
import type { Automation } from '../../../schemas/automation.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { abandonedBaskets } from '../abandonment/abandonment.ts';
import { eligibility, type Facts, type HeldReason } from './eligibility.ts';
import { isHeldOut } from './holdout.ts';

export type Candidate = { basket: Basket; occasion: string; actionId: string };
export type Due = { due: Candidate[]; heldBack: (Candidate & { reason: HeldReason })[] };

/** The basket as it was left: left again later, it is another occasion. */
export const occasionOf = ({ cartId, lastActivity }: Pick<Basket, 'cartId' | 'lastActivity'>): string =>
  `${cartId}@${lastActivity}`;

const Address = z.object({ address: z.string() });
const Written = z.object({ actionId: z.string(), userId: z.string(), isRecent: z.coerce.number() });

/** Values travel in the address of the question, and servers take addresses of some length only (Node's 16 KB with all headers). */
const pieceCharacters = 4000;

/** Different values, in lists that fit into one question each. */
const inPieces = (values: readonly string[]): string[][] => {
  const pieces: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const value of new Set(values)) {
    const length = encodeURIComponent(value).length + 9;
    if (size + length > pieceCharacters) {
      pieces.push([]);
      size = 0;
    }
    pieces.at(-1)?.push(value);
    size += length;
  }
  return pieces;
};

/** Those of the addresses that must not be written to. */
export const suppressedAmong = async (
  warehouse: Warehouse,
  site: string,
  addresses: readonly string[],
): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const some of inPieces(addresses.map((address) => address.toLowerCase()))) {
    const { rows } = await warehouse.query(
      sql`
        SELECT address
        FROM suppressions
        WHERE site = ${site}
          AND address IN (SELECT arrayJoin(${some}))
        GROUP BY address
        HAVING argMax(active, (at, active)) = 1`,
      Address,
    );
    for (const { address } of rows) found.add(address);
  }
  return found;
};

/** Phases after which nothing was or will be sent for the action. */
const unsentPhases = ['skipped', 'held', 'failed'];

/** Actions of the automation that are these, or that concern these users within the quiet time. */
const written = async (
  warehouse: Warehouse,
  site: string,
  ask: { automation: string; candidates: readonly Candidate[]; since: number },
): Promise<z.infer<typeof Written>[]> => {
  const found: z.infer<typeof Written>[] = [];
  // An action is always its user's, so the users find the actions too.
  for (const users of inPieces(ask.candidates.map(({ basket }) => basket.userId))) {
    const { rows } = await warehouse.query(
      sql`
      SELECT
        action_id AS actionId,
        any(user_id) AS userId,
        max(at) >= ${new Date(ask.since)} AND argMax(phase, sequence) NOT IN (${unsentPhases[0] ?? ''}, ${unsentPhases[1] ?? ''}, ${unsentPhases[2] ?? ''}) AS isRecent
      FROM ledger
      WHERE site = ${site}
        AND automation = ${ask.automation}
        AND user_id IN (SELECT arrayJoin(${users}))
      GROUP BY action_id`,
      Written,
    );
    found.push(...rows);
  }
  return found;
};

/**
 * Who gets a mail of this automation now, and why the others do not. Asked by the planner, by the preview and by nobody else, so that they
 * cannot disagree. Its cost grows with the baskets left within the automation's times, not with all people.
 */
export const due = async (
  warehouse: Warehouse,
  site: { id: string; currency: string; holdoutPercent: number },
  automation: { id: string; document: Automation; actionIdOf: (basket: Basket, occasion: string) => string },
  options: { now: number },
): Promise<Due> => {
  const { trigger, quietSeconds } = automation.document;
  const baskets = await abandonedBaskets(warehouse, site, { ...trigger, now: options.now });
  const candidates = baskets.map((basket) => {
    const occasion = occasionOf(basket);
    return { basket, occasion, actionId: automation.actionIdOf(basket, occasion) };
  });
  const addresses = baskets.map(({ email }) => email).filter((email) => email !== '');
  const [suppressed, actions] = await Promise.all([
    suppressedAmong(warehouse, site.id, addresses),
    written(warehouse, site.id, { automation: automation.id, candidates, since: options.now - quietSeconds * 1000 }),
  ]);
  const planned = new Set(actions.map(({ actionId }) => actionId));
  const recent = new Set(actions.filter(({ isRecent }) => isRecent === 1).map(({ userId }) => userId));
  const answer: Due = { due: [], heldBack: [] };
  for (const candidate of candidates) {
    const facts: Facts = {
      isSuppressed: suppressed.has(candidate.basket.email.toLowerCase()),
      isPlanned: planned.has(candidate.actionId),
      isWrittenRecently: recent.has(candidate.basket.userId),
      isHeldOut: isHeldOut(
        site,
        { id: automation.id, holdoutPercent: automation.document.holdoutPercent },
        candidate.basket.userId,
      ),
    };
    const verdict = eligibility(candidate.basket, facts);
    if (verdict.kind === 'due') answer.due.push(candidate);
    else answer.heldBack.push({ ...candidate, reason: verdict.reason });
  }
  return answer;
};
