import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Where tests leave what pages look like, for people to look at. */
export const screenshots = new URL('../artifacts/screenshots/', import.meta.url).pathname;
mkdirSync(screenshots, { recursive: true });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type Look = { name: string; width: number; height: number; colorScheme: 'light' | 'dark' };
const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
export const looks: [Look, Look] = [
  { name: 'desktop-light', ...desktop, colorScheme: 'light' },
  { name: 'phone-dark', ...phone, colorScheme: 'dark' },
];

/** For one click and what it waits for, beside a broker that is killed and an engine that counts. */
const actionMilliseconds = 60_000;

export const openContext = async (browser: Browser | undefined, look: Look): Promise<BrowserContext> => {
  if (browser === undefined) throw new Error('no browser');
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.colorScheme,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(actionMilliseconds);
  return context;
};

/** Errors that the page itself reports: scripts, policy violations, failed requests. */
export const watch = (page: Page): string[] => {
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(`${page.url()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error}`));
  return faults;
};

/** How many pixels the page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));

type LayoutShift = PerformanceEntry & { value: number; hadRecentInput: boolean };

/**
 * How much moved in the page since it was opened, without what a person did: the shares of the screen that moved, times
 * how far, summed (https://web.dev/articles/cls).
 */
export const shifted = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const sum = (shifts: LayoutShift[]): number =>
          shifts.reduce((before, { value, hadRecentInput }) => before + (hadRecentInput ? 0 : value), 0);
        // What was is handed over at once; a page in which nothing moved has nothing to hand over.
        new PerformanceObserver((list) => resolve(sum(list.getEntries() as LayoutShift[]))).observe({
          type: 'layout-shift',
          buffered: true,
        });
        setTimeout(() => resolve(0), 200);
      }),
  );

/** Chooses from a list that opens, once nothing that could move it is on its way. */
export const choose = async (page: Page, label: string, option: string): Promise<void> => {
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null);
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).click();
};

/** Rules of WCAG 2.2 AA that the page breaks. */
export const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe);
  // A colour on its way to another is neither; what never ends (a pulse) is not waited for.
  await page.evaluate(() => {
    const ends = document
      .getAnimations()
      .filter((each) => each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    return Promise.allSettled(ends.map(({ finished }) => finished)).then(() => undefined);
  });
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const result = await checker.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] });
    return result.violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ target }) => target.join(' '))
          .slice(0, 3)
          .join(', ')}`,
    );
  });
};
