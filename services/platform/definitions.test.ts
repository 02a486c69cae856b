import { expect, test } from 'vitest';
import { z } from 'zod';
import { openWarehouse } from '../../test/support/warehouse.ts';
import { systemClock } from './clock.ts';
import { createDefinitions } from './definitions.ts';

const Note = z.object({ text: z.string() });

test('every version is kept, the newest counts, and nobody overwrites what he has not read', async () => {
  const warehouse = await openWarehouse();
  const definitions = createDefinitions({ warehouse, clock: systemClock });
  const by = { author: 'ada' };
  await definitions.put('funnel', 'shop', 'f', { text: 'one' }, { ...by, expectedVersion: 0 });
  await expect(
    definitions.put('funnel', 'shop', 'f', { text: 'x' }, { ...by, expectedVersion: 0 }),
  ).rejects.toMatchObject({ code: 'version_changed' });
  const both = await Promise.allSettled([
    definitions.put('funnel', 'shop', 'f', { text: 'two' }, { ...by, expectedVersion: 1 }),
    definitions.put('funnel', 'shop', 'f', { text: 'zwei' }, { ...by, expectedVersion: 1 }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await definitions.get('funnel', 'shop', 'f', Note)).toMatchObject({ version: 2, document: { text: 'two' } });
  expect(await definitions.get('funnel', 'other', 'f', Note), 'another site').toBeNull();
  expect((await definitions.versions('funnel', 'shop', 'f', Note)).map(({ document }) => document.text)).toEqual([
    'two',
    'one',
  ]);
  await definitions.remove('funnel', 'shop', 'f', 'ada');
  expect(await definitions.list('funnel', 'shop', Note)).toEqual([]);
  const fresh = createDefinitions({ warehouse, clock: systemClock });
  expect(await fresh.get('funnel', 'shop', 'f', Note)).toBeNull();
  expect(await fresh.put('funnel', 'shop', 'f', { text: 'back' }, { ...by, expectedVersion: 0 })).toMatchObject({
    version: 4,
  });
});

test('many writers at once: each gets a version of its own, and what it wrote is what it reads', async () => {
  const definitions = createDefinitions({ warehouse: await openWarehouse(), clock: systemClock });
  const write = async (id: string, index: number) => {
    const { version } = await definitions.put('funnel', 'shop', id, { text: `${index}` }, { author: 'ada' });
    const read = await definitions.get('funnel', 'shop', id, Note);
    expect(read?.version).toBeGreaterThanOrEqual(version);
    return `${id} ${version}`;
  };
  const written = await Promise.all(
    Array.from({ length: 12 }, (_, index) => write(index % 3 === 0 ? 'a' : 'b', index)),
  );
  expect(written.sort()).toEqual(
    [
      ...[1, 2, 3, 4].map((version) => `a ${version}`),
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((version) => `b ${version}`),
    ].sort(),
  );
  await definitions.close();
});

test('another process sees a change after a second at the latest', async () => {
  const warehouse = await openWarehouse();
  const time = { now: Date.now() };
  const clock = { ...systemClock, now: () => time.now };
  const here = createDefinitions({ warehouse, clock });
  const there = createDefinitions({ warehouse, clock });
  expect(await there.list('site', '', Note)).toEqual([]);
  await here.put('site', '', 'shop', { text: 'new' }, { author: 'ada' });
  expect((await here.list('site', '', Note)).length, 'at once where it was written').toBe(1);
  time.now += 1000;
  expect((await there.list('site', '', Note)).length).toBe(1);
});
