import { expect, test } from 'vitest';
import { vocabulary } from '../../../schemas/vocabulary/names.ts';
import { type HistoryRow, sentRow, store } from '../../../test/support/history.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { kindOf } from './kinds.ts';
import { persons } from './persons.ts';
import { timeline } from './timeline.ts';

const warehouse = sharedWarehouse();

const start = Date.parse('2026-06-01T00:00:00Z');
const second = 1000;
const now = start + 200 * 86_400_000;

test('a hundred thousand events are paged through once each, while new and late ones arrive', {
  timeout: 120_000,
}, async () => {
  const events = 100_000;
  const devices = ['phone', 'laptop', 'tablet'];
  const rows = Array.from({ length: events }, (_, index): HistoryRow => {
    const device = devices[index % 4];
    return {
      // Ten of a millisecond, over some months.
      timestamp: start + Math.floor(index / 10) * 700 * second,
      event: index % 50 === 0 ? 'Order Completed' : 'Product Viewed',
      message_id: `m${index}`,
      user_id: device === undefined ? 'ada' : '',
      anonymous_id: device ?? '',
      properties: JSON.stringify({ product_id: `p${index}`, name: 'A tent for two, with a window' }),
    };
  });
  await store(
    warehouse(),
    'long',
    [...rows, ...rows.slice(0, 1000)],
    devices.map((device) => ({ device, user: 'ada', at: now })),
  );
  const [ada] = (await persons(warehouse(), { id: 'long' }, { search: 'ada', limit: 1 }, { now })).persons;
  expect(ada?.events).toBe(events);

  const seen = new Map<string, number>();
  const times: string[] = [];
  for (let cursor: string | null | undefined, page = 0; cursor !== null; page += 1) {
    const answer = await timeline(
      warehouse(),
      { id: 'long' },
      { id: ada?.id ?? '', limit: 2000, ...(cursor === undefined ? {} : { cursor }) },
      { now },
    );
    for (const event of answer.events) {
      seen.set(event.messageId, (seen.get(event.messageId) ?? 0) + 1);
      times.push(event.timestamp);
    }
    cursor = answer.nextCursor;
    if (page % 12 !== 1) continue;
    const arrived = (at: number, id: string) =>
      ({ ...rows[0], timestamp: at, event: 'Arrived', message_id: id }) as HistoryRow;
    const readUpTo = Date.parse(answer.events.at(-1)?.timestamp ?? '');
    await store(warehouse(), 'long', [arrived(now, `new-${page}`), arrived(readUpTo - second, `late-${page}`)]);
  }
  expect([...seen.values()].every((count) => count === 1)).toBe(true);
  expect(rows.filter(({ message_id }) => !seen.has(message_id))).toEqual([]);
  expect(
    [...seen.keys()].filter((id) => id.startsWith('late')),
    'late ones lie before what was read',
  ).toHaveLength(5);
  expect([...seen.keys()].filter((id) => id.startsWith('new'))).toEqual([]);
  expect(times).toEqual(times.toSorted().reverse());
});

test('a timeline shows one kind of event, or several', async () => {
  const at = (index: number) => start + index * second;
  const sent = (index: number, event: string) =>
    sentRow(at(index), `m${index}`, { type: 'track', event, properties: { order_id: 'o1' }, userId: 'ada' });
  const names = ['Product Viewed', 'Order Completed', 'Order Shipped', 'Lamp Switched On', 'Email Sent'];
  await store(
    warehouse(),
    'kinds',
    names.map((name, index) => sent(index, name)),
  );
  const [ada] = (await persons(warehouse(), { id: 'kinds' }, { search: 'ada', limit: 1 }, { now })).persons;
  const shown = async (kind?: Parameters<typeof timeline>[2]['kind']): Promise<string[]> => {
    const query = { id: ada?.id ?? '', limit: 10, ...(kind === undefined ? {} : { kind }) };
    return (await timeline(warehouse(), { id: 'kinds' }, query, { now })).events.map(({ event }) => event);
  };
  expect(await shown()).toEqual(names.toReversed());
  expect(await shown('order')).toEqual(['Order Completed']);
  expect(await shown(['order', 'delivery'])).toEqual(['Order Shipped', 'Order Completed']);
  expect(await shown('other')).toEqual(['Lamp Switched On']);
});

test('every event of the vocabulary is of a kind', () => {
  expect([...vocabulary.keys()].filter((name) => kindOf(name) === 'other')).toEqual([]);
});
