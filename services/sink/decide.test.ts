import { expect, test } from 'vitest';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { type Block, type Entry, openBlock } from './block.ts';
import { decide } from './decide.ts';

const entry = (messageId: string, offset: number, more: Partial<Entry> = {}): Entry => ({
  place: { partition: 0, offset, index: 0 },
  site: 'shop',
  messageId,
  userId: 'ada',
  anonymousId: '',
  receivedAt: 0,
  bytes: { chunk: Buffer.alloc(0), from: 0, to: 0 },
  unsubscription: null,
  record: { key: '', label: '', count: 1, value: Buffer.alloc(0), partition: 0, offset, appendedAt: 0 },
  ...more,
});

const block = (entries: Entry[], possible: Entry[]): Block => ({ ...openBlock(0), entries, possible });
const ids = (entries: readonly Entry[]) => entries.map(({ messageId, place }) => `${messageId}@${place.offset}`);
const outcome = ({ entries, duplicates, redelivered, possible }: Block) => ({
  written: ids(entries),
  duplicates: ids(duplicates),
  redelivered,
  left: possible.length,
});

const openStored = async (rows: readonly unknown[][]) => {
  const warehouse = await openWarehouse();
  const columns = [
    'site',
    'timestamp',
    'message_id',
    'user_id',
    'anonymous_id',
    'log_partition',
    'log_offset',
    'log_index',
  ];
  await warehouse.insert('events', columns, Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  return warehouse;
};
const row = (messageId: string, offset: number, userId = 'ada', anonymousId = '', site = 'shop') => [
  site,
  '2026-01-01 00:00:00.000',
  messageId,
  userId,
  anonymousId,
  0,
  offset,
  0,
];

test('what the filter holds possible is a duplicate, a redelivery, or new after all', async () => {
  const warehouse = await openStored([row('a', 1), row('b', 2), row('c', 3, 'ada', '', 'other')]);
  const asked = [
    entry('a', 1), // from the very place where it stands
    entry('b', 9), // sent again by the client
    entry('c', 10), // stored in another site only
    entry('d', 11), // another id with the same hash
    entry('d', 12), // and that sent again
    entry('e', 13), // stands in this block
  ];
  expect(outcome(await decide(warehouse, block([entry('e', 8)], asked)))).toEqual({
    written: ['e@8', 'c@10', 'd@11'],
    duplicates: ['b@9', 'd@12', 'e@13'],
    redelivered: 1,
    left: 0,
  });
});

test('a message of a device is known again after its user signed in', async () => {
  const warehouse = await openStored([row('a', 1, '', 'phone')]);
  const again = entry('a', 5, { userId: 'ada', anonymousId: 'phone' });
  expect(outcome(await decide(warehouse, block([], [again])))).toMatchObject({ written: [], duplicates: ['a@5'] });
});

test('thousands are asked for in pieces, ids with every kind of letter', async () => {
  const odd = ["it's", 'back\\slash', 'tab\t', '{p0:String}', '漢字'.repeat(60), "\\'", ','];
  const names = [...odd, ...Array.from({ length: 3000 }, (_, index) => `message-${index}`)];
  const warehouse = await openStored(
    names.map((name, index) => row(name, index, `user ${name.slice(0, 3)} ${index % 50}'`)),
  );
  const asked = names.map((name, index) =>
    entry(name, index + 9000, { userId: `user ${name.slice(0, 3)} ${index % 50}'` }),
  );
  const { duplicates, entries } = await decide(warehouse, block([], asked));
  expect(entries).toEqual([]);
  expect(duplicates).toHaveLength(names.length);
});
