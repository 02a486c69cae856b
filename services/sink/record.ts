import { IntakeHeader } from '../../schemas/event.ts';
import type { StoredRecord } from '../platform/log/log.ts';
import type { JsonObject } from './values.ts';

/** What a record of the topic `events` holds, or why it cannot be read (something else wrote it). */
export type ReadRecord =
  | { kind: 'events'; header: IntakeHeader; events: readonly JsonObject[] }
  | { kind: 'unreadable'; reason: string };

const lineFeed = 10;

export const readRecord = ({ value, count }: StoredRecord): ReadRecord => {
  const end = value.indexOf(lineFeed);
  if (end < 0) return { kind: 'unreadable', reason: 'it has no header line' };
  try {
    const header = IntakeHeader.safeParse(JSON.parse(value.toString('utf8', 0, end)));
    if (!header.success) return { kind: 'unreadable', reason: `header: ${header.error.issues[0]?.message}` };
    const body = JSON.parse(value.toString('utf8', end + 1)) as JsonObject;
    const { batch } = body as { batch?: JsonObject[] };
    const events = Array.isArray(batch) ? batch : [body];
    if (!events.every((event) => typeof event === 'object' && event !== null))
      return { kind: 'unreadable', reason: 'not every event is an object' };
    if (events.length !== count)
      return { kind: 'unreadable', reason: `it says ${count} events and holds ${events.length}` };
    return { kind: 'events', header: header.data, events };
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
};
