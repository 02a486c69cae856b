import { jitsuAnalytics } from '@jitsu/js';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics as SegmentAnalytics } from '@segment/analytics-node';
import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../schemas/api/people.ts';
import { createTestProduct } from '../support/product.ts';

type Product = Awaited<ReturnType<typeof createTestProduct>>;

/** The journey of a user as the dashboards show it, oldest first. */
const journeyOf = async (product: Product, userId: string): Promise<TimelineEvent[]> => {
  const { persons } = await product.api<{ persons: { id: string }[] }>(
    'GET',
    `/api/sites/shop/persons?search=${userId}`,
  );
  expect(persons).toHaveLength(1);
  const { events } = await product.api<{ events: TimelineEvent[] }>(
    'GET',
    `/api/sites/shop/persons/${persons[0]?.id}/events?limit=500`,
  );
  return events.toReversed();
};

const numbers = Array.from({ length: 100 }, (_, index) => index);

test("Segment's Node client delivers every event", async () => {
  const product = await createTestProduct();
  const writeKey = (await product.createSite()).writeKeys[0] ?? '';
  const client = new SegmentAnalytics({ writeKey, host: product.base, flushAt: 7 });
  client.on('error', (error) => expect.fail(String(error)));
  client.identify({ userId: 'ada', traits: { email: 'ada@example.com' } });
  for (const index of numbers)
    client.track({ userId: 'ada', event: 'Product Viewed', properties: { product_id: `p${index}`, price: 9.9 } });
  await client.closeAndFlush();
  expect(await product.settled('shop', 101)).toMatchObject({ stored: 101, duplicate: 0, rejected: 0 });
  const journey = await journeyOf(product, 'ada');
  expect(
    journey
      .filter(({ event }) => event === 'Product Viewed')
      .map(({ properties }) => properties['product_id'])
      .sort(),
  ).toEqual(numbers.map((index) => `p${index}`).sort());
});

test("RudderStack's Node client delivers every event: gzipped JSON under a form's content type", async () => {
  const product = await createTestProduct();
  const writeKey = (await product.createSite()).writeKeys[0] ?? '';
  const client = new RudderAnalytics(writeKey, { dataPlaneUrl: product.base, flushAt: 20, gzip: true });
  for (const index of numbers)
    client.track({
      userId: 'ada',
      event: 'Product Added',
      properties: { product_id: `p${index}`, quantity: 1, price: '4.50' },
    });
  await client.flush();
  expect(await product.settled('shop', 100)).toMatchObject({ stored: 100, duplicate: 0, rejected: 0 });
  expect(await journeyOf(product, 'ada')).toHaveLength(100);
});

test("Jitsu's client delivers every event, one request each", async () => {
  const product = await createTestProduct();
  const site = await product.createSite();
  // Jitsu's keys are pairs.
  const writeKey = `${site.writeKeys[0]}:${site.secretKeys[0]}`;
  const client = jitsuAnalytics({ host: product.base, writeKey, s2s: true });
  await client.identify('ada', { email: 'ada@example.com' });
  for (const index of numbers.slice(0, 30)) await client.track('Product Viewed', { product_id: `p${index}` });
  const stats = await product.settled('shop', 31);
  expect(stats).toMatchObject({ stored: 31, duplicate: 0, rejected: 0 });
});

test('what the same client sends twice counts once', async () => {
  const product = await createTestProduct();
  const writeKey = (await product.createSite()).writeKeys[0] ?? '';
  const body = JSON.stringify({
    writeKey,
    batch: numbers.map((index) => ({ type: 'track', event: 'Tick', userId: 'ada', messageId: `m-${index}` })),
  });
  for (let round = 0; round < 3; round += 1) {
    const response = await fetch(`${product.base}/v1/batch`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ success: true, accepted: 100, rejected: 0 });
  }
  expect(await product.settled('shop', 300)).toMatchObject({ stored: 100, duplicate: 200, rejected: 0 });
});
