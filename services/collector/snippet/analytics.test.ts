import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test, vi } from 'vitest';
import { chromiumPath, openBrowser } from '../../../test/support/chromium.ts';

type Event = { type: string; messageId: string; event?: string; [key: string]: unknown };

const stub = `<script>
  window.analytics = [];
  for (const name of ['page', 'track', 'identify']) analytics[name] = (...values) => analytics.push([name, ...values]);
</script>`;

/** A shop's page in a real browser, and a server that records what arrives there. `status` is what it answers. */
const openShop = async (attributes = '') => {
  const { buildSnippet } = (await import(new URL('build.mjs', import.meta.url).href)) as {
    buildSnippet: () => Promise<string>;
  };
  const script = (await buildSnippet()).replaceAll('__WRITE_KEY__', 'wk');
  const requests: { url: string; events: Event[] }[] = [];
  const answer = { status: 200 };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET' && request.url?.startsWith('/a.js'))
      return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    if (request.method === 'GET')
      return response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>Shop</title>${stub}<script src="/a.js" ${attributes}></script>`);
    const body = (await request.toArray()).join('');
    requests.push({ url: request.url ?? '', events: (JSON.parse(body) as { batch: Event[] }).batch });
    return response.writeHead(answer.status, { 'access-control-allow-origin': '*' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await openBrowser();
  onTestFinished(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });
  const page = await browser.newPage();
  const url = `http://localhost:${(server.address() as AddressInfo).port}/lamps`;
  const events = (): Event[] => requests.flatMap((request) => request.events);
  return { page, url, requests, events, answer };
};

const call = (page: Page, ...[method, ...values]: [string, ...unknown[]]): Promise<void> =>
  page.evaluate(
    ({ method, values }) => {
      (window as unknown as { analytics: Record<string, (...values: unknown[]) => void> }).analytics[method]?.(
        ...values,
      );
    },
    { method, values },
  );

const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 10_000 });

const needsBrowser = test.skipIf(chromiumPath() === null);

needsBrowser('what a page says arrives, with who, where and from which campaign', async () => {
  const { page, url, events, requests } = await openShop('data-pages="auto"');
  await page.goto(`${url}?utm_source=newsletter&utm_campaign=autumn`);
  await call(page, 'track', 'Product Viewed', { product_id: 'lamp' });
  await call(page, 'identify', 'ada', { email: 'ada@example.com' });
  await page.evaluate(() => history.pushState({}, '', '/lamps/2'));
  await eventually(async () => expect(events()).toHaveLength(4));
  expect(requests[0]?.url).toBe('/v1/batch?writeKey=wk');
  const [view, track, identify, next] = events();
  expect(view).toMatchObject({
    type: 'page',
    properties: { path: '/lamps', title: 'Shop' },
    context: { campaign: { source: 'newsletter', name: 'autumn' }, sessionId: expect.any(String) },
  });
  expect(track).toMatchObject({ event: 'Product Viewed', anonymousId: view?.['anonymousId'] });
  expect(identify).toMatchObject({ userId: 'ada', traits: { email: 'ada@example.com' } });
  expect(next).toMatchObject({ type: 'page', userId: 'ada', context: { page: { path: '/lamps/2' } } });
  expect(next?.['context']).toMatchObject({ page: { referrer: expect.stringContaining('utm_source') } });
  const cookies = await page.context().cookies();
  expect(cookies.find(({ name }) => name === 'ajs_anonymous_id')?.value).toBe(view?.['anonymousId']);
});

needsBrowser('an event right before the page is left arrives, and a second page does not lose it', async () => {
  const { page, url, events } = await openShop();
  await page.goto(url);
  await call(page, 'track', 'Checkout Started');
  await page.goto(`${url}/checkout`);
  await call(page, 'track', 'Order Completed', { order_id: 'o1' });
  await eventually(async () =>
    expect(new Set(events().map(({ event }) => event))).toEqual(new Set(['Checkout Started', 'Order Completed'])),
  );
  // Sent twice perhaps, but under one id.
  expect(new Set(events().map(({ messageId }) => messageId)).size).toBe(2);
});

needsBrowser('an overloaded server gets the event later, under the same id', async () => {
  const { page, url, events, answer } = await openShop();
  answer.status = 503;
  await page.goto(url);
  await call(page, 'track', 'Product Viewed');
  await eventually(async () => expect(events()).toHaveLength(1));
  answer.status = 200;
  await eventually(async () => expect(events()).toHaveLength(2));
  expect(events()[0]?.messageId).toBe(events()[1]?.messageId);
  await eventually(async () => expect(await page.evaluate(() => localStorage.getItem('dp_queue'))).toBe('[]'));
});

needsBrowser('a browser that asks not to be tracked is not, where the shop respects it', async () => {
  const { page, url, events } = await openShop('data-privacy="respect" data-pages="auto"');
  await page.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  await page.goto(url);
  await call(page, 'track', 'Product Viewed');
  await page.waitForTimeout(2500);
  expect(events()).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
});
