import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, type Said } from '../../test/oracle/contact.ts';
import { personOf, sentRow, store } from '../../test/support/history.ts';
import { runs } from '../../test/support/runs.ts';
import { sharedWarehouse } from '../../test/support/warehouse.ts';
import { persons } from './people/persons.ts';
import { whoAre, whoToWriteTo } from './who.ts';

const warehouse = sharedWarehouse();
const start = Date.parse('2026-10-01T00:00:00Z');

const rowOf = (user: string, { at, type, traits, about, properties, isOurs }: Said, index: number) =>
  sentRow(
    start + at,
    `${user}-${index}`,
    {
      type,
      userId: user,
      ...(type === 'track' ? { event: 'Friend Invited', properties } : { traits }),
      ...(type === 'group' ? { groupId: 'g' } : {}),
      context: { traits: about },
    },
    isOurs ? 'internal' : 'server',
  );

const naming = fc.oneof(
  fc.constant({}),
  fc.constantFrom('a@own.example', 'b@own.example', 'friend@elsewhere.example', '', null).map((email) => ({ email })),
);
const history = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 4 }),
    type: fc.constantFrom('identify' as const, 'track' as const, 'group' as const),
    traits: naming,
    about: naming,
    properties: naming,
    isOurs: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
  }),
  { maxLength: 6 },
);

test('mails go to the newest address that people gave as their own, as the brute force finds it', async () => {
  const sites = { count: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(history, { minLength: 1, maxLength: 20 }), async (histories) => {
      const site = `own-${sites.count++}`;
      const rows = histories.flatMap((said, user) => said.map((each, index) => rowOf(`u${user}`, each, index)));
      if (rows.length === 0) return;
      await store(warehouse(), site, rows);
      const ids = await Promise.all(histories.map((_, user) => personOf(warehouse(), site, `u${user}`)));
      const who = await whoToWriteTo(warehouse(), site, ids);
      expect(ids.map((id) => who.get(id)?.email ?? '')).toEqual(histories.map(addressOf));
    }),
    { numRuns: runs(10) },
  );
}, 60_000);

test('a friend’s address finds the person and is shown where they gave none; their own goes before it', async () => {
  const invite = { event: 'Friend Invited', properties: { email: 'friend@elsewhere.example' } };
  await store(warehouse(), 'friends', [
    sentRow(start, 'i', { type: 'identify', userId: 'ada', traits: { email: 'ada@example.com' } }),
    sentRow(start + 1, 'a', { type: 'track', userId: 'ada', ...invite }),
    sentRow(start + 1, 'b', { type: 'track', userId: 'bob', ...invite }),
  ]);
  const ids = [await personOf(warehouse(), 'friends', 'ada'), await personOf(warehouse(), 'friends', 'bob')];
  const shown = await whoAre(warehouse(), 'friends', ids);
  expect(ids.map((id) => shown.get(id)?.email)).toEqual(['ada@example.com', 'friend@elsewhere.example']);
  const written = await whoToWriteTo(warehouse(), 'friends', ids);
  expect(ids.map((id) => written.get(id)?.email)).toEqual(['ada@example.com', '']);
  const search = { search: 'friend@elsewhere', limit: 9 };
  const found = await persons(warehouse(), { id: 'friends' }, search, { now: start + 9 });
  expect(found.persons.map(({ userId, email }) => `${userId} ${email}`).sort()).toEqual([
    'ada ada@example.com',
    'bob friend@elsewhere.example',
  ]);
});
