import type { Action, Phase } from '../../schemas/action.ts';
import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { insertRows } from './rows.ts';

const columns = ['site', 'action_id', 'automation', 'person', 'user_id', 'phase', 'sequence', 'reason', 'at', 'action'];

/** What the ledger says of actions; times in milliseconds UTC. */
export const insertLedger = (
  warehouse: Warehouse,
  rows: readonly { action: Action; phase: Phase; sequence: number; at: number }[],
): Promise<void> =>
  insertRows(
    warehouse,
    'ledger',
    columns,
    rows.map(({ action, phase, sequence, at }) => {
      const { site, id, automation, person, userId } = action;
      return [site, id, automation, person, userId, phase, sequence, '', columnTime(at), JSON.stringify(action)];
    }),
  );
