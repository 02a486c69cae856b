import type { IntakeHeader } from '../../schemas/event.ts';
import type { Lease, StoredRecord } from '../platform/log/log.ts';
import type { Block, Tenure } from './block.ts';
import { type Link, linkOf } from './identities.ts';
import { createRecentIds, hashId, mostRememberedIds, type RecentIds } from './recent-ids.ts';
import { readRecord } from './record.ts';
import { eventRow, type Place } from './row.ts';
import type { createRowEncoder } from './row-bytes.ts';
import { dayMilliseconds, recentDays } from './stored.ts';
import { unsubscriptionOf } from './unsubscribed.ts';
import type { createAgentReader } from './user-agent.ts';
import type { JsonObject } from './values.ts';

/** What the sink knows of a partition that is assigned to it. */
export type PartitionState = Tenure & {
  recent: RecentIds;
  /** Of this dealing: the first offset by partition. */
  begins: Map<number, number>;
};

export const createPartitionState = (
  partitions: number,
  lease: Lease,
  begins: Map<number, number>,
): PartitionState => ({
  recent: createRecentIds(Math.ceil(mostRememberedIds / partitions)),
  lease,
  begins,
  isRevoked: false,
});

export type Intake = {
  block: Block;
  /** Told of every link that an event shows. */
  showed(link: Link): void;
  state: PartitionState;
  readAgent: ReturnType<typeof createAgentReader>;
  encode: ReturnType<typeof createRowEncoder>;
};

/** The longest stretch of work before requests get their turn. */
const sliceMilliseconds = 8;
/** Of a record that cannot be read, at most so many events are accounted for; the collector writes no more into one. */
const mostEvents = 10_000;

/** One row for each event that the log counted, so that the accounts add up; the first holds the bytes. */
const unreadable = (block: Block, record: StoredRecord, reason: string): void => {
  for (let index = 0; index < Math.min(record.count, mostEvents); index += 1)
    block.refused.push({
      place: { partition: record.partition, offset: record.offset, index },
      site: record.label,
      messageId: '',
      receivedAt: record.appendedAt,
      code: 'unreadable_record',
      message: reason,
      event: index === 0 ? record.value.toString('base64') : '',
      header: '',
    });
};

/** An id that may be stored already waits for the warehouse's word; any other is new for sure. */
const takeEvent = (
  { block, showed, state, readAgent, encode }: Intake,
  header: IntakeHeader,
  event: JsonObject,
  place: Place,
  record: StoredRecord,
): void => {
  const row = eventRow(header, event, place, readAgent);
  const messageId = row.message_id;
  const bytes = encode(row);
  const entry = {
    place,
    site: header.site,
    messageId,
    userId: row.user_id,
    anonymousId: row.anonymous_id,
    receivedAt: header.receivedAt,
    bytes,
    record,
    unsubscription: unsubscriptionOf(header, row),
  };
  const [high, low] = hashId(header.site, messageId);
  const isPossible = state.recent.seen(high, low, Math.floor(header.receivedAt / dayMilliseconds));
  (isPossible ? block.possible : block.entries).push(entry);
  block.bytes += bytes.to - bytes.from;
  const link = linkOf(row, event['previousId']);
  if (link !== null) showed(link);
};

/** Reads records of one partition into the block, in slices that leave the event loop to others in between. Stops at a revoke. */
export const takeRecords = async (into: Intake, records: readonly StoredRecord[]): Promise<void> => {
  let sliceStart = performance.now();
  const isOver = (): boolean => performance.now() - sliceStart >= sliceMilliseconds;
  const breathe = async (): Promise<void> => {
    await new Promise(setImmediate);
    sliceStart = performance.now();
  };
  for (const record of records) {
    into.block.tenures.set(record.partition, into.state);
    if (!into.state.begins.has(record.partition)) into.state.begins.set(record.partition, record.offset);
    const read = readRecord(record);
    if (read.kind === 'unreadable') unreadable(into.block, record, read.reason);
    else
      for (const [index, event] of read.events.entries()) {
        takeEvent(into, read.header, event, { partition: record.partition, offset: record.offset, index }, record);
        if (isOver()) await breathe();
        if (into.state.isRevoked) return;
      }
    into.block.bytes += record.value.length;
    into.block.ends.set(record.partition, record.offset);
    if (isOver()) await breathe();
    if (into.state.isRevoked) return;
  }
  const last = records.at(-1);
  if (last !== undefined) into.state.recent.forgetBefore(Math.floor(last.appendedAt / dayMilliseconds) - recentDays);
};
