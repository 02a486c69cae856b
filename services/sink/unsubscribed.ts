import type { IntakeHeader } from '../../schemas/event.ts';
import { type SuppressionNote, suppress } from '../platform/suppressions.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import type { Entry } from './block.ts';
import { writeIsolating } from './isolate.ts';
import type { EventRow } from './row.ts';

/**
 * What our own "Unsubscribed" says of its address; null for any other event, and for one that a client sends: the write key is public. The collector notes it in the warehouse as it acknowledges
 * it; where the warehouse was away, this is how it gets there. As of when it was said: who was let in again since stays in.
 */
export const unsubscriptionOf = (
  { site, channel, receivedAt }: IntakeHeader,
  { event, email }: EventRow,
): SuppressionNote | null =>
  channel === 'internal' && event === 'Unsubscribed' && email !== ''
    ? { site, address: email, reason: 'unsubscribed', active: true, at: receivedAt }
    : null;

/** Before the events themselves: what stands stored is not looked at again. Duplicates too: somebody may use the link of one mail twice, and have been let in again in between. */
export const writeUnsubscribed = (
  warehouse: Warehouse,
  entries: readonly Entry[],
  refuse: (entry: Entry, reason: string) => void,
): Promise<void> =>
  writeIsolating(
    entries.filter(({ unsubscription }) => unsubscription !== null),
    (some) => suppress(warehouse, ...some.flatMap(({ unsubscription }) => unsubscription ?? [])),
    refuse,
  );
