import { RefusedBlock } from '../platform/warehouse/warehouse.ts';

/**
 * Writes `items`; where the warehouse refuses a block for its content, halves it until the bad ones stand alone, and hands those with the reason to
 * `refuse`. Any other error is thrown. At most 2·bad·log2(n) inserts more than without bad ones.
 */
export const writeIsolating = async <T>(
  items: readonly T[],
  write: (items: readonly T[]) => Promise<void>,
  refuse: (item: T, reason: string) => void,
): Promise<void> => {
  if (items.length === 0) return;
  try {
    await write(items);
  } catch (error) {
    if (!(error instanceof RefusedBlock)) throw error;
    const [first] = items;
    if (items.length === 1 && first !== undefined) {
      refuse(first, error.message);
      return;
    }
    const half = items.length >> 1;
    await writeIsolating(items.slice(0, half), write, refuse);
    await writeIsolating(items.slice(half), write, refuse);
  }
};
