import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AutomationAnswer } from '../../schemas/api/automations.ts';
import { listPools } from '../../schemas/api/discounts.ts';
import { basketRescue } from '../../services/automations/ready-made.ts';
import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { adminToken } from '../support/api.ts';
import { chromiumPath, openBrowser } from '../support/chromium.ts';
import { looks, openContext, overflow, screenshots, violations, watch } from '../support/page.ts';
import { createTestProduct } from '../support/product.ts';
import { insertRows } from '../support/rows.ts';

const hasBrowser = chromiumPath() !== null;
const opened: { browser?: Browser } = {};
beforeAll(async () => {
  if (hasBrowser) opened.browser = await openBrowser();
});
afterAll(() => opened.browser?.close());

/** 120 codes of an automation: percentages and amounts; a quarter of them used, each for an order of €45. */
const issued = async (warehouse: Warehouse, automation: string): Promise<void> => {
  const day = 86_400_000;
  const now = Date.now();
  const codes = Array.from({ length: 120 }, (_, index) => index);
  const columns = [
    'site',
    'code',
    'action_id',
    'person',
    'automation',
    'benefit',
    'percent',
    'amount',
    'currency',
    'minimum',
  ];
  const rowOf = (index: number): unknown[] => {
    const terms = index % 2 === 0 ? ['percent', 10, '0', '', '0'] : ['amount', 0, '5', 'EUR', '50'];
    return ['shop', `SAVE-${index}`, `action-${index}`, 1, automation, ...terms];
  };
  const isUsed = (index: number): boolean => index % 4 === 0;
  await insertRows(
    warehouse,
    'discounts',
    [...columns, 'expires_at', 'kind', 'order_id', 'at'],
    codes.flatMap((index) => {
      const expires = columnTime(now + (index < 60 ? day : -day));
      const made = [...rowOf(index), expires, 'issued', '', columnTime(now - 3 * day)];
      const used = [...rowOf(index), expires, 'redeemed', `order-${index}`, columnTime(now - 2 * day - index * 60_000)];
      return isUsed(index) ? [made, used] : [made];
    }),
  );
  await insertRows(
    warehouse,
    'events',
    ['site', 'timestamp', 'event', 'type', 'message_id', 'user_id', 'order_id', 'revenue', 'currency'],
    codes
      .filter(isUsed)
      .map((index) => [
        'shop',
        columnTime(now - 2 * day),
        'Order Completed',
        'track',
        `m-${index}`,
        'ada',
        `order-${index}`,
        '45',
        'EUR',
      ]),
  );
};

test.skipIf(!hasBrowser)(
  'a pool is made, filled and chosen in a mail with an amount and a minimum; it stays as it was set, and is not deleted while it is used',
  { timeout: 120_000 },
  async () => {
    const product = await createTestProduct();
    await product.createSite();
    const context = await openContext(opened.browser, looks[0]);
    await context.request.post(`${product.base}/api/session`, { data: { token: adminToken } });
    const page = await context.newPage();
    const faults = watch(page);
    const open = async (path: string): Promise<void> => {
      await page.goto(`${product.base}/app/shop/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
    };

    await open('discounts');
    await page.getByText('No codes were issued in this time').first().waitFor();
    await page.getByRole('textbox', { name: 'Name of a new pool' }).fill('Spring');
    await page.getByRole('button', { name: 'New pool' }).click();
    await page.getByRole('textbox', { name: 'Codes for Spring' }).fill('SPRING-1\nSPRING-2\nnot a code\nspring-1');
    await page.getByRole('button', { name: 'Add to the pool' }).click();
    await page.getByText('2 codes added, 1 known already.').waitFor();
    await page.getByText('Line 3: a code has 1 to 100 letters').waitFor();
    await page.getByText('2 of 2 codes').waitFor();

    await open('automations/new');
    await page.getByRole('button', { name: 'Use “Basket rescue in three mails”' }).click();
    await page.getByRole('heading', { level: 1, name: 'Basket rescue in three mails' }).waitFor();
    const step = page.getByRole('group', { name: /Email “Your basket, with …”/ });
    await page.getByRole('button', { name: /Email “Your basket, with …”/ }).click();
    await step.getByLabel('The code is good for').selectOption('an amount off');
    await step.getByLabel('Amount off').fill('7.5');
    await step.getByLabel('Codes come from').selectOption({ label: 'Pool “Spring”: 2 left' });
    await step.getByLabel('Only for orders of a certain worth').check();
    await step.getByLabel('At least').fill('0');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await step.getByText('more than nothing').waitFor();
    await step.getByLabel('At least').fill('60');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('version 2').waitFor();
    await page.screenshot({ path: `${screenshots}/discount-editor-desktop-light.png`, fullPage: true });

    await page.reload();
    await page.getByRole('button', { name: /Email “Your basket, with …”/ }).click();
    expect(await step.getByLabel('The code is good for').inputValue()).toBe('amount');
    expect(await step.getByLabel('Amount off').inputValue()).toBe('7.5');
    expect(await step.getByLabel('At least').inputValue()).toBe('60');
    const { pools } = listPools.answer.parse(
      await (await context.request.get(`${product.base}/api/sites/shop/discount-pools`)).json(),
    );
    expect(await step.getByLabel('Codes come from').inputValue()).toBe(pools[0]?.id);

    await open('discounts');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('takes codes from this pool').waitFor();
    expect(faults.filter((fault) => !/40[09]/.test(fault))).toEqual([]);
  },
);

test.skipIf(!hasBrowser)(
  'what codes brought and cost is shown as the server counts it, on a desk and on a phone',
  { timeout: 120_000 },
  async () => {
    const product = await createTestProduct();
    await product.createSite();
    const { id } = await product.api<AutomationAnswer>('POST', '/api/sites/shop/automations', basketRescue, 201);
    await issued(product.platform.warehouse, id);
    for (const look of looks) {
      const context = await openContext(opened.browser, look);
      await context.request.post(`${product.base}/api/session`, { data: { token: adminToken } });
      const page = await context.newPage();
      const faults = watch(page);
      await page.goto(`${product.base}/app/shop/discounts`);
      await page.getByRole('row', { name: /SAVE-0.*order-0.*€45\.00/ }).waitFor();
      await page.getByRole('rowheader', { name: '€5.00 off from €50.00 on' }).waitFor();
      const row = page.getByRole('row', { name: /^Basket rescue/ });
      const figures = ['120', '30 25%', '€1,350.00', '€150.00'];
      // What was given has no room in the tables of a phone: it stands above them.
      expect(await row.getByRole('cell').allTextContents()).toEqual(look === looks[0] ? figures : figures.slice(0, 3));
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      expect(faults).toEqual([]);
      await page.screenshot({ path: `${screenshots}/discounts-${look.name}.png`, fullPage: true });
      await context.close();
    }
  },
);
