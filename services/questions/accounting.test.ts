import { expect, test } from 'vitest';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { accounts } from './accounting.ts';

const lines = (rows: readonly unknown[][]): Buffer =>
  Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const at = '2026-01-01 00:00:00.000';

test('every event of a site is stored, a duplicate, rejected or waiting', async () => {
  const warehouse = await openWarehouse();
  const place = ['log_partition', 'log_offset', 'log_index'];
  await warehouse.insert(
    'events',
    ['site', 'timestamp', 'message_id', 'user_id', ...place],
    lines([
      ['shop', at, 'a', 'ada', 0, 1, 0],
      ['shop', at, 'b', 'ada', 0, 1, 1],
      ['other', at, 'a', 'ada', 0, 2, 0],
    ]),
  );
  // Two partitions of one topic and one of the other; counts grow, and the largest counts.
  await warehouse.insert(
    'received',
    ['topic', 'log_partition', 'site', 'up_to_offset', 'events'],
    lines([
      ['events', 0, 'shop', 1, 2],
      ['events', 0, 'shop', 9, 4],
      ['events', 1, 'shop', 3, 2],
      ['rejected', 0, 'shop', 5, 2],
      ['events', 0, 'other', 9, 1],
    ]),
  );
  // Written twice, as after a crash: a place counts once.
  for (let time = 0; time < 2; time += 1) {
    await warehouse.insert(
      'duplicates',
      ['site', 'message_id', 'received_at', ...place],
      lines([['shop', 'a', at, 0, 3, 0]]),
    );
    await warehouse.insert(
      'rejected',
      ['site', 'received_at', 'code', 'source', ...place],
      lines([
        ['shop', at, 'invalid_type', 'rejected', 0, 1, 0],
        ['shop', at, 'refused_by_warehouse', 'events', 0, 1, 0],
      ]),
    );
  }
  expect(await accounts(warehouse, 'shop')).toEqual({
    received: 8,
    stored: 2,
    duplicate: 1,
    rejected: 2,
    waiting: 3,
  });
  expect(await accounts(warehouse, 'other')).toMatchObject({ stored: 1, waiting: 0 });
  expect(await accounts(warehouse, 'nobody')).toEqual({
    received: 0,
    stored: 0,
    duplicate: 0,
    rejected: 0,
    waiting: 0,
  });
  await warehouse.insert('events', ['site', 'timestamp', 'message_id', ...place], lines([['late', at, 'x', 0, 9, 0]]));
  expect(await accounts(warehouse, 'late'), 'more is stored by now than was counted').toMatchObject({
    received: 1,
    stored: 1,
    waiting: 0,
  });
});
