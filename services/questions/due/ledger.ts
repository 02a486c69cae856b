import { z } from 'zod';
import type { Phase } from '../../../schemas/action.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { inPieces } from '../pieces.ts';

const Row = z.object({
  actionId: z.string(),
  userId: z.string(),
  occasion: z.string(),
  /** One that is not known, of a newer version, counts as a message that went: nobody gets one twice. */
  phase: z.string(),
  at: z.coerce.number(),
});
/** An action as the ledger last says of it. `at`: of its newest phase, milliseconds UTC. */
export type Noted = z.infer<typeof Row>;

/** Phases after which nothing was or will be sent for the action. */
const unsent: ReadonlySet<string> = new Set<Phase>(['skipped', 'held', 'failed']);
const unfinished: ReadonlySet<string> = new Set<Phase>(['requested', 'claimed', 'handing-over']);

export const isOver = ({ phase }: Noted): boolean => !unfinished.has(phase);
export const isMessage = ({ phase }: Noted): boolean => !unsent.has(phase);

/** Actions of an automation that concern these users. An action is always its user's, so the users find the actions too. */
export const notedOf = async (
  warehouse: Warehouse,
  site: string,
  automation: string,
  users: readonly string[],
): Promise<Noted[]> => {
  const found: Noted[] = [];
  for (const some of inPieces(users)) {
    const { rows } = await warehouse.query(
      sql`
        SELECT
          action_id AS actionId,
          any(user_id) AS userId,
          any(ledger.occasion) AS occasion,
          argMax(ledger.phase, sequence) AS phase,
          toUnixTimestamp64Milli(max(ledger.at)) AS at
        FROM ledger
        WHERE site = ${site}
          AND automation = ${automation}
          AND user_id IN (SELECT arrayJoin(${some}))
        GROUP BY action_id`,
      Row,
      { resultRows: 1_000_000 },
    );
    found.push(...rows);
  }
  return found;
};
