import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AbandonmentAnswer } from '../../schemas/api/abandonment.ts';
import { adminToken } from '../support/api.ts';
import { chromiumPath, openBrowser } from '../support/chromium.ts';
import { createShiftedClock } from '../support/clock.ts';
import { looks, openContext, overflow, screenshots, shifted, violations, watch } from '../support/page.ts';
import { createTestProduct, eventually } from '../support/product.ts';

const hasBrowser = chromiumPath() !== null;
const opened: { browser?: Browser } = {};
beforeAll(async () => {
  if (hasBrowser) opened.browser = await openBrowser();
});
afterAll(() => opened.browser?.close());

const openDemo = async () => {
  const clock = createShiftedClock();
  const product = await createTestProduct({ clock, environment: { DEMO: 'true', DEMO_DAYS: '10' } });
  await product.demoReady;
  await product.settled('demo');
  return { ...product, clock };
};

test.skipIf(!hasBrowser)(
  'every page of the dashboards shows its figures, fits its screen, stands still, breaks no rule of accessibility and reports no error',
  { timeout: 240_000 },
  async () => {
    const demo = await openDemo();
    const { persons } = await demo.api<{ persons: { id: string }[] }>(
      'GET',
      '/api/sites/demo/persons?search=mail.example&limit=1',
    );
    const pages = [
      '',
      'funnel',
      'funnel?by=context.device&isCompared=true',
      'attribution',
      'value',
      'segments?isNew=true',
      'paths',
      'retention',
      'retention?interval=day',
      'trends',
      'baskets',
      'baskets?kind=browse&by=source',
      'search',
      'people',
      `people/${persons[0]?.id}`,
      'automations',
      'automations/new',
      'automations/basket-rescue',
      'discounts',
      'outbox',
      'setup',
      'rejected',
    ];
    const walk = async (look: (typeof looks)[number]): Promise<void> => {
      const context = await openContext(opened.browser, look);
      const page = await context.newPage();
      const faults = watch(page);
      await page.goto(`${demo.base}/sign-in/${demo.platform.access.signInCode()}`);
      await page.waitForURL('**/app/demo**');
      for (const path of pages) {
        await page.goto(`${demo.base}/app/demo/${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('load');
        await page.waitForTimeout(1500);
        const name = path === '' ? 'overview' : path.replace(/\d{6,}/, 'person').replace(/\W+/g, '-');
        await page.screenshot({ path: `${screenshots}${name}-${look.name}.png`, fullPage: true });
        expect(await overflow(page), `${name} fits ${look.width}`).toBe(0);
        // More than this is poor by Core Web Vitals; what comes depends on the demo's shoppers, and most pages are far below.
        expect(await shifted(page), `${name} ${look.name} stands still`).toBeLessThan(0.25);
        expect(await violations(page), `${name} ${look.name}`).toEqual([]);
      }
      expect(faults).toEqual([]);
      await context.close();
    };
    await Promise.all(looks.map(walk));
  },
);

test.skipIf(!hasBrowser)(
  'a funnel that was built lives in the address: opened again it shows the same',
  { timeout: 120_000 },
  async () => {
    const demo = await openDemo();
    const context = await openContext(opened.browser, looks[0]);
    await context.request.post(`${demo.base}/api/session`, { data: { token: adminToken } });
    const page = await context.newPage();
    await page.goto(`${demo.base}/app/demo/funnel`);
    await page.getByRole('button', { name: 'Add a step' }).click();
    await expect.poll(() => page.url()).not.toBe(`${demo.base}/app/demo/funnel`);
    const address = page.url();
    const again = await context.newPage();
    await again.goto(address);
    const inputs = (on: Page) =>
      on.locator('input').evaluateAll((all) => all.map((input) => (input as HTMLInputElement).value));
    await expect.poll(async () => JSON.stringify(await inputs(again))).toBe(JSON.stringify(await inputs(page)));
    await context.close();
  },
);

test.skipIf(!hasBrowser)(
  'the report from search to rating puts the term that finds nothing first, and shows the stars of what was bought',
  { timeout: 120_000 },
  async () => {
    const demo = await openDemo();
    const context = await openContext(opened.browser, looks[0]);
    await context.request.post(`${demo.base}/api/session`, { data: { token: adminToken } });
    const page = await context.newPage();
    await page.goto(`${demo.base}/app/demo/search`);
    const terms = page.getByRole('table', { name: 'Search terms and what they led to' });
    await terms.getByRole('row').nth(1).waitFor({ timeout: 60_000 });
    await page.getByRole('radiogroup', { name: 'First come' }).getByText('Found nothing').click();
    // The shop sells nothing under that name.
    await expect.poll(() => terms.getByRole('row').nth(1).textContent(), { timeout: 60_000 }).toMatch(/^gift\d+100%/);
    await expect.poll(() => page.getByText(/of 5 · \d+ ratings?/).count()).toBe(2);
    await context.close();
  },
);

test.skipIf(!hasBrowser)(
  'a visitor of the demo shop leaves a basket, finds the mail, comes back by its link and buys with the code',
  { timeout: 180_000 },
  async () => {
    const demo = await openDemo();
    // As links in mails say it: another name would be another origin, with another basket.
    const here = `http://localhost:${demo.port}`;
    const context = await openContext(opened.browser, looks[0]);
    const shop = await context.newPage();
    const faults = watch(shop);
    await shop.goto(`${here}/demo`);
    await shop.screenshot({ path: `${screenshots}shop-desktop-light.png`, fullPage: true });
    expect(await violations(shop)).toEqual([]);
    await shop.locator('#q').fill('lantern');
    await shop.getByRole('button', { name: 'Search' }).click();
    const cards = shop.locator('main .card');
    await cards.first().waitFor();
    await cards.first().locator('a').click();
    await shop.waitForURL('**/demo/product/**');
    await shop.getByRole('button', { name: 'Put into the basket' }).click();
    await shop.getByText('is in the basket').waitFor();
    await shop.goto(`${here}/demo/category/kitchen`);
    await shop.locator('main [data-add]').first().click();
    await shop.getByText('is in the basket').waitFor();
    await shop.goto(`${here}/demo/account`);
    await shop.locator('#name').fill('Grace Hopper');
    await shop.locator('#email').fill('grace@example.com');
    await shop.getByRole('button', { name: 'Sign in' }).click();
    await shop.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
    await shop.goto(`${here}/demo/basket`);
    await shop
      .getByRole('button', { name: /^Remove/ })
      .last()
      .click();
    await shop.waitForTimeout(2500);
    await shop.screenshot({ path: `${screenshots}shop-basket-desktop-light.png`, fullPage: true });
    await shop.close();

    await demo.settled('demo');
    demo.clock.advance(125_000);
    const mail = await eventually(async () => {
      const { mails } = await demo.api<{ mails: { id: string; to: string }[] }>('GET', '/api/sites/demo/outbox');
      const found = mails.find(({ to }) => to === 'grace@example.com');
      if (found === undefined) throw new Error('no mail yet');
      return demo.api<{ html: string; text: string; subject: string }>('GET', `/api/sites/demo/outbox/${found.id}`);
    }, 60);
    expect(mail.subject).toBe('Grace, your basket is still here');
    expect(mail.text).toContain('Still thinking about it?');

    // The button of the mail, as she would click it.
    const button = /href="([^"]+)"[^>]*>Back to my basket/.exec(mail.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const back = await context.newPage();
    const backFaults = watch(back);
    await back.goto(button);
    await back.waitForURL('**/demo/basket**');
    await back.getByRole('button', { name: /use|apply/i }).click();
    await back
      .getByText(/Code SAVE-/)
      .first()
      .waitFor();
    await back.getByRole('link', { name: /checkout|check out/i }).click();
    await back.locator('#street').fill('Main Street 1');
    await back.locator('#city').fill('Arlington');
    for (const step of [1, 2]) await back.locator(`form[data-step="${step}"] button`).click();
    await back.getByRole('button', { name: 'Order', exact: true }).click();
    await back.getByRole('heading', { name: /Thank you/ }).waitFor();
    await back.screenshot({ path: `${screenshots}shop-thanks-desktop-light.png`, fullPage: true });
    await back.waitForTimeout(2500);
    await back.close();

    const answer = await eventually(async () => {
      const found = await demo.api<AbandonmentAnswer>('POST', '/api/sites/demo/abandonment/query', {
        from: new Date(demo.clock.now() - 3_600_000).toISOString(),
        to: new Date(demo.clock.now() + 3_600_000).toISOString(),
        idleSeconds: 120,
        status: 'recovered',
        limit: 500,
      });
      if (!found.carts.some(({ email }) => email === 'grace@example.com')) throw new Error('not recovered yet');
      return found;
    }, 60);
    expect(answer.recovered).toBeGreaterThan(0);
    const { mails } = await demo.api<{ mails: { to: string }[] }>('GET', '/api/sites/demo/outbox?limit=200');
    expect(mails.filter(({ to }) => to === 'grace@example.com')).toHaveLength(1);
    expect([...faults, ...backFaults]).toEqual([]);
    await context.close();
  },
);
