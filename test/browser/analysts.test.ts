import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { day, duration, percent } from '../../dashboards/src/format.ts';
import { toldOf } from '../../dashboards/src/funnel-insights.ts';
import type {
  FunnelAnswer,
  FunnelCorrelationAnswer,
  FunnelTimingAnswer,
  FunnelTrendAnswer,
} from '../../schemas/api/funnels.ts';
import type { SegmentAnswer } from '../../schemas/api/segments.ts';
import { adminToken } from '../support/api.ts';
import { chromiumPath, openBrowser } from '../support/chromium.ts';
import { choose, looks, openContext, overflow, screenshots, shifted, violations } from '../support/page.ts';
import { createTestProduct } from '../support/product.ts';
import { insertRows } from '../support/rows.ts';

const hasBrowser = chromiumPath() !== null;
const opened: { browser?: Browser } = {};
beforeAll(async () => {
  if (hasBrowser) opened.browser = await openBrowser();
});
afterAll(() => opened.browser?.close());

const dayMs = 86_400_000;
const midnight = Math.floor(Date.now() / dayMs) * dayMs;
const period = { from: new Date(midnight - 10 * dayMs).toISOString(), to: new Date(midnight).toISOString() };
const before = { from: new Date(midnight - 20 * dayMs).toISOString(), to: period.from };
const days = `range=custom&from=${period.from.slice(0, 10)}&to=${new Date(midnight - dayMs).toISOString().slice(0, 10)}`;

const names = {
  view: 'Product Viewed',
  add: 'Product Added',
  buy: 'Order Completed',
  look: 'Page Viewed',
  drop: 'Product Removed',
};
const isName = (word: string): word is keyof typeof names => Object.hasOwn(names, word);
const steps = [names.view, names.add, names.buy].map((event) => ({ event }));

/** What each did, a word a minute: an event, of another product after a colon, in another session after an @. */
const journeys: Record<string, string> = {
  straight: 'view add buy',
  wandering: 'view look add buy',
  backwards: 'add view buy',
  skipping: 'view buy',
  doubting: 'view add drop buy',
  swapping: 'view add:lamp buy:lamp',
  returning: 'view add buy@2',
  looking: 'view',
  leaving: 'view add',
  comparing: 'view view:lamp view:mug',
  retrying: 'view drop view add buy',
  renewing: 'add view add buy',
};
const journeysBefore: Record<string, string> = { early: 'view add', first: 'view' };

const rowsOf = (all: Record<string, string>, start: number) =>
  Object.entries(all).flatMap(([person, journey], place) =>
    journey.split(' ').map((word, minute) => {
      const [what = '', session = '1'] = word.split('@');
      const [kind = '', product = 'tent'] = what.split(':');
      if (!isName(kind)) throw new Error(`no event ${kind}`);
      const at = new Date(start + minute * 60_000).toISOString().replace('Z', '');
      return ['shop', at, at, names[kind], 'track', `${person}-${minute}`, person, `${person}-${session}`].concat([
        product,
        place % 3 === 0 ? 'phone' : 'desktop',
        JSON.stringify({ material: person }),
      ]);
    }),
  );
const columns = [
  'site',
  'timestamp',
  'received_at',
  'event',
  'type',
  'message_id',
  'user_id',
  'session',
  'product_id',
  'device',
].concat(['properties']);

const openShop = async (look = looks[0]) => {
  const product = await createTestProduct();
  await product.createSite();
  await insertRows(product.platform.warehouse, 'events', columns, [
    ...rowsOf(journeys, midnight - 5 * dayMs),
    ...rowsOf(journeysBefore, midnight - 15 * dayMs),
  ]);
  const context = await openContext(opened.browser, look);
  await context.request.post(`${product.base}/api/session`, { data: { token: adminToken } });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { ...product, page, app: `${product.base}/app/shop` };
};

const type = async (page: Page, label: string, text: string): Promise<void> => {
  await page.getByRole('combobox', { name: label }).fill(text);
  await page.getByRole('combobox', { name: label }).press('Tab');
};

/** The table behind the chart: a column of it, step by step. */
const column = async (page: Page, place: number): Promise<(string | null)[]> => {
  const closed = page.getByRole('button', { name: 'Show as a table' });
  if ((await closed.count()) > 0) await closed.click();
  const rows = page.getByRole('table', { name: "The funnel's steps" }).locator('tbody tr');
  return rows.evaluateAll((all, at) => all.map((row) => row.querySelectorAll('td').item(at)?.textContent), place);
};
const people = (page: Page): Promise<(string | null)[]> => column(page, 1);

type Option = { named: string; set: (page: Page) => Promise<void>; asked: object; address: string };
const options: Option[] = [
  {
    named: 'strict',
    set: (page) => choose(page, 'Steps are done', 'with nothing in between'),
    asked: { order: 'strict' },
    address: 'order=strict',
  },
  {
    named: 'in any order',
    set: (page) => choose(page, 'Steps are done', 'in any order'),
    asked: { order: 'unordered' },
    address: 'order=unordered',
  },
  {
    named: 'with an optional step',
    set: (page) => page.getByRole('checkbox', { name: 'Step 2 is optional' }).check(),
    asked: { steps: steps.map((step, index) => (index === 1 ? { ...step, optional: true } : step)) },
    address: 'optional',
  },
  {
    named: 'without who did something on the way',
    set: async (page) => {
      await page.getByRole('button', { name: 'Leave out who did …' }).click();
      await type(page, 'Without 1: event', names.drop);
    },
    asked: { exclusions: [{ event: names.drop }] },
    address: 'without=',
  },
  {
    named: 'with one product through all steps',
    set: (page) => type(page, 'The same through all steps', 'product_id'),
    asked: { constant: 'product_id' },
    address: 'constant=product_id',
  },
  {
    named: 'by session',
    set: (page) => choose(page, 'Counted are', 'sessions'),
    asked: { countBy: 'session' },
    address: 'count=session',
  },
  {
    named: 'by the values of a property',
    set: async (page) => {
      await choose(page, 'Counted are', 'values of a property');
      await type(page, 'Which property', 'product_id');
    },
    asked: { countBy: { property: 'product_id' } },
    address: 'countProperty=product_id',
  },
  {
    named: 'with a step soon after the one before',
    set: async (page) => {
      await page.getByRole('button', { name: 'Limits of Step 2' }).click();
      await page.getByRole('textbox', { name: 'Step 2 within' }).fill('1');
      await page.getByRole('combobox', { name: 'Step 2 within: unit' }).selectOption('minutes');
    },
    asked: { steps: steps.map((step, index) => (index === 1 ? { ...step, withinSeconds: 60 } : step)) },
    address: 'withinSeconds',
  },
  {
    named: 'with a step that is the first ever',
    set: async (page) => {
      await page.getByRole('button', { name: 'Limits of Step 2' }).click();
      await page.getByRole('combobox', { name: 'Step 2 counts' }).selectOption('only the first time ever');
    },
    asked: { steps: steps.map((step, index) => (index === 1 ? { ...step, firstEver: true } : step)) },
    address: 'firstEver',
  },
  {
    named: 'stopped by what was done between two steps',
    set: async (page) => {
      await page.getByRole('button', { name: 'Leave out who did …' }).click();
      await type(page, 'Without 1: event', names.drop);
      await choose(page, 'Without 1: after which step', `2. ${names.add}`);
      await choose(page, 'Who does that', 'cannot go on from there');
    },
    asked: { exclusions: [{ event: names.drop, after: 1 }], exclusionEffect: 'block' },
    address: 'effect=block',
  },
  {
    named: 'from any step',
    set: (page) => choose(page, 'People come in', 'at any step'),
    asked: { open: true },
    address: 'isOpen=true',
  },
  {
    named: 'by the first try, strictly',
    set: async (page) => {
      await choose(page, 'Steps are done', 'with nothing in between');
      await choose(page, 'Of several tries counts', 'the first in the period');
    },
    asked: { order: 'strict', reentry: 'first' },
    address: 'reentry=first',
  },
  {
    named: 'of events that pass a filter',
    set: async (page) => {
      await page.getByRole('button', { name: 'Filter' }).last().click();
      await type(page, 'Every event, condition 1: property', 'product_id');
      await page.getByRole('textbox', { name: 'Every event, condition 1: value' }).fill('tent');
      await page.getByRole('textbox', { name: 'Every event, condition 1: value' }).press('Enter');
    },
    asked: { where: [{ property: 'product_id', op: 'eq', value: 'tent' }] },
    address: 'where=',
  },
];

test.skipIf(!hasBrowser)(
  'every option of a funnel that is chosen on its page shows what the API answers, and again when the address is opened',
  { timeout: 240_000 },
  async () => {
    const { page, app, api } = await openShop();
    const ask = (asked: object = {}) =>
      api<FunnelAnswer>('POST', '/api/sites/shop/funnels/query', { steps, ...period, ...asked });
    const counts = async (asked?: object) => (await ask(asked)).steps.map(({ count }) => String(count));
    const plain = await counts();
    expect(plain).toEqual(['12', '8', '7']);
    const address = `${app}/funnel?${days}&steps=${encodeURIComponent(JSON.stringify(steps))}`;
    const openFresh = async () => {
      await page.goto(address);
      await expect.poll(() => people(page)).toEqual(plain);
      await page.getByRole('button', { name: 'Options' }).click();
    };

    for (const { named, set, asked, address: part } of options) {
      await openFresh();
      await set(page);
      const answered = await counts(asked);
      expect(answered, `${named} is another question`).not.toEqual(plain);
      await expect.poll(() => people(page), { message: named }).toEqual(answered);
      expect(page.url(), named).toContain(part);
      await page.reload();
      await expect.poll(() => people(page), { message: `${named}, opened again` }).toEqual(answered);
    }

    await openFresh();
    await page.getByRole('switch', { name: 'Beside the time before' }).check();
    const { comparison } = await ask({ compareTo: before });
    const shares = comparison?.steps.map(({ fromStart }) => percent(fromStart));
    expect(shares).toEqual(['100%', '50%', '0%']);
    await expect.poll(() => column(page, 8)).toEqual(shares);
    await page.reload();
    await expect.poll(() => column(page, 8)).toEqual(shares);
  },
);

test.skipIf(!hasBrowser)(
  'a funnel that is broken down is drawn group by group, the rest as all others, over a table of the same figures',
  { timeout: 60_000 },
  async () => {
    const { page, app, api } = await openShop();
    await page.goto(`${app}/funnel?${days}&steps=${encodeURIComponent(JSON.stringify(steps))}`);
    await page.getByRole('button', { name: 'Options' }).click();
    await type(page, 'Broken down by', 'material');
    const { breakdown = [] } = await api<FunnelAnswer>('POST', '/api/sites/shop/funnels/query', {
      steps,
      ...period,
      breakdown: { property: 'material', limit: 8 },
    });
    const nameOf = ({ kind, value }: (typeof breakdown)[number]) => (kind === 'value' ? value : 'all others');
    expect(breakdown.map(({ kind }) => kind)).toEqual([...Array.from({ length: 8 }, () => 'value'), 'other']);
    const legend = page.getByRole('list', { name: 'Groups by material' }).getByRole('listitem');
    const drawn = page.getByRole('region', { name: 'Steps by material, drawn' }).getByRole('img');
    const shown = async () => ({
      legend: await legend.allTextContents(),
      bars: (await drawn.evaluateAll((bars) => bars.map((bar) => bar.getAttribute('aria-label')))).toSorted(),
      figures: await page
        .getByRole('table', { name: 'The funnel by material' })
        .locator('tbody tr')
        .evaluateAll((rows) =>
          rows.map((row) => [...row.querySelectorAll('th, button')].map((cell) => cell.textContent)),
        ),
    });
    const expected = {
      legend: breakdown.map((group) => `${nameOf(group)} (${group.steps[0]?.count})`),
      bars: breakdown
        .flatMap((group) =>
          group.steps.map(({ fromStart, label }) => `${nameOf(group)}: ${percent(fromStart)} at “${label}”`),
        )
        .toSorted(),
      figures: breakdown.map((group) => [nameOf(group), ...group.steps.map(({ count }) => String(count))]),
    };
    await expect.poll(shown).toEqual(expected);
    expect(await violations(page)).toEqual([]);
    await page.reload();
    await expect.poll(shown).toEqual(expected);
  },
);

test.skipIf(!hasBrowser)(
  'a segment is changed and renamed on its page, never over what another has changed, and deleted once nothing uses it',
  { timeout: 60_000 },
  async () => {
    const { page, app, api } = await openShop();
    const path = '/api/sites/shop/segments';
    const byApi = { kind: 'did', event: names.view, where: [{ property: 'product_id', op: 'eq', value: 'tent' }] };
    const bought = { kind: 'did', event: names.buy, in: { lastDays: 30 } };
    const { id } = await api<SegmentAnswer>('POST', path, { name: 'Buyers', is: { kind: 'all', of: [bought, byApi] } });
    const email = {
      subject: 'Hello',
      heading: 'Hello',
      body: 'Hello',
      button: 'Look',
      buttonUrl: 'https://shop.example/',
    };
    const automation = await api<{ id: string }>('POST', '/api/sites/shop/automations', {
      name: 'Thanks',
      trigger: { kind: 'segment', segment: id },
      steps: [{ id: 'a', kind: 'email', email }],
    });
    const rows = page.getByRole('table', { name: 'Saved segments' }).locator('tbody tr');
    const name = page.getByRole('textbox', { name: 'Name' });
    const save = page.getByRole('button', { name: 'Save', exact: true });

    await page.goto(`${app}/segments`);
    await page.getByRole('button', { name: 'Buyers' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await choose(page, 'Condition 1: event', names.add);
    await name.fill('Had it in the basket');
    expect(await violations(page)).toEqual([]);
    await save.click();
    await expect
      .poll(() => rows.allTextContents())
      .toEqual([expect.stringMatching(/^Had it in the basket.*Product Added.*10/)]);
    expect(await api<SegmentAnswer>('GET', `${path}/${id}`)).toMatchObject({
      version: 2,
      segment: { is: { kind: 'all', of: [{ event: names.add, in: { lastDays: 30 } }, byApi] } },
    });

    await page.getByRole('button', { name: 'Edit' }).click();
    await api('PUT', `${path}/${id}`, { name: 'Theirs', is: byApi });
    await name.fill('Mine');
    await save.click();
    await page.getByRole('alert').getByText('somebody else changed this segment').waitFor();
    await page.getByRole('button', { name: 'Drop my changes and show theirs' }).click();
    await expect.poll(() => name.inputValue()).toBe('Theirs');
    await name.fill('Ours');
    await save.click();
    await expect.poll(() => rows.allTextContents()).toEqual([expect.stringMatching(/^Ours/)]);
    expect(await api<SegmentAnswer>('GET', `${path}/${id}`)).toMatchObject({ version: 4, segment: { is: byApi } });

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('alert').getByText('It is used by the automation “Thanks”').waitFor();
    await api('DELETE', `/api/sites/shop/automations/${automation.id}`);
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('No segments yet').waitFor();
    await api('GET', `${path}/${id}`, undefined, 404);
  },
);

test.skipIf(!hasBrowser)(
  'the page of a person stands still on a phone, whichever of its answers comes first and however long it is',
  { timeout: 60_000 },
  async () => {
    const { page, app, api } = await openShop(looks[1]);
    const find = async (search: string) =>
      (await api<{ persons: { id: string }[] }>('GET', `/api/sites/shop/persons?search=${search}`)).persons[0]?.id;
    const slow = { now: '' };
    await page.route('**/api/sites/shop/persons/**', async (route) => {
      const isJourney = route.request().url().includes('/events');
      await new Promise((resolve) => setTimeout(resolve, isJourney === (slow.now === 'journey') ? 800 : 400));
      await route.continue();
    });
    for (const who of ['looking', 'retrying'])
      for (slow.now of ['journey', 'profile']) {
        await page.goto(`${app}/people/${await find(who)}`);
        await page.getByRole('heading', { name: 'Worth' }).waitFor();
        await page.getByText(/^\d events?$/).waitFor();
        expect(await shifted(page), `${who}, ${slow.now} last`).toBeLessThan(0.01);
      }
  },
);

/** The rows of a table behind a chart, which is opened where it is not. */
const rowsBehind = async (page: Page, name: string): Promise<(string | null)[][]> => {
  const table = page.getByRole('table', { name, exact: true });
  const tile = page.getByRole('region', { name: 'More about this funnel' });
  const closed = tile.getByRole('button', { name: 'Show as a table' });
  if ((await table.count()) === 0 && (await closed.count()) > 0) await closed.click();
  const rows = table.locator('tbody tr');
  return rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
};

test.skipIf(!hasBrowser)(
  'more about a funnel is asked only when it is chosen, shows what the API answers, and again when the address is opened',
  { timeout: 180_000 },
  async () => {
    const { page, app, api } = await openShop();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(/funnels\/(trend|timing|correlation)$/.exec(request.url())?.[1] ?? ''));
    const more = () => [...new Set(asked.filter((what) => what !== ''))];
    const ask = <T>(what: string, body: object = {}) =>
      api<T>('POST', `/api/sites/shop/funnels/${what}`, { steps, ...period, ...body });
    const look = page.getByRole('radiogroup', { name: 'What to look at' });
    const shows = async (name: string, rows: string[][], address: string) => {
      await expect.poll(() => rowsBehind(page, name)).toEqual(rows);
      expect(await violations(page), name).toEqual([]);
      expect(page.url()).toContain(address);
      await page.reload();
      await expect.poll(() => rowsBehind(page, name)).toEqual(rows);
    };
    await page.goto(`${app}/funnel?${days}&steps=${encodeURIComponent(JSON.stringify(steps))}`);
    await page.getByText(/make it to the end/).waitFor();
    expect(more()).toEqual([]);

    await look.getByText('Over time').click();
    await page.getByRole('radiogroup', { name: 'Interval' }).getByText('By week').click();
    const { points } = await ask<FunnelTrendAnswer>('trend', { interval: 'week' });
    expect(points.some(({ pending }) => pending > 0)).toBe(true);
    const firstOpen = points.findIndex(({ pending }) => pending > 0);
    const weeks = points.map(({ at, rate, entered, converted, pending }, place) =>
      [day(at, 'UTC'), percent(rate), entered, converted, pending, place < firstOpen ? 'yes' : 'not yet'].map(String),
    );
    await shows('Conversion by week of the first step', weeks, 'interval=week');
    expect(more()).toEqual(['trend']);

    await look.getByText('Time to convert').click();
    await choose(page, 'From', `2. ${names.add}`);
    const timing = await ask<FunnelTimingAnswer>('timing', { fromStep: 1, toStep: 2, bins: 20 });
    const times = timing.bins.map(({ from, to, count }) => [
      `${duration(from)} to ${duration(to)}`,
      String(count),
      percent(count / timing.count),
    ]);
    await shows('Time between the steps', times, 'fromStep=1');
    await page.getByText(`took at most ${duration(timing.medianSeconds)} (median)`).waitFor();
    expect(more()).toEqual(['trend', 'timing']);

    await look.getByText('What goes with converting').click();
    await page.getByText('Nobody in this period has converted').or(page.getByText('Too little data')).waitFor();
    const answer = await ask<FunnelCorrelationAnswer>('correlation', { limit: 6 });
    const found = [...answer.converting, ...answer.dropping].map((one) => [
      one.event,
      ...[one.convertedWith, one.convertedWithout, one.droppedWith, one.droppedWithout].map(String),
      ...[one.oddsRatio, one.low, one.high].map((ratio) => String(Number(ratio.toPrecision(3)))),
    ]);
    expect(found.length).toBeGreaterThan(0);
    await shows('What goes with converting and with dropping out', found, 'more=correlation');
    const [surest] = answer.converting;
    if (surest !== undefined) await page.getByText(toldOf(surest, 'converting').odds).waitFor();

    await page.goto(`${page.url()}&count=session`);
    await page.getByRole('alert').getByText('people are compared here: choose “people”').waitFor();
  },
);

test.skipIf(!hasBrowser)(
  'more about a funnel fits a phone and pushes nothing away when its answer comes',
  { timeout: 120_000 },
  async () => {
    const { page, app } = await openShop(looks[1]);
    const held = { answer: Promise.withResolvers<void>() };
    await page.route(/funnels\/(trend|timing|correlation)$/, async (route) => {
      await held.answer.promise;
      await route.continue();
    });
    const address = `${app}/funnel?${days}&steps=${encodeURIComponent(JSON.stringify(steps))}`;
    for (const more of ['trend', 'timing', 'correlation']) {
      held.answer = Promise.withResolvers<void>();
      await page.goto(`${address}&more=${more}`);
      await page.getByText(/make it to the end/).waitFor();
      const tile = page.getByRole('region', { name: 'More about this funnel' });
      await tile.scrollIntoViewIfNeeded();
      const waiting = { height: (await tile.boundingBox())?.height, shifted: await shifted(page) };
      held.answer.resolve();
      await tile.getByRole('button', { name: 'Show as a table' }).waitFor();
      expect((await tile.boundingBox())?.height, more).toBe(waiting.height);
      expect((await shifted(page)) - waiting.shifted, more).toBeLessThan(0.01);
      expect(await overflow(page), more).toBe(0);
      expect(await violations(page), more).toEqual([]);
      await page.screenshot({ path: `${screenshots}funnel-${more}-phone-dark.png`, fullPage: true });
    }
  },
);
