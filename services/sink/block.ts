import type { EventRow, Place } from './row.ts';

/** One event on its way into the warehouse. */
export type Entry = { place: Place; row: EventRow; line: string };
export type DuplicateEntry = { place: Place; site: string; messageId: string; receivedAt: string };
export type RefusedEntry = {
  place: Place;
  site: string;
  messageId: string;
  receivedAt: string;
  code: string;
  message: string;
  event: string;
  header: string;
};

/** Rows that are written together. `ends` says which offsets are done with once all of it is written. */
export type Block = {
  entries: Entry[];
  duplicates: DuplicateEntry[];
  refused: RefusedEntry[];
  /** Partition -> last offset, inclusive. */
  ends: Map<number, number>;
  bytes: number;
  /** Milliseconds UTC of the first event in it. */
  openedAt: number;
};

/** A block is written when it has so many rows, so many bytes, or is so old: few large parts, and no long wait. */
export const blockRows = 50_000;
export const blockBytes = 48 * 1024 * 1024;
export const blockMilliseconds = 1000;

export const openBlock = (now: number): Block => ({
  entries: [],
  duplicates: [],
  refused: [],
  ends: new Map(),
  bytes: 0,
  openedAt: now,
});

export const isFull = (block: Block): boolean => block.entries.length >= blockRows || block.bytes >= blockBytes;
