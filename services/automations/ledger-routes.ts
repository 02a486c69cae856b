import { z } from 'zod';
import type { Settlement } from '../../schemas/action.ts';
import { type ActionAnswer, listActions, settleAction } from '../../schemas/api/automations.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { personOf } from './lanes.ts';
import { KnownPhase, readAction } from './read-action.ts';

const ActionRow = z.object({
  id: z.string(),
  automation: z.string(),
  person: z.string(),
  userId: z.string(),
  action: z.string(),
  phase: KnownPhase,
  reason: z.string(),
  at: z.string(),
  requestedAt: z.string(),
});

/** By the action itself, or, where that cannot be read, by the columns beside it. */
const shown = ({ action: text, ...row }: z.infer<typeof ActionRow>): ActionAnswer => {
  const action = readAction(text);
  if (action === null || row.phase === 'unknown') {
    const nothing = { step: '', email: '', value: null, currency: '', event: '' };
    return { ...row, ...nothing, kind: 'unknown', reason: 'cannot be read: damaged, or written by a newer version' };
  }
  const { stepId, kind, email, basket, event } = action;
  const about = { value: basket?.value ?? null, currency: basket?.currency ?? '', event: event?.name ?? '' };
  return { ...row, step: stepId, kind, email, ...about };
};

/** `time of the newest phase in ms : action id`. */
const parseCursor = (cursor: string): [number, string] => {
  const match = /^(\d{1,15}):([a-z0-9]{1,60})$/.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return [Number(match[1]), match[2] ?? ''];
};

const NewestRow = z.object({ action: z.string(), phase: KnownPhase, newest: z.number() });

/** The performer alone writes what becomes of an action: the decision goes to it by the log, with the row that it is about, so that of two at once one holds. */
const mountSettle = ({ serve, warehouse, log }: Platform): void => {
  serve(settleAction, async ({ params: { site, id }, body: { as } }) => {
    const { rows } = await warehouse.query(
      sql`
        SELECT
          any(ledger.action) AS action,
          argMax(ledger.phase, sequence) AS phase,
          max(sequence) AS newest
        FROM ledger
        WHERE site = ${site}
          AND action_id = ${id}
        GROUP BY action_id`,
      NewestRow,
      { isLastWord: true },
    );
    const [row] = rows;
    const action = row === undefined ? null : readAction(row.action);
    if (row === undefined || action === null)
      throw new Failure('not_found', `There is no action ${id} that can be read.`);
    if (row.phase !== 'uncertain')
      throw new Failure('not_uncertain', `The action ${id} is ${row.phase}, not uncertain.`);
    const settlement: Settlement = { v: 1, kind: 'settlement', as, sequence: row.newest, action };
    const value = Buffer.from(JSON.stringify(settlement));
    await log.append('actions', [{ key: personOf(action), label: site, count: 1, value }]);
    return { id, as };
  });
};

const mountActions = ({ serve, warehouse }: Platform): void => {
  serve(listActions, async ({ params, query }) => {
    const after = query.cursor === undefined ? null : parseCursor(query.cursor);
    const { rows } = await warehouse.query(
      sql`
        SELECT
          action_id AS id,
          any(ledger.automation) AS automation,
          toString(any(ledger.person)) AS person,
          any(user_id) AS userId,
          any(ledger.action) AS action,
          argMax(ledger.phase, sequence) AS phase,
          argMax(ledger.reason, sequence) AS reason,
          max(ledger.at) AS at,
          min(ledger.at) AS requestedAt
        FROM ledger
        WHERE site = ${params.site}
          AND ${query.automation === undefined ? sql`1` : sql`ledger.automation = ${query.automation}`}
        GROUP BY action_id
        HAVING ${query.status === undefined ? sql`1` : sql`argMax(ledger.phase, sequence) = ${query.status}`}
          AND ${after === null ? sql`1` : sql`(toUnixTimestamp64Milli(max(ledger.at)), action_id) < (${after[0]}, ${after[1]})`}
        ORDER BY max(ledger.at) DESC, action_id DESC
        LIMIT ${query.limit + 1}`,
      ActionRow,
    );
    const actions = rows.slice(0, query.limit).map(shown);
    const last = actions.at(-1);
    const isMore = rows.length > query.limit && last !== undefined;
    return { actions, nextCursor: isMore ? `${Date.parse(last.at)}:${last.id}` : null };
  });
};

/** What automations did and are about to do, and what a person decides about it. */
export const mountLedger = (platform: Platform): void => {
  mountActions(platform);
  mountSettle(platform);
};
