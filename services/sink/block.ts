import { Failure } from '../platform/failure.ts';
import type { Lease, StoredRecord } from '../platform/log/log.ts';
import type { SuppressionNote } from '../platform/suppressions.ts';
import type { Place } from './row.ts';
import type { RowBytes } from './row-bytes.ts';

/** One event on its way into the warehouse. Keeps no row object: 50,000 of them would be most of the sink's memory. */
export type Entry = {
  place: Place;
  site: string;
  messageId: string;
  userId: string;
  anonymousId: string;
  /** Milliseconds UTC. */
  receivedAt: number;
  /** The row, encoded. */
  bytes: RowBytes;
  /** What it was read from, so that an event that the warehouse refuses is kept as it came. */
  record: StoredRecord;
  /** What it says of an address that must not be written to, to be noted with it. */
  unsubscription: SuppressionNote | null;
};

export type RefusedEntry = {
  place: Place;
  site: string;
  messageId: string;
  receivedAt: number;
  code: string;
  message: string;
  event: string;
  header: string;
};

/** A partition as long as it is ours: who holds a block back until the warehouse is there must not write it when it has become another's. */
export type Tenure = { lease: Lease; isRevoked: boolean };

/** Rows that are written together. `ends` says which offsets are done with once all of it is written. */
export type Block = {
  entries: Entry[];
  /** Their id may be stored already: the warehouse is asked before they are written (decide.ts). */
  possible: Entry[];
  duplicates: Entry[];
  refused: RefusedEntry[];
  /** Events that were found stored from the very same place: delivered again after a crash. */
  redelivered: number;
  /** Partition -> last offset, inclusive. */
  ends: Map<number, number>;
  tenures: Map<number, Tenure>;
  bytes: number;
  /** Milliseconds UTC of the first event in it. */
  openedAt: number;
};

/**
 * A block is written when it has so many events, so many bytes (records and rows), or is so old: few large parts, and no long wait. 20,000
 * events are 25 MB of rows; at 64 MB, with a merge beside it, an insert came to the embedded engine's memory limit of 858 MB.
 */
const blockEvents = 20_000;
const blockBytes = 64 * 1024 * 1024;
export const blockMilliseconds = 1000;

export const openBlock = (now: number): Block => ({
  entries: [],
  possible: [],
  duplicates: [],
  refused: [],
  redelivered: 0,
  ends: new Map(),
  tenures: new Map(),
  bytes: 0,
  openedAt: now,
});

export const isFull = ({ entries, possible, refused, bytes }: Block): boolean =>
  entries.length + possible.length + refused.length >= blockEvents || bytes >= blockBytes;

/** Leaves out what came from partitions that are another's now, in place: a step may be filling the block. */
export const dropPartitions = (block: Block, partitions: readonly number[]): void => {
  const lost = new Set(partitions);
  for (const name of ['entries', 'possible', 'refused'] as const) {
    const kept = block[name].filter(({ place }) => !lost.has(place.partition));
    (block[name] as unknown[]).splice(0, block[name].length, ...kept);
  }
  for (const partition of lost) block.ends.delete(partition);
};

const isOurs =
  ({ tenures }: Block) =>
  ({ place }: { place: Place }): boolean =>
    tenures.get(place.partition)?.isRevoked === false;

/**
 * What of a block may be written now: not what was revoked. A step before each effect.
 * @throws Failure `unavailable` while it is not known whether the rest is still ours
 */
export const stillOurs = (block: Block): Block => {
  const tenures = [...block.tenures].filter(([, { isRevoked }]) => !isRevoked);
  if (tenures.some(([, { lease }]) => !lease.isHeld()))
    throw new Failure('unavailable', 'The consumer group has not been heard of: its partitions may be another’s.');
  if (tenures.length === block.tenures.size) return block;
  const ours = isOurs(block);
  return {
    ...block,
    entries: block.entries.filter(ours),
    possible: block.possible.filter(ours),
    duplicates: block.duplicates.filter(ours),
    refused: block.refused.filter(ours),
    ends: new Map([...block.ends].filter(([partition]) => tenures.some(([held]) => held === partition))),
    tenures: new Map(tenures),
  };
};
