import { columnTime } from './warehouse/column-time.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** An address must not be written to (`active`), or may be again. `at`: milliseconds UTC; the newest note of an address counts. */
export type SuppressionNote = { site: string; address: string; reason: string; active: boolean; at: number };

/** Notes it; durable once resolved. The same note twice says no more than once. */
export const suppress = async (
  warehouse: Pick<Warehouse, 'insert'>,
  ...notes: readonly SuppressionNote[]
): Promise<void> => {
  const lines = notes.map(({ site, address, reason, active, at }) =>
    JSON.stringify([site, address.toLowerCase().toWellFormed(), 'email', reason, active ? 1 : 0, columnTime(at)]),
  );
  if (lines.length === 0) return;
  await warehouse.insert(
    'suppressions',
    ['site', 'address', 'channel', 'reason', 'active', 'at'],
    Buffer.from(`${lines.join('\n')}\n`),
  );
};
