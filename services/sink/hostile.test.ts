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
  await expect.poll(() => accounts(platform.warehouse, 'shop'), { timeout: 6000 }).toMatchObject({ stored: 3 });
  await sink.close();
});
