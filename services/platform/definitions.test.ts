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
