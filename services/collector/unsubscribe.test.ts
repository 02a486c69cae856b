import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openShop } from '../../test/support/automated-shop.ts';
import { startClickHouse } from '../../test/support/clickhouse.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { suppress } from '../platform/suppressions.ts';
import { createTokens } from '../platform/tokens.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { suppressedAmong } from '../questions/due/contact.ts';
import { mountLinks } from './links.ts';

const address = 'ada@example.com';

const click = async ({ http, config, clock }: Platform): Promise<number> => {
  const who = { s: 'shop', u: 'ada', a: 'a'.repeat(26), m: 'rescue', e: 'Ada@Example.com' };
  const url = `/u/${createTokens(config.secretKey, clock).sign('unsubscribe', who, 1000)}`;
  // As a mail program does it, once.
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const payload = 'List-Unsubscribe=One-Click';
  return (await http.app.inject({ method: 'POST', url, headers, payload })).statusCode;
};
const isSuppressed = async ({ warehouse }: Platform, whose = address): Promise<boolean> =>
  (await suppressedAmong(warehouse, 'shop', [whose])).has(whose);
const storedEvents = async ({ warehouse }: Platform): Promise<number> => {
  const Count = z.object({ count: z.coerce.number() });
  const counted = sql`SELECT count() AS count FROM events WHERE event = 'Unsubscribed' AND channel = 'internal'`;
  return (await warehouse.query(counted, Count)).rows[0]?.count ?? 0;
};

test('who unsubscribes while the warehouse is away gets no more mails once it is back, also by a link that was used before', async () => {
  const { url, server, close } = await startClickHouse({ isKilled: true });
  onTestFinished(close, 60_000);
  const { platform, clock } = await openShop({ environment: { CLICKHOUSE_URL: url } });
  await mountLinks(platform);
  const away = async (what: () => Promise<void>): Promise<void> => {
    await server?.kill9();
    await what();
    await server?.start();
    await server?.ready();
  };
  const patience = { timeout: 30_000, interval: 200 };

  await away(async () => {
    expect(await click(platform)).toBe(200);
    await expect(isSuppressed(platform), 'it is really away').rejects.toThrow('cannot be reached');
  });
  await expect.poll(() => isSuppressed(platform).catch(() => false), patience).toBe(true);
  await expect.poll(() => storedEvents(platform).catch(() => 0), patience).toBe(1);

  // Let in again by hand, and out again by the same link: as an event it counts once.
  await suppress(platform.warehouse, { site: 'shop', address, reason: 'manual', active: false, at: clock.now() });
  expect(await isSuppressed(platform)).toBe(false);
  await away(async () => {
    expect(await click(platform)).toBe(200);
  });
  await expect.poll(() => isSuppressed(platform).catch(() => false), patience).toBe(true);
  expect(await storedEvents(platform)).toBe(1);
}, 120_000);

test('an unsubscription is acknowledged when the log has it, holds at once where the warehouse is there, and waits for none that hangs', async () => {
  const { platform, send } = await openShop();
  const { log, warehouse } = platform;
  const state = { isLogAway: false, isHanging: false };
  const append: typeof log.append = (topic, records) =>
    state.isLogAway ? Promise.reject(new Failure('unavailable', 'away')) : log.append(topic, records);
  const insert: typeof warehouse.insert = (...args) =>
    state.isHanging ? new Promise(() => undefined) : warehouse.insert(...args);
  await mountLinks({ ...platform, log: { ...log, append }, warehouse: { ...warehouse, insert } });
  await send('eve', [{ event: 'Unsubscribed', properties: { email: 'eve@example.com' } }], 'browser');
  expect(await isSuppressed(platform, 'eve@example.com'), 'anybody could say so').toBe(false);

  state.isLogAway = true;
  expect(await click(platform)).toBe(503);
  state.isLogAway = false;
  state.isHanging = true;
  const startedAt = performance.now();
  expect(await click(platform)).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(8000);
  await expect.poll(() => isSuppressed(platform), { timeout: 15_000 }).toBe(true);
  await suppress(warehouse, { site: 'shop', address, reason: 'manual', active: false, at: platform.clock.now() });
  state.isHanging = false;
  expect(await click(platform)).toBe(200);
  expect(await isSuppressed(platform), 'before the sink has stored anything').toBe(true);
}, 60_000);
