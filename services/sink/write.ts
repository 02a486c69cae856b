import { eventColumns } from '../../schemas/event.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import type { Block, Entry, RefusedEntry } from './block.ts';
import { writeIsolating } from './isolate.ts';
import { text } from './values.ts';

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

/** Lines joined a few thousand at a time: one join over a whole block would hold the event loop. */
const joinedLines = 2000;

export const linesOf = async (lines: readonly string[]): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for (let from = 0; from < lines.length; from += joinedLines) {
    chunks.push(Buffer.from(`${lines.slice(from, from + joinedLines).join('\n')}\n`));
    await new Promise(setImmediate);
  }
  return Buffer.concat(chunks);
};

const refusedBy = (entry: Entry, reason: string): RefusedEntry => ({
  place: entry.place,
  site: text(entry.row.site),
  messageId: text(entry.row.message_id),
  receivedAt: text(entry.row.received_at),
  code: 'refused_by_warehouse',
  message: reason.slice(0, 1000),
  event: entry.line,
  header: '',
});

export const rejectedLine = (entry: RefusedEntry, source: 'events' | 'rejected', path = ''): string =>
  JSON.stringify([
    entry.site,
    entry.receivedAt,
    entry.messageId,
    entry.code,
    path,
    entry.message,
    entry.event,
    entry.header,
    source,
    entry.place.partition,
    entry.place.offset,
    entry.place.index,
  ]);

export const writeRejected = async (warehouse: Warehouse, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await warehouse.insert('rejected', rejectedColumns, await linesOf(lines));
};

/**
 * Writes what is left of a block. Each part is idempotent by its place on the log, so a crash or an error in between is mended by
 * writing what is missing. Entries that the warehouse refuses end in `rejected`.
 */
export const writeBlock = async (warehouse: Warehouse, block: Block): Promise<void> => {
  const duplicates = block.duplicates.map(({ place, site, messageId, receivedAt }) =>
    JSON.stringify([site, messageId, receivedAt, place.partition, place.offset, place.index]),
  );
  if (duplicates.length > 0)
    await warehouse.insert(
      'duplicates',
      ['site', 'message_id', 'received_at', 'log_partition', 'log_offset', 'log_index'],
      await linesOf(duplicates),
    );
  const refused = [...block.refused];
  await writeIsolating(
    block.entries,
    async (entries) => warehouse.insert('events', eventColumns, await linesOf(entries.map(({ line }) => line))),
    (entry, reason) => refused.push(refusedBy(entry, reason)),
  );
  await writeRejected(
    warehouse,
    refused.map((entry) => rejectedLine(entry, 'events')),
  );
};
