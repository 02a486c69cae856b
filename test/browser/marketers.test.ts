import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminToken } from '../support/api.ts';
import { chromiumPath, openBrowser } from '../support/chromium.ts';
import { choose } from '../support/page.ts';
import { createTestProduct } from '../support/product.ts';

const hasBrowser = chromiumPath() !== null;
const opened: { browser?: Browser } = {};
beforeAll(async () => {
  if (hasBrowser) opened.browser = await openBrowser();
});
afterAll(() => opened.browser?.close());

/** The demo's dashboards, signed in. */
const openDashboards = async (): Promise<{ page: Page; app: string }> => {
  const demo = await createTestProduct({ environment: { DEMO: 'true', DEMO_DAYS: '5' } });
  await demo.demoReady;
  await demo.settled('demo');
  const context = await opened.browser?.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  if (context === undefined) throw new Error('no browser');
  await context.request.post(`${demo.base}/api/session`, { data: { token: adminToken } });
  return { page: await context.newPage(), app: `${demo.base}/app/demo` };
};

/** Nothing of the demo is slow, but two cores share it with whatever else runs. */
const patience = { timeout: 60_000 };

test.skipIf(!hasBrowser)(
  'a marketer asks a funnel with its options, sees them in the address, and finds the customers behind a bar',
  { timeout: 180_000 },
  async () => {
    const { page, app } = await openDashboards();
    await page.goto(`${app}/funnel`);
    await page.getByRole('button', { name: 'Options' }).click(patience);
    await choose(page, 'Counted are', 'sessions');
    await page.getByRole('combobox', { name: 'Broken down by' }).fill('context.device');
    await page.getByRole('combobox', { name: 'Broken down by' }).press('Enter');
    const rows = page.getByRole('table', { name: 'The funnel by context.device' }).getByRole('row');
    await expect.poll(() => rows.count(), patience).toBeGreaterThan(1);
    expect(page.url()).toContain('count=session');
    await expect.poll(() => page.getByText('2 set').count()).toBe(1);

    await page.getByRole('button', { name: /sessions? that reached it/ }).click();
    const behind = page.getByRole('list', { name: 'People behind the bar' });
    await behind.getByRole('listitem').first().waitFor(patience);
    expect(await page.getByRole('dialog').textContent()).toContain('Reached “Product Added”');
    await behind.getByRole('link').first().click();
    await page.waitForURL('**/people/**');
    await page.goBack();
    await behind.getByRole('listitem').first().waitFor(patience);
  },
);

test.skipIf(!hasBrowser)(
  'what a marketer opens while the funnel is being asked stays where it is when the answer comes',
  { timeout: 180_000 },
  async () => {
    const { page, app } = await openDashboards();
    const release = Promise.withResolvers<void>();
    await page.route('**/funnels/query', async (route) => {
      await release.promise;
      await route.continue();
    });
    await page.goto(`${app}/funnel`);
    await page.getByRole('button', { name: 'Options' }).click(patience);
    await page.getByRole('combobox', { name: 'Counted are' }).click();
    release.resolve();
    await page.getByText(/make it to the end/).waitFor(patience);
    await page.getByRole('option', { name: 'sessions' }).click({ timeout: 5_000 });
    await expect.poll(() => page.url()).toContain('count=session');
  },
);

test.skipIf(!hasBrowser)(
  'a segment that is made on its page counts its people, lists them, and breaks down a funnel',
  { timeout: 180_000 },
  async () => {
    const { page, app } = await openDashboards();
    await page.goto(`${app}/segments`);
    await page.getByText('No segments yet').waitFor(patience);
    await page.getByRole('button', { name: 'New segment' }).click();
    await page.getByText(/[1-9]\d* of [\d,]+ people/).waitFor(patience);
    await page.getByRole('textbox', { name: 'Name' }).fill('Bought lately');
    await page.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('table', { name: 'Saved segments' }).getByRole('row').nth(1);
    await expect
      .poll(() => row.textContent(), patience)
      .toMatch(/^Bought latelydid “Order Completed” in the last 30 days\d+/);
    await page.getByRole('list', { name: 'People in Bought lately' }).getByRole('link').first().waitFor(patience);

    const id = new URL(page.url()).searchParams.get('segment') ?? '';
    await page.goto(`${app}/funnel?segments=${encodeURIComponent(JSON.stringify([id]))}`);
    const broken = page.getByRole('table', { name: 'The funnel by segment' });
    await expect.poll(() => broken.textContent(), patience).toContain('Bought lately');
  },
);

test.skipIf(!hasBrowser)(
  'the page of value shows the kinds of buyers, and the buyers of the kind that is chosen',
  { timeout: 180_000 },
  async () => {
    const { page, app } = await openDashboards();
    await page.goto(`${app}/value`);
    const classes = page.getByRole('table', { name: 'Kinds of buyers' });
    await expect.poll(() => classes.getByRole('row').count(), patience).toBe(12);
    await classes.locator('button:enabled').first().click();
    const name = await classes.locator('button[aria-pressed=true]').textContent();
    const buyers = page.getByRole('region', { name: `${name}, worth most first` });
    await expect
      .poll(() => buyers.getByText(new RegExp(`^${name} · \\d+ orders?, last`)).count(), patience)
      .toBeGreaterThan(0);
    expect(page.url()).toContain('class=');
  },
);

test.skipIf(!hasBrowser)(
  'the page of attribution shows six models side by side, each of which gives away every order once',
  { timeout: 180_000 },
  async () => {
    const { page, app } = await openDashboards();
    await page.goto(`${app}/attribution`);
    const credits = page.getByRole('table', { name: 'Credit by source and model' });
    await expect.poll(() => credits.getByRole('row').count(), patience).toBeGreaterThan(1);
    const cells = await credits
      .getByRole('row')
      .evaluateAll((rows) => rows.slice(1).map((row) => [...row.querySelectorAll('td')].map((td) => td.textContent)));
    const sums = Array.from({ length: 6 }, (_, model) => cells.reduce((sum, row) => sum + Number(row[model]), 0));
    // What is shown is rounded to a tenth.
    for (const sum of sums) expect(Math.abs(sum - (sums[0] ?? 0))).toBeLessThan(1);
    expect(sums[0]).toBeGreaterThan(0);
    await page.getByRole('radiogroup', { name: 'Shown are' }).getByText('EUR').click();
    await expect.poll(() => credits.textContent()).toContain('€');
  },
);
