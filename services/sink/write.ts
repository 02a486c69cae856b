import { eventColumns } from '../../schemas/event.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import type { Block, Entry, RefusedEntry } from './block.ts';
import { writeIsolating } from './isolate.ts';
import { readRecord } from './record.ts';
import { bodyOf } from './row-bytes.ts';
import { writeUnsubscribed } from './unsubscribed.ts';

const rejectedColumns = [
  'site',
  'received_at',
  'message_id',
  'code',
  'path',
  'message',
  'event',
  'header',
  'source',
  'log_partition',
  'log_offset',
  'log_index',
] as const;

/** So many lines are joined, or bytes copied, at a time: a whole block at once would hold the event loop for 60 ms. */
const joinedLines = 1000;

/** The body of an insert. */
export const linesOf = async <T>(items: readonly T[], line: (item: T) => string): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for (let from = 0; from < items.length; from += joinedLines) {
    pieces.push(
      Buffer.from(
        `${items
          .slice(from, from + joinedLines)
          .map(line)
          .join('\n')}\n`,
      ),
    );
    await new Promise(setImmediate);
  }
  const body = Buffer.allocUnsafe(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    at += piece.copy(body, at);
    await new Promise(setImmediate);
  }
  return body;
};

/** The event as it came, with its header: what is needed to send it again after a fix. */
const refusedBy = ({ place, site, messageId, receivedAt, record }: Entry, reason: string): RefusedEntry => {
  const read = readRecord(record);
  return {
    place,
    site,
    messageId,
    receivedAt,
    code: 'refused_by_warehouse',
    message: reason.slice(0, 1000),
    event: read.kind === 'events' ? JSON.stringify(read.events[place.index]) : '',
    header: read.kind === 'events' ? JSON.stringify(read.header) : '',
  };
};

/** Texts that a client had a say in are made well-formed: the engine takes no half of a surrogate pair, and such a line would be tried for ever. */
export const rejectedLine = (entry: RefusedEntry, source: 'events' | 'rejected', path = ''): string =>
  JSON.stringify([
    entry.site,
    columnTime(entry.receivedAt),
    entry.messageId.toWellFormed(),
    entry.code,
    path.toWellFormed(),
    entry.message.toWellFormed(),
    entry.event.toWellFormed(),
    entry.header.toWellFormed(),
    source,
    entry.place.partition,
    entry.place.offset,
    entry.place.index,
  ]);

export const writeRejected = async (warehouse: Warehouse, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await warehouse.insert('rejected', rejectedColumns, await linesOf(lines, (line) => line));
};

const duplicateColumns = ['site', 'message_id', 'received_at', 'log_partition', 'log_offset', 'log_index'] as const;

const duplicateLine = ({ place, site, messageId, receivedAt }: Entry): string =>
  JSON.stringify([site, messageId, columnTime(receivedAt), place.partition, place.offset, place.index]);

/**
 * Writes what is left of a block and answers how many entries the warehouse refused; those end in `rejected`. Each part is idempotent by
 * its place on the log, so a crash or an error in between is mended by writing what is missing.
 */
export const writeBlock = async (warehouse: Warehouse, block: Block): Promise<number> => {
  const refused = [...block.refused];
  const refuse = (entry: Entry, reason: string): void => {
    refused.push(refusedBy(entry, reason));
  };
  await writeUnsubscribed(warehouse, [...block.entries, ...block.duplicates], refuse);
  await writeIsolating(
    block.duplicates,
    async (entries) => warehouse.insert('duplicates', duplicateColumns, await linesOf(entries, duplicateLine)),
    refuse,
  );
  await writeIsolating(
    block.entries,
    (entries) =>
      warehouse.insert('events', eventColumns, bodyOf(entries.map(({ bytes }) => bytes)), 'RowBinaryWithNamesAndTypes'),
    refuse,
  );
  await writeRejected(
    warehouse,
    refused.map((entry) => rejectedLine(entry, 'events')),
  );
  return refused.length;
};
