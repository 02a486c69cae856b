import { firstNeeded, type RecordKey, type Store } from './embedded-store.ts';
import type { Topic } from './log.ts';
import { decodeRecord } from './record-bytes.ts';

/** Records removed at a stretch, so that trimming never holds up appends. */
const trimmedAtOnce = 500;

/** Those that every group has done with and that came before `before`, at most `trimmedAtOnce`. */
const trimmable = (store: Store, topic: Topic, partition: number, before: number): RecordKey[] => {
  const needed = firstNeeded(store, topic, partition);
  if (needed === null) return [];
  const found: RecordKey[] = [];
  const range = { start: [topic, partition, -1], end: [topic, partition, needed] } as {
    start: RecordKey;
    end: RecordKey;
  };
  for (const { key, value } of store.records.getRange({ ...range, limit: trimmedAtOnce })) {
    if (decodeRecord(value).appendedAt >= before) break;
    found.push(key);
  }
  return found;
};

/** Removes what nobody needs any more, a stretch at a time. `nextOffset` is kept with the removal: offsets are never given again. */
export const trim = async (
  store: Store,
  { topic, partition, before, nextOffset }: { topic: Topic; partition: number; before: number; nextOffset: number },
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const old = trimmable(store, topic, partition, before);
    if (old.length === 0) return;
    await store.write(() => {
      for (const key of old) void store.records.remove(key);
      void store.state.put(['next', topic, partition], nextOffset);
    });
  }
};
