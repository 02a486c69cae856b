import { expect, test } from 'vitest';
import { openPlatform } from '../../test/support/services.ts';
import type { LogRecord } from '../platform/log/log.ts';
import { accounts } from '../questions/accounting.ts';
import { start } from './sink.ts';

const record = (userId: string, event: object): LogRecord => {
  const header = { v: 1, site: 'shop', receivedAt: Date.now(), sentAt: null, channel: 'browser', type: null };
  const batch = [
    { type: 'track', event: 'Tick', userId, anonymousId: `device-of-${userId}`, messageId: `m-${userId}`, ...event },
  ];
  return {
    key: `shop/${userId}`,
    label: 'shop',
    count: 1,
    value: Buffer.from(`${JSON.stringify({ ...header, ip: '', userAgent: '' })}\n${JSON.stringify({ batch })}`),
  };
};

test.each([
  ['sent in the year 9999', { sentAt: '9999-12-31T00:00:00Z', timestamp: new Date().toISOString() }],
  ['sent at the end of time', { sentAt: '+275760-09-13T00:00:00.000Z', timestamp: new Date().toISOString() }],
  ['sent before there were clocks', { sentAt: '-271821-04-20T00:00:00Z' }],
  ['a time that is no time', { timestamp: 1e20, sentAt: 1e300 }],
  ['half of a surrogate pair in an id', { anonymousId: 'x\ud800y' }],
])('one odd client does not stop the events of others: %s', async (_, odd) => {
  const { platform } = await openPlatform();
  const sink = await start(platform);
  await platform.log.append('events', [record('odd', odd)]);
  await platform.log.append('events', [record('ada', {}), record('bob', {})]);
  await expect.poll(() => accounts(platform.warehouse, 'shop'), { timeout: 30_000 }).toMatchObject({ stored: 3 });
  await sink.close();
});

test('a refused event whose reason quotes it in the middle of a character does not stop the refused events of others', async () => {
  const { platform } = await openPlatform();
  const sink = await start(platform);
  const refused = (messageId: string, message: string): LogRecord => {
    const header = { v: 1, site: 'shop', receivedAt: Date.now(), sentAt: null, channel: 'browser', type: null };
    const rejected = {
      v: 1,
      site: 'shop',
      receivedAt: Date.now(),
      messageId,
      code: 'invalid_type',
      path: 'a\udc00',
      message,
    };
    const value = JSON.stringify({ ...rejected, event: '{}', header: { ...header, ip: '', userAgent: '' } });
    return { key: `shop/${messageId}`, label: 'shop', count: 1, value: Buffer.from(value) };
  };
  await platform.log.append('rejected', [refused('m1', 'got "🛒🛒\ud83d…"'), refused('m2', 'got a list')]);
  await expect.poll(() => accounts(platform.warehouse, 'shop', 2), { timeout: 30_000 }).toMatchObject({ rejected: 2 });
  await sink.close();
});
