/**
 * Which messages of a partition may have been stored in the last days: 64-bit hashes of (site, messageId) in open addressing, 11 to 21 MB a
 * million ids, tables of a day so that a day is forgotten as a whole. Two different ids can have one hash, so "seen" only means "possible":
 * the warehouse decides (decide.ts).
 */
export type RecentIds = {
  /** Adds the id; true when it, or one of the same hash, was there before. */
  seen(high: number, low: number, day: number): boolean;
  /** Forgets the days before `day`. */
  forgetBefore(day: number): void;
  size(): number;
};

type Table = { slots: Uint32Array; count: number };

/** Must be a power of two. */
const firstSlots = 1 << 7;
/** Full beyond this share, a table doubles. */
const mostLoad = 0.75;
/** A day's ids are spread over so many tables, so that doubling one of them holds the event loop for a few milliseconds only. */
const tablesOfDay = 32;
/** All partitions of a process together: at most some 850 MB. Beyond, the oldest day is forgotten before its time. */
export const mostRememberedIds = 40_000_000;

const createTable = (slots: number): Table => ({ slots: new Uint32Array(slots * 2), count: 0 });

/** The slot of the hash, or the empty one where it would stand. */
const slotOf = ({ slots }: Table, high: number, low: number): number => {
  const mask = slots.length / 2 - 1;
  let slot = low & mask;
  while (
    (slots[slot * 2] !== 0 || slots[slot * 2 + 1] !== 0) &&
    (slots[slot * 2] !== high || slots[slot * 2 + 1] !== low)
  )
    slot = (slot + 1) & mask;
  return slot;
};

const holds = (table: Table, high: number, low: number): boolean => {
  const slot = slotOf(table, high, low);
  return table.slots[slot * 2] === high && table.slots[slot * 2 + 1] === low;
};

const insert = (table: Table, high: number, low: number): void => {
  const slot = slotOf(table, high, low);
  table.slots[slot * 2] = high;
  table.slots[slot * 2 + 1] = low;
  table.count += 1;
};

const grown = (table: Table): Table => {
  const larger = createTable(table.slots.length);
  for (let index = 0; index < table.slots.length; index += 2) {
    const high = table.slots[index] ?? 0;
    const low = table.slots[index + 1] ?? 0;
    if (high !== 0 || low !== 0) insert(larger, high, low);
  }
  return larger;
};

export const createRecentIds = (most: number = mostRememberedIds): RecentIds => {
  const days = new Map<number, Table[]>();
  const size = () => [...days.values()].flat().reduce((sum, { count }) => sum + count, 0);
  const state = { count: 0 };

  const forgetBefore = (day: number): void => {
    for (const old of [...days.keys()]) if (old < day) days.delete(old);
    state.count = size();
  };
  const add = (high: number, low: number, day: number, place: number): void => {
    const tables = days.get(day) ?? Array.from({ length: tablesOfDay }, () => createTable(firstSlots));
    days.set(day, tables);
    let table = tables[place] ?? createTable(firstSlots);
    if (table.count >= (table.slots.length / 2) * mostLoad) table = grown(table);
    tables[place] = table;
    insert(table, high, low);
    state.count += 1;
    if (state.count > most) forgetBefore([...days.keys()].reduce((least, each) => Math.min(least, each)) + 1);
  };

  return {
    seen: (high, low, day) => {
      // 0, 0 marks an empty slot.
      const upper = high === 0 && low === 0 ? 1 : high;
      const place = upper % tablesOfDay;
      for (const tables of days.values()) {
        const table = tables[place];
        if (table !== undefined && holds(table, upper, low)) return true;
      }
      add(upper, low, day, place);
      return false;
    },
    forgetBefore: (day) => {
      for (const old of days.keys())
        if (old < day) {
          forgetBefore(day);
          return;
        }
    },
    size,
  };
};

const rotl = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * MurmurHash3, 32 bits, seed 0 (Appleby, public domain; ClickHouse: murmurHash3_32): the same in JavaScript and in SQL, so that the set is
 * rebuilt from hashes, not from ids.
 */
export const murmurHash3 = (bytes: Buffer, length: number): number => {
  let hash = 0;
  const blocks = length & ~3;
  for (let at = 0; at < blocks; at += 4) {
    hash ^= Math.imul(rotl(Math.imul(bytes.readInt32LE(at), 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotl(hash, 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = length - 1; at >= blocks; at -= 1) tail = (tail << 8) | bytes.readUInt8(at);
  if (length > blocks) hash ^= Math.imul(rotl(Math.imul(tail, 0xcc9e2d51), 15), 0x1b873593);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Hashing is synchronous, so one piece of memory serves every call; site and id have at most 240 characters. */
const scratch = Buffer.allocUnsafe(4096);

/** The two halves of an id's hash: of `1\nsite\nid` and of `2\nsite\nid`, as in `storedIds` (stored.ts). */
export const hashId = (site: string, messageId: string): [high: number, low: number] => {
  const length = scratch.write(`1\n${site}\n${messageId}`);
  const high = murmurHash3(scratch, length);
  scratch[0] = 0x32;
  return [high, murmurHash3(scratch, length)];
};
