import { eventColumns, type IntakeHeader } from '../../schemas/event.ts';
import type { StoredRecord } from '../platform/log/log.ts';
import type { Block } from './block.ts';
import { type Link, linkOf } from './identities.ts';
import { createRecentIds, hashId, type RecentIds } from './recent-ids.ts';
import { readRecord } from './record.ts';
import { eventRow } from './row.ts';
import { dayMilliseconds, placeKey, recentDays } from './stored.ts';
import type { createAgentReader } from './user-agent.ts';
import { columnTime, type JsonObject, text } from './values.ts';

/** What the sink knows of a partition that is assigned to it. */
export type PartitionState = {
  recent: RecentIds;
  /** Offsets up to here may have been written before a crash: `redelivered` says which places were. */
  checkUntil: number;
  redelivered: ReadonlySet<string>;
};

export const createPartitionState = (): PartitionState => ({
  recent: createRecentIds(),
  checkUntil: -1,
  redelivered: new Set(),
});

/** The longest stretch of work before requests get their turn. */
const sliceMilliseconds = 8;

const unreadable = (block: Block, record: StoredRecord, reason: string): void => {
  block.refused.push({
    place: { partition: record.partition, offset: record.offset, index: 0 },
    site: record.label,
    messageId: '',
    receivedAt: columnTime(record.appendedAt),
    code: 'unreadable_record',
    message: reason,
    event: record.value.toString('base64'),
    header: '',
  });
};

/** Decides for one event: written already, a duplicate, or new. */
const takeEvent = (
  into: { block: Block; links: Link[]; state: PartitionState; readAgent: ReturnType<typeof createAgentReader> },
  header: IntakeHeader,
  event: JsonObject,
  place: { partition: number; offset: number; index: number },
): void => {
  const { block, links, state, readAgent } = into;
  const messageId = text(event['messageId']);
  if (place.offset <= state.checkUntil && state.redelivered.has(placeKey(place, messageId))) return;
  const [high, low] = hashId(header.site, messageId);
  const today = Math.floor(header.receivedAt / dayMilliseconds);
  if (state.recent.seen(high, low, today)) {
    block.duplicates.push({ place, site: header.site, messageId, receivedAt: columnTime(header.receivedAt) });
    return;
  }
  const row = eventRow(header, event, place, readAgent);
  const line = JSON.stringify(eventColumns.map((column) => row[column]));
  block.entries.push({ place, row, line });
  block.bytes += line.length;
  const link = linkOf(row, event['previousId']);
  if (link !== null) links.push(link);
};

/** Reads records into the block, in slices that leave the event loop to others in between. */
export const takeRecords = async (
  into: { block: Block; links: Link[]; state: PartitionState; readAgent: ReturnType<typeof createAgentReader> },
  records: readonly StoredRecord[],
): Promise<void> => {
  let sliceStart = performance.now();
  for (const record of records) {
    const read = readRecord(record);
    if (read.kind === 'unreadable') unreadable(into.block, record, read.reason);
    else
      for (const [index, event] of read.events.entries())
        takeEvent(into, read.header, event, { partition: record.partition, offset: record.offset, index });
    into.block.ends.set(record.partition, record.offset);
    if (performance.now() - sliceStart > sliceMilliseconds) {
      await new Promise(setImmediate);
      sliceStart = performance.now();
    }
  }
  const last = records.at(-1);
  if (last !== undefined) into.state.recent.forgetBefore(Math.floor(last.appendedAt / dayMilliseconds) - recentDays);
};
