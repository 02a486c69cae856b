import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import type { TimelineEvent } from '../../schemas/api/people.ts';
import { chromiumPath, openBrowser } from '../support/chromium.ts';
import { createTestProduct, eventually } from '../support/product.ts';

const segmentScript = readFileSync(
  createRequire(import.meta.url)
    .resolve('@segment/analytics-next/package.json')
    .replace('package.json', 'dist/umd/index.js'),
);

/** A shop's page on another origin than ours, as in real life: every request crosses origins and is preflighted. */
const openShopPage = async (html: string): Promise<{ page: Page; faults: string[] }> => {
  const server = createServer((request, response) => {
    if (request.url === '/segment.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(segmentScript);
    else if (request.url === '/favicon.ico') response.writeHead(204).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Shop</title>${html}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await openBrowser();
  onTestFinished(async () => {
    await browser.close();
    server.close();
  });
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  const address = server.address();
  await page.goto(
    `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}/?utm_source=newsletter&utm_campaign=autumn`,
  );
  return { page, faults };
};

const journey = async (
  product: Awaited<ReturnType<typeof createTestProduct>>,
  search: string,
): Promise<TimelineEvent[]> => {
  const { persons } = await product.api<{ persons: { id: string }[] }>(
    'GET',
    `/api/sites/shop/persons?search=${search}`,
  );
  const { events } = await product.api<{ events: TimelineEvent[] }>(
    'GET',
    `/api/sites/shop/persons/${persons[0]?.id}/events`,
  );
  return events.toReversed();
};

for (const strategy of ['standard', 'batching'])
  test.skipIf(chromiumPath() === null)(`Segment's browser client delivers from a real page (${strategy})`, async () => {
    const product = await createTestProduct();
    const writeKey = (await product.createSite()).writeKeys[0] ?? '';
    const { page, faults } = await openShopPage('<script src="/segment.js"></script>');
    await page.evaluate(
      async ({ base, writeKey, strategy }) => {
        // The bundle's own global; its types are of no use inside the page.
        const { AnalyticsBrowser } = (window as unknown as { AnalyticsNext: unknown }).AnalyticsNext as {
          AnalyticsBrowser: {
            load(
              settings: object,
              options: object,
            ): PromiseLike<[unknown]> & Record<string, (...values: unknown[]) => Promise<unknown>>;
          };
        };
        const analytics = AnalyticsBrowser.load(
          { writeKey, cdnURL: base },
          {
            integrations: {
              'Segment.io': {
                apiHost: `${base.replace('http://', '')}/v1`,
                protocol: 'http',
                deliveryStrategy: { strategy, config: { size: 3, timeout: 200 } },
              },
            },
          },
        );
        await analytics['page']?.('Home');
        await analytics['track']?.('Product Viewed', { product_id: 'tent', price: 120 });
        await analytics['identify']?.('ada', { email: 'ada@example.com' });
        await analytics['track']?.('Product Added', { product_id: 'tent', quantity: 1, cart_id: 'c1' });
      },
      { base: product.base, writeKey, strategy },
    );
    expect(await product.settled('shop', 4)).toMatchObject({ stored: 4, rejected: 0 });
    // The link between device and user is seen a moment after the events are.
    await eventually(async () => {
      const events = await journey(product, 'ada');
      expect(events.map(({ event }) => event).sort(), 'the anonymous part belongs to her').toEqual(
        ['Identify', 'Page Viewed', 'Product Added', 'Product Viewed'].sort(),
      );
    });
    expect(faults).toEqual([]);
  });

test.skipIf(chromiumPath() === null)(
  'our snippet delivers what a page does, also when it is left at once',
  async () => {
    const product = await createTestProduct();
    const writeKey = (await product.createSite()).writeKeys[0] ?? '';
    const { page, faults } = await openShopPage(`
    <script>
      window.analytics = [];
      for (const name of ['page', 'track', 'identify']) analytics[name] = (...values) => analytics.push([name, ...values]);
      analytics.page();
      analytics.track('Product Viewed', { product_id: 'tent' });
    </script>
    <script async src="${product.base}/analytics.js/v1/${writeKey}/analytics.min.js"></script>`);
    await product.settled('shop', 2);
    await page.evaluate(() => {
      const { analytics } = window as unknown as { analytics: Record<string, (...values: unknown[]) => void> };
      analytics['identify']?.('ada', { email: 'ada@example.com' });
      analytics['track']?.('Product Added', { product_id: 'tent', quantity: 1 });
      location.href = 'about:blank';
    });
    expect(await product.settled('shop', 4)).toMatchObject({ stored: 4, duplicate: 0, rejected: 0 });
    await eventually(async () => expect(await journey(product, 'ada')).toHaveLength(4));
    expect(faults).toEqual([]);
  },
);
