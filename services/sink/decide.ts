import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import type { Block, Entry } from './block.ts';
import { placeText, storedMessages } from './stored.ts';

export const messageKey = ({ site, messageId }: { site: string; messageId: string }): string => `${site}\n${messageId}`;

/** Pure: what becomes of the possible ones, given where their messages stand stored. In log order, the first of equal ones is written. */
export const decided = (block: Block, stored: ReadonlyMap<string, ReadonlySet<string>>): Block => {
  const asked = new Set(block.possible.map(messageKey));
  const written = new Set<string>();
  for (const entry of block.entries) {
    const key = messageKey(entry);
    if (asked.has(key)) written.add(key);
  }
  const entries = [...block.entries];
  const duplicates = [...block.duplicates];
  let { redelivered } = block;
  for (const entry of block.possible) {
    const key = messageKey(entry);
    const places = stored.get(key);
    if (places?.has(placeText(entry.place))) redelivered += 1;
    else if (places !== undefined || written.has(key)) duplicates.push(entry);
    else {
      written.add(key);
      entries.push(entry);
    }
  }
  return { ...block, entries, duplicates, redelivered, possible: [] };
};

/**
 * Asks the warehouse about the ids that the filter holds possible, and sorts them: stored from the same place of the log (delivered again:
 * nothing to do), stored from another (a duplicate), or not stored (two ids with one hash: written). Call it when the block before is
 * written. Equal messages are those of one site, one device or user and one messageId.
 */
export const decide = async (warehouse: Warehouse, block: Block): Promise<Block> => {
  if (block.possible.length === 0) return block;
  return decided(block, await storedMessages(warehouse, block.possible satisfies readonly Entry[]));
};
