import { RejectedEvent } from '../../schemas/event.ts';
import type { StoredRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import type { Insist } from './insist.ts';
import { rejectedLine, writeRejected } from './write.ts';

/** A record of the topic `rejected` as a row; one that cannot be read is kept too, as its bytes. */
const lineOf = (record: StoredRecord): string => {
  const place = { partition: record.partition, offset: record.offset, index: 0 };
  try {
    const read = RejectedEvent.parse(JSON.parse(record.value.toString('utf8')));
    return rejectedLine(
      {
        place,
        site: read.site,
        messageId: read.messageId,
        receivedAt: read.receivedAt,
        code: read.code,
        message: read.message,
        event: read.event,
        header: JSON.stringify(read.header),
      },
      'rejected',
      read.path,
    );
  } catch (error) {
    return rejectedLine(
      {
        place,
        site: record.label,
        messageId: '',
        receivedAt: record.appendedAt,
        code: 'unreadable_record',
        message: error instanceof Error ? error.message : String(error),
        event: record.value.toString('base64'),
        header: '',
      },
      'rejected',
    );
  }
};

/**
 * Copies the topic `rejected` into the table `rejected`. Rows are keyed by their place on the log, so writing one again changes nothing: a
 * batch is written, then committed.
 */
export const startRejected = async (
  { log, warehouse, telemetry }: Platform,
  insist: Insist,
): Promise<{ close(): Promise<void> }> => {
  const consumer = await log.consume('rejected', 'sink', {
    assigned: async () => undefined,
    revoked: async () => undefined,
    records: async (batch) => {
      const isWritten = await insist(() => writeRejected(warehouse, batch.map(lineOf)));
      const last = batch.at(-1);
      if (isWritten && last !== undefined) await consumer.commit([last]);
    },
    failed: (error) => telemetry.logger.error({ err: error }, 'the copy of rejected events stopped'),
  });
  return consumer;
};
