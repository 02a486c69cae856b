import { expect, test } from 'vitest';
import { openWarehouse } from '../../test/support/warehouse.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { rejectedEvents } from './rejected.ts';

const columns = ['site', 'received_at', 'message_id', 'event', 'source', 'log_partition', 'log_offset', 'log_index'];

const insert = (warehouse: Warehouse, rows: readonly { messageId: string; second: number; event: string }[]) =>
  warehouse.insert(
    'rejected',
    columns,
    Buffer.from(
      rows
        .map(({ messageId, second, event }, offset) =>
          JSON.stringify(['shop', `2026-01-01 00:00:0${second}.000`, messageId, event, 'rejected', 0, offset, 0]),
        )
        .join('\n'),
    ),
  );

/** Every page, as message ids. */
const pagesOf = async (warehouse: Warehouse, limit: number): Promise<string[][]> => {
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { rejected, nextCursor } = await rejectedEvents(warehouse, 'shop', { cursor: cursor ?? undefined, limit });
    pages.push(rejected.map(({ messageId }) => messageId));
    cursor = nextCursor;
  }
  return pages;
};

test('refused events are listed newest first, page by page, each once, whole, and to their own site', async () => {
  const warehouse = await openWarehouse();
  const rows = ['a', 'b', 'c', 'd', 'e'].map((messageId, index) => ({
    messageId,
    second: index === 0 ? 9 : 1,
    event: `{"of":"${messageId}"}`,
  }));
  // Twice, as after a crash.
  await insert(warehouse, rows);
  await insert(warehouse, rows);
  expect(await pagesOf(warehouse, 2)).toEqual([['a', 'e'], ['d', 'c'], ['b']]);
  expect(await pagesOf(warehouse, 5)).toEqual([['a', 'e', 'd', 'c', 'b']]);
  const { rejected } = await rejectedEvents(warehouse, 'shop', { limit: 1 });
  expect(rejected).toMatchObject([{ messageId: 'a', event: '{"of":"a"}', receivedAt: '2026-01-01T00:00:09.000Z' }]);
  expect(await rejectedEvents(warehouse, 'other', { limit: 5 })).toEqual({ rejected: [], nextCursor: null });
  await expect(rejectedEvents(warehouse, 'shop', { limit: 5, cursor: "1:events:0:0:0' OR" })).rejects.toThrow(/cursor/);
});

test('a page of large events is shorter, however many are asked for', async () => {
  const warehouse = await openWarehouse();
  const large = (messageId: string, megabytes: number) => ({
    messageId,
    second: 1,
    event: messageId.repeat(megabytes * 1_000_000),
  });
  await insert(warehouse, [large('a', 3), large('b', 4), large('c', 16), large('d', 5), large('e', 0)]);
  expect(await pagesOf(warehouse, 200)).toEqual([['e', 'd'], ['c'], ['b', 'a']]);
  const { rejected } = await rejectedEvents(warehouse, 'shop', { limit: 3 });
  expect(rejected.map(({ event }) => event.length)).toEqual([0, 5_000_000]);
});
