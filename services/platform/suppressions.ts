import { columnTime } from './warehouse/column-time.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** Notes that an address must not be written to (`active`), or may be again. Durable once resolved; the newest note of an address counts. */
export const suppress = async (
  warehouse: Warehouse,
  note: { site: string; address: string; reason: string; active: boolean; at: number },
): Promise<void> => {
  const { site, address, reason, active, at } = note;
  const row = [site, address.toLowerCase(), 'email', reason, active ? 1 : 0, columnTime(at)];
  await warehouse.insert(
    'suppressions',
    ['site', 'address', 'channel', 'reason', 'active', 'at'],
    Buffer.from(`${JSON.stringify(row)}\n`),
  );
};
