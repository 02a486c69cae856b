import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AutomationAnswer } from '../../schemas/api/automations.ts';
import type { Automation } from '../../schemas/automation.ts';
import { basketRescue } from '../../services/automations/ready-made.ts';
import { sampleAction } from '../../services/automations/sample.ts';
import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import { adminToken } from '../support/api.ts';
import { site } from '../support/automated-shop.ts';
import { chromiumPath, openBrowser } from '../support/chromium.ts';
import { insertLedger } from '../support/ledger.ts';
import { choose, looks, openContext, overflow, screenshots, violations, watch } from '../support/page.ts';
import { createTestProduct } from '../support/product.ts';
import { insertRows } from '../support/rows.ts';
import { createShopper } from '../support/shopper.ts';

const hasBrowser = chromiumPath() !== null;
const opened: { browser?: Browser } = {};
beforeAll(async () => {
  if (hasBrowser) opened.browser = await openBrowser();
});
afterAll(() => opened.browser?.close());

/** A site without any event, and somebody who is signed in. */
const openShop = async (look = looks[0]) => {
  const product = await createTestProduct();
  const { writeKeys } = await product.createSite();
  const context = await openContext(opened.browser, look);
  await context.request.post(`${product.base}/api/session`, { data: { token: adminToken } });
  const page = await context.newPage();
  const open = async (path: string): Promise<void> => {
    await page.goto(`${product.base}/app/shop/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  return { ...product, writeKeys, page, open, faults: watch(page) };
};

const exported = async (page: Page): Promise<{ path: string; automation: Automation }> => {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const path = await (await downloading).path();
  return { path, automation: JSON.parse(readFileSync(path, 'utf8')) as Automation };
};
const idsOf = ({ steps }: Automation): string[] => steps.map((step) => ('id' in step ? step.id : step.kind));

const save = async (page: Page, version: number): Promise<void> => {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`version ${version}`).waitFor();
};

test.skipIf(!hasBrowser)(
  'an automation is made from a ready-made one, changed, saved, exported, and comes in again from its file',
  { timeout: 180_000 },
  async () => {
    const { page, open, faults, api } = await openShop();
    await open('automations');
    await page.getByRole('link', { name: 'New automation' }).click();
    await page.getByText('A reminder, a discount a day later and a last call; buying ends it.').waitFor();
    await page.getByRole('button', { name: 'Use “Basket rescue in three mails”' }).click();
    await page.getByRole('heading', { level: 1, name: 'Basket rescue in three mails' }).waitFor();
    expect(await page.getByLabel('On: writes to people by itself').isChecked()).toBe(false);

    await page.getByRole('button', { name: 'Email “Your basket is still here”' }).click();
    await page.getByRole('textbox', { name: 'Subject' }).fill('We kept your basket');
    await page.getByRole('button', { name: 'Try another mail against it' }).click();
    const other = page.getByRole('group', { name: 'Mail B, tried against the one above' });
    await other.getByRole('textbox', { name: 'Subject' }).fill('Still yours');
    await page.getByLabel('Wait', { exact: true }).first().fill('2');
    await page.getByLabel('Wait: unit').first().selectOption('days');
    await page.getByRole('textbox', { name: 'Sender’s name' }).fill('Ada of the shop');
    await page.getByRole('textbox', { name: 'Sender’s address' }).fill('ada@shop.example');
    await save(page, 2);
    await page.getByTitle('Mail: We kept your basket').waitFor();
    await page.getByRole('radiogroup', { name: 'Which of those tried against each other' }).getByText('Mail B').click();
    await page.getByTitle('Mail: Still yours').waitFor();
    await page.getByRole('textbox', { name: 'Send a test to' }).fill('me@shop.example');
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByText(/^Sent: /).waitFor();
    const { mails } = await api<{ mails: { from: string; subject: string }[] }>('GET', '/api/sites/shop/outbox');
    expect(mails).toMatchObject([{ subject: '[Test] Still yours' }]);

    // By keyboard: the button stays under the fingers while its step goes up.
    await page.getByRole('button', { name: 'Move step 5 up' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: 'step 4: Email “Last call for your basket”' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Move step 4 up');
    await page.getByRole('button', { name: 'Add an email', exact: true }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // Without a subject it is not taken, and the field says so.
    const added = page.getByRole('group', { name: /^step 6:/ });
    const subject = added.getByRole('textbox', { name: 'Subject' });
    await expect.poll(() => subject.getAttribute('aria-invalid')).toBe('true');
    expect(await subject.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.getByRole('alert').getByText('steps.5.email.subject').waitFor();
    await added.getByText('must not be empty').first().waitFor();
    await subject.fill('One more thing');
    await added.getByRole('textbox', { name: 'Heading' }).fill('One more thing');
    await save(page, 3);

    const { path, automation } = await exported(page);
    expect(idsOf(automation)).toEqual(['reminder', 'wait', 'discount', 'last-call', 'wait', 'email-1']);
    expect(automation.steps[0]).toMatchObject({
      email: { subject: 'We kept your basket' },
      variants: [{ subject: 'Still yours' }],
    });
    expect(automation.from).toEqual({ name: 'Ada of the shop', address: 'ada@shop.example' });
    expect(automation.steps[1]).toEqual({ kind: 'wait', seconds: 2 * 86_400 });

    await open('automations/new');
    await page.getByLabel('File of an automation').setInputFiles(path);
    await page.getByRole('heading', { level: 1, name: 'Basket rescue in three mails' }).waitFor();
    expect((await exported(page)).automation).toEqual(automation);

    await page.getByRole('button', { name: 'Delete' }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep it');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Automations' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'Basket rescue in three mails' }).count()).toBe(1);
    const refused = faults.filter((fault) => !fault.includes('status of 400'));
    expect(refused).toEqual([]);
  },
);

test.skipIf(!hasBrowser)(
  'a file that holds no automation is refused with the names of its fields',
  { timeout: 120_000 },
  async () => {
    const { page, open } = await openShop();
    await open('automations/new');
    const choose = (text: string): Promise<void> =>
      page
        .getByLabel('File of an automation')
        .setInputFiles({ name: 'late.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await choose('{"name":"Late","trigger":{"kind":"lapsed"},"steps":[{"kind":"wait","seconds":0}]}');
    await page.getByRole('alert').getByText('steps.0.seconds').waitFor();
    await choose('name: Late');
    await page.getByRole('alert').getByText('The file is not JSON.').waitFor();
  },
);

test.skipIf(!hasBrowser)(
  'the condition of a branch, and for whom an automation is, are chosen line by line; the secret of webhooks is shown when it is asked for',
  { timeout: 120_000 },
  async () => {
    const { page, open, api } = await openShop();
    const { id: segment } = await api<{ id: string }>('POST', '/api/sites/shop/segments', {
      name: 'Best customers',
      is: { kind: 'did', event: 'Order Completed', times: { atLeast: 3 } },
    });
    await open('automations/new');
    await page.getByRole('button', { name: 'Use “Detractor to support”' }).click();
    await page.getByRole('button', { name: 'Webhook to support.example/tickets' }).click();
    expect(await page.getByText(/^whsec_/).count()).toBe(0);
    await page.getByRole('button', { name: 'Show the signing secret' }).click();
    const secret = page.getByText(/^whsec_/);
    const before = await secret.textContent();
    await page.getByRole('button', { name: 'Make a new one' }).click();
    await page.getByText('For 24 hours messages carry the signatures of both').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep this one');
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await page.getByText(/^Until .* messages carry the signature of the one before, too/).waitFor();
    expect(await secret.textContent()).not.toBe(before);
    await page.screenshot({ path: `${screenshots}webhook-secret.png`, fullPage: true });

    await page.getByRole('button', { name: 'Add a branch' }).click();
    await choose(page, 'Condition 1 of step 2: when', 'in the last 30 days');
    await page.getByText('Somebody who did “Order Completed” in the last 30 days goes the first way').waitFor();
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await choose(page, 'Condition 2 of step 2: kind', 'is in the segment');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // The browser itself keeps the form where a segment is to be chosen: nothing was sent.
    await page.getByText('version 1').waitFor();
    const chosen = page.getByLabel('Condition 2 of step 2: segment');
    expect(await chosen.evaluate((field) => field === document.activeElement)).toBe(true);
    await chosen.selectOption('Best customers');
    await page.getByRole('radiogroup', { name: 'Who belongs of step 2' }).getByText('Any').click();
    await page
      .getByText('Somebody who did “Order Completed” in the last 30 days or is in “Best customers” goes the first way')
      .waitFor();
    await page.getByRole('button', { name: 'Add a webhook of the first way of step 2' }).click();
    await page.getByLabel('Address', { exact: true }).last().fill('https://support.example/calls');
    await page.getByLabel('Only those in').selectOption('Conditions of its own …');
    await choose(page, 'Condition 1 of the audience: kind', 'is someone whose');
    await page.getByRole('combobox', { name: 'Condition 1 of the audience: what is known' }).fill('traits.plan');
    await choose(page, 'Condition 1 of the audience: operator', 'contains');
    await page.getByLabel('Condition 1 of the audience: value').fill('gold');
    await save(page, 2);
    // What is exported is what the page has fetched anew.
    await expect.poll(async () => (await exported(page)).automation.only).toBeDefined();
    const { automation } = await exported(page);
    expect(automation.only).toEqual({
      kind: 'is',
      where: [{ property: 'traits.plan', op: 'contains', value: 'gold' }],
    });
    const bought = { kind: 'did', event: 'Order Completed', where: [], in: { lastDays: 30 }, times: { atLeast: 1 } };
    const condition = { kind: 'any', of: [bought, { kind: 'inSegment', segment }] };
    expect(automation.steps[1]).toEqual({
      kind: 'branch',
      if: condition,
      yes: [{ id: 'webhook-1', kind: 'webhook', url: 'https://support.example/calls' }],
      no: [],
    });
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      await page.screenshot({ path: `${screenshots}automation-branch-${look.name}.png`, fullPage: true });
    }
    await page.getByLabel('Only those in').selectOption('Best customers');
    await save(page, 3);
    expect((await exported(page)).automation.only).toEqual({ kind: 'inSegment', segment });
  },
);

test.skipIf(!hasBrowser)(
  'conditions that the page has no fields for are told, kept as they are beside those that it changes, and changed as JSON',
  { timeout: 120_000 },
  async () => {
    const { page, open, api } = await openShop();
    const spent = { kind: 'did', event: 'Order Completed', where: [], sum: { property: 'revenue', atLeast: 500 } };
    const viewed = { kind: 'did', event: 'Product Viewed', where: [], times: { atLeast: 2 } };
    const { id } = await api<AutomationAnswer>('POST', '/api/sites/shop/automations', {
      name: 'By the API',
      trigger: { kind: 'event', event: 'Signed Up' },
      only: { kind: 'not', of: [spent, { kind: 'all', of: [viewed, { kind: 'didNot', event: 'Product Added' }] }] },
      steps: [
        {
          kind: 'branch',
          if: { kind: 'all', of: [spent, viewed] },
          yes: [{ id: 'tell', kind: 'webhook', url: 'https://a.example/' }],
        },
      ],
    });
    const ofStep = (name: string) => page.getByRole('group', { name: `${name} of step 1`, exact: true });
    const { automation: made } = await api<AutomationAnswer>('GET', `/api/sites/shop/automations/${id}`);
    await open(`automations/${id}`);
    await ofStep('Condition 1').getByText('revenue in all at least 500 · kept as it is').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('By somebody');
    await save(page, 2);
    expect((await exported(page)).automation, 'what was not touched').toEqual({ ...made, name: 'By somebody' });

    await page.getByLabel('Condition 2 of step 1: times').fill('4');
    await page.getByLabel('Condition 2.1 of the audience: times').fill('5');
    await save(page, 3);
    const ifOf = (steps: Automation['steps']) => (steps[0]?.kind === 'branch' ? steps[0].if : null);
    const changed = (await exported(page)).automation;
    expect(ifOf(changed.steps)).toEqual({ kind: 'all', of: [spent, { ...viewed, times: { atLeast: 4 } }] });
    expect(changed.only).toEqual(
      JSON.parse(JSON.stringify(made.only).replace('"atLeast":2', '"atLeast":5')) as Automation['only'],
    );

    await page.getByRole('group', { name: 'step 1: Branch' }).getByText('As JSON', { exact: true }).click();
    const json = page.getByLabel('Condition of step 1, as JSON');
    await json.fill('{"kind": "seen"');
    await page.getByText('This is not JSON yet').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Again');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // The browser itself keeps the form: nothing was sent.
    expect(await json.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.getByText('version 3').waitFor();
    const seen = { kind: 'seen', which: 'last', in: { from: '2026-01-01T00:00:00Z' } };
    await json.fill(JSON.stringify(seen));
    await page.getByText('Somebody who was last here from 2026-01-01 goes the first way').waitFor();
    await save(page, 4);
    expect(ifOf((await exported(page)).automation.steps)).toEqual(seen);
  },
);

test.skipIf(!hasBrowser)(
  'everything is paused by one switch, which pages of automations say until it is switched off; rules are kept beside it',
  { timeout: 120_000 },
  async () => {
    const { page, open, api } = await openShop(looks[1]);
    const notice = page.getByText('Everything is paused.');
    await open('automations');
    await page.getByText('No quiet hours, no cap: set some').click();
    await page.getByRole('switch', { name: /^Quiet hours/ }).press('Space');
    await page.getByLabel('From', { exact: true }).selectOption('22:00');
    expect(await notice.count()).toBe(0);
    await page.getByLabel('Pause everything').press('Space');
    await notice.waitFor();
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: `${screenshots}automations-paused.png`, fullPage: true });
    // What was typed is still there.
    await page.getByRole('button', { name: 'Save the rules' }).click();
    await page.getByText('Quiet from 22:00 to 08:00').waitFor();
    const { rules } = await api<{ rules: object }>('GET', '/api/sites/shop/contact-rules');
    expect(rules).toMatchObject({ paused: true, quietHours: { from: 22, to: 8 }, cap: null });
    await open('automations/new');
    await page.getByRole('button', { name: 'Use “Welcome”' }).click();
    await page.getByRole('heading', { level: 1, name: 'Welcome' }).waitFor();
    await notice.waitFor();

    await open('automations');
    await page.getByLabel('Pause everything').press('Space');
    await expect.poll(() => notice.count()).toBe(0);
  },
);

test.skipIf(!hasBrowser)(
  'openings are noted only where somebody says so, and the control group of the whole site is set beside the rules',
  { timeout: 120_000 },
  async () => {
    const { page, open, api, faults } = await openShop();
    await open('automations');
    await page.getByText('No quiet hours, no cap: set some').click();
    const openings = page.getByRole('switch', { name: 'Openings: note who opens a mail' });
    expect(await openings.isChecked()).toBe(false);
    await page.getByText('It is a hint and no more').waitFor();
    await openings.press('Space');
    await page.getByRole('button', { name: 'Save the rules' }).click();
    await page.getByText('Openings are noted', { exact: true }).waitFor();

    const group = page.getByLabel('Control group of the whole site');
    await group.fill('5');
    await page.getByRole('button', { name: 'Save the control group' }).click();
    await page.getByText('Openings are noted · control group of 5%').waitFor();
    expect(await api('GET', '/api/sites/shop')).toMatchObject({ holdoutPercent: 5, name: 'Shop' });
    expect(await api('GET', '/api/sites/shop/contact-rules')).toMatchObject({ rules: { openPixel: true } });
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      await page.screenshot({ path: `${screenshots}contact-rules-${look.name}.png`, fullPage: true });
    }
    expect(faults).toEqual([]);

    // Somebody else was faster: nothing of theirs is lost, and the next attempt is on what it is now.
    await api('PATCH', '/api/sites/shop', { name: 'Tents' });
    await group.fill('10');
    await page.getByRole('button', { name: 'Save the control group' }).click();
    await page.getByRole('alert').getByText('somebody else has changed the site meanwhile').waitFor();
    await page.getByRole('button', { name: 'Save the control group' }).click();
    await page.getByText('Openings are noted · control group of 10%').waitFor();
    expect(await api('GET', '/api/sites/shop')).toMatchObject({ holdoutPercent: 10, name: 'Tents' });
  },
);

test.skipIf(!hasBrowser)(
  'mails that were tried against each other are shown with who bought after each',
  { timeout: 120_000 },
  async () => {
    const { page, open, api, platform } = await openShop();
    const mail = { subject: 'One', heading: 'H', body: 'B', button: 'Go', buttonUrl: 'https://shop.example/basket' };
    const step = { id: 'first', kind: 'email', email: mail, variants: [{ ...mail, subject: 'Other' }] };
    const answer = await api<AutomationAnswer>('POST', '/api/sites/shop/automations', {
      name: 'Tried',
      trigger: { kind: 'abandoned-basket' },
      steps: [step],
    });
    const { id } = answer;
    const claimed = Array.from({ length: 40 }, (_, number) => {
      const who = { id: `a${number}`, email: '', now: Date.now() };
      const sample = sampleAction({ trigger: answer.automation.trigger, automation: id, stepId: 'first' }, site, who);
      return { ...sample, variant: number % 2, person: String(number + 1), userId: `user-${number}` };
    });
    const at = Date.now() - 3_600_000;
    const rows = claimed.map((action) => ({ action, phase: 'claimed' as const, sequence: 2, at }));
    await insertLedger(platform.warehouse, rows);
    // Of those who got the second, every other one buys.
    const orders = claimed.flatMap((action, number) =>
      number % 4 === 1
        ? [
            [
              'shop',
              columnTime(Date.now() - 60_000),
              'Order Completed',
              'track',
              action.id,
              action.person,
              `o-${number}`,
            ],
          ]
        : [],
    );
    const events = ['site', 'timestamp', 'event', 'type', 'message_id', 'person', 'order_id'];
    await insertRows(platform.warehouse, 'events', events, orders);
    await open(`automations/${id}`);
    const table = page.getByRole('region', { name: 'Tried: Email “One”' });
    await table.waitFor();
    await expect
      .poll(() => table.getByRole('row').allTextContents())
      .toEqual([
        expect.any(String),
        expect.stringMatching(/^A200% \(0\)/),
        expect.stringMatching(/^B2050% \(10\)\+50\.0 points \(/),
      ]);
    expect(await violations(page)).toEqual([]);
  },
);

test.skipIf(!hasBrowser)(
  'a mail is seen as it will look, sent to an address as a test, and the last days tell what would have gone',
  { timeout: 120_000 },
  async () => {
    const { page, open, faults } = await openShop();
    await open('automations/new');
    await page.getByRole('button', { name: 'Use “Basket rescue in three mails”' }).click();
    await page.getByRole('heading', { level: 1, name: 'Basket rescue in three mails' }).waitFor();
    await page.frameLocator('iframe[title^="Mail:"]').getByText('You left something behind').waitFor();
    await choose(page, 'Which mail', 'Email “Last call for your basket”');
    await page.frameLocator('iframe[title^="Mail:"]').getByText('We will put these back soon').waitFor();
    await page.getByText('Text', { exact: true }).click();
    await page.locator('pre', { hasText: 'this is the last mail about your basket' }).waitFor();

    await page.getByLabel('Send a test to').fill('me@example.com');
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByText('Sent: kept in the outbox').waitFor();
    await page.getByRole('button', { name: 'Find out' }).click();
    await page.getByText('This automation would have sent 0 messages to 0 persons.').waitFor();
    expect(faults).toEqual([]);
    await open('outbox');
    await page.getByText('[Test] Last call for your basket').waitFor();
  },
);

test.skipIf(!hasBrowser)(
  'of a mail of which nobody knows a person decides where it is listed: that it went out, or that it goes again',
  { timeout: 120_000 },
  async () => {
    const { page, open, faults, platform } = await openShop();
    const at = Date.now() - 3_600_000;
    const rows = ['ada', 'bob'].map((name, number) => {
      const who = { id: `a${number}`, email: `${name}@shop.example`, now: at };
      const action = sampleAction({ trigger: basketRescue.trigger, automation: 'gone', stepId: '1' }, site, who);
      return { action: { ...action, userId: name }, phase: 'uncertain' as const, sequence: 4, at: at + number };
    });
    await insertLedger(platform.warehouse, rows);
    await open('automations');
    const bob = page.getByRole('group', { name: 'Decide about the mail to bob@shop.example' });
    const ada = page.getByRole('group', { name: 'Decide about the mail to ada@shop.example' });
    await bob.getByText('it may have gone out or not').waitFor();
    await ada.getByRole('button', { name: 'Send again' }).click();
    await ada.getByText('ada@shop.example gets it twice').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Leave it');
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      await page.screenshot({ path: `${screenshots}uncertain-${look.name}.png`, fullPage: true });
    }
    await ada.getByRole('button', { name: 'Send it again' }).click();
    // Its automation is gone: the rules are asked again.
    await page.getByText('the automation is off').waitFor();
    await bob.getByRole('button', { name: 'It went out' }).click();
    await page.getByText('by hand: sent').waitFor();
    expect(await page.getByRole('group', { name: /^Decide/ }).count()).toBe(0);
    expect(faults).toEqual([]);
  },
);

test.skipIf(!hasBrowser)(
  'an older version of an automation is put back, and is on or off as the automation is',
  { timeout: 120_000 },
  async () => {
    const { page, open, faults, api } = await openShop();
    const before = { ...basketRescue, name: 'As it was', enabled: false };
    const { id } = await api<{ id: string }>('POST', '/api/sites/shop/automations', before);
    const change = (name: string) =>
      api('PUT', `/api/sites/shop/automations/${id}`, { ...before, name, enabled: true });
    for (const name of ['Second', 'Third', 'Fourth', 'Fifth', 'As it is now']) await change(name);
    await open(`automations/${id}`);
    const versions = page.getByRole('region', { name: 'Versions' });
    await versions.getByText('6 · As it is now').waitFor();
    await versions.getByRole('button', { name: 'Show all 6 versions' }).click();
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      await versions.screenshot({ path: `${screenshots}versions-${look.name}.png` });
    }
    await versions.getByRole('button', { name: 'Restore version 1' }).click();
    await page.getByRole('heading', { level: 1, name: 'As it was' }).waitFor();
    await versions.getByText('7 · As it was').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('As it was');
    const { automation } = await api<AutomationAnswer>('GET', `/api/sites/shop/automations/${id}`);
    expect(automation).toMatchObject({ name: 'As it was', enabled: true });
    expect(faults).toEqual([]);
  },
);

test.skipIf(!hasBrowser)(
  'who is not written to is listed with the reason, found, added, and taken out once it is said what that means',
  { timeout: 120_000 },
  async () => {
    const { page, open, faults, api } = await openShop();
    const reasons = ['unsubscribed', 'complaint', 'bounce', ...Array.from({ length: 9 }, () => 'unsubscribed')];
    for (const [number, reason] of reasons.entries())
      await api('POST', '/api/sites/shop/suppressions', { address: `person-${number}@example.com`, reason });
    await open('automations');
    const list = page.getByRole('region', { name: 'Not written to' });
    await list.getByText('person-11@example.com').waitFor();
    await list.getByRole('button', { name: 'Older' }).click();
    const first = list.getByRole('listitem').filter({ hasText: 'person-0@example.com' });
    await first.getByText('gets no marketing').waitFor();
    await list.getByRole('button', { name: 'Newer' }).click();

    await list.getByLabel('Address to write to no more').fill('Zoe@example.com');
    await list.getByLabel('Which mails').selectOption('All mails');
    await list.getByRole('button', { name: 'Write there no more' }).click();
    const zoe = list.getByRole('listitem').filter({ hasText: 'zoe@example.com' });
    await zoe.getByText('gets nothing').waitFor();
    await page.screenshot({ path: `${screenshots}suppressions.png`, fullPage: true });

    const complained = list.getByRole('listitem').filter({ hasText: 'person-1@example.com' });
    await list.getByLabel('Find an address').fill('PERSON-1@');
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    await complained.getByRole('button', { name: 'Remove' }).click();
    await complained.getByText('They reported a mail as spam.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep it');
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      await page.screenshot({ path: `${screenshots}suppressions-${look.name}.png`, fullPage: true });
    }
    await complained.getByRole('button', { name: 'Remove it' }).click();
    await list.getByText('No such address is kept from mails').waitFor();
    const { suppressions } = await api<{ suppressions: { address: string }[] }>('GET', '/api/sites/shop/suppressions');
    expect(suppressions).toHaveLength(12);
    expect(faults).toEqual([]);
  },
);

test.skipIf(!hasBrowser)(
  'who would get it now is told of what is written and not saved, and what is wrong with it at its field',
  { timeout: 180_000 },
  async () => {
    const { page, open, api, base, settled, writeKeys } = await openShop();
    const shop = { base, writeKey: writeKeys[0] ?? '', now: Date.now };
    for (const [user, plan] of Object.entries({ ada: 'gold', bob: 'free' })) {
      const { device } = createShopper(shop, user, `${user}@example.com`);
      const laptop = device('laptop');
      await laptop.signIn({ plan });
      await laptop.track('Signed Up', {});
    }
    await settled();
    const { id } = await api<AutomationAnswer>('POST', '/api/sites/shop/automations', {
      name: 'Welcome',
      trigger: { kind: 'event', event: 'Delivered' },
      steps: [{ id: 'tell', kind: 'webhook', url: 'https://a.example/' }],
    });
    await open(`automations/${id}`);
    const ask = page.getByRole('button', { name: 'Who would get it now' });
    const told = page.getByRole('region', { name: 'Who would get it now, as it is written here' });
    await ask.click();
    await told.getByText('Nobody right now').waitFor();
    expect(await told.evaluate((part) => part === document.activeElement)).toBe(true);

    await page.getByRole('combobox', { name: 'Event that brings people in' }).fill('Signed Up');
    await page.getByLabel('Only those in').selectOption('Conditions of its own …');
    await choose(page, 'Condition 1 of the audience: kind', 'is someone whose');
    await page.getByRole('combobox', { name: 'Condition 1 of the audience: what is known' }).fill('traits.plan');
    await choose(page, 'Condition 1 of the audience: operator', 'contains');
    await told.getByText('You have changed something since: ask again.').waitFor();
    await ask.click();
    // A value is missing: the browser says so.
    const value = page.getByLabel('Condition 1 of the audience: value');
    expect(await value.evaluate((field) => field === document.activeElement)).toBe(true);
    await value.fill('gold');
    await ask.click();
    await told.getByRole('link', { name: 'ada@example.com' }).waitFor();
    await told.getByText('not one of those whom it is for').click();
    await told.getByRole('link', { name: 'bob@example.com' }).waitFor();
    await told.getByRole('button', { name: 'Find out for the last 30 days' }).click();
    await told.getByText('This automation would have sent 1 message to 1 person.').waitFor({ timeout: 60_000 });
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      expect(await overflow(page), look.name).toBe(0);
      expect(await violations(page), look.name).toEqual([]);
      await page.screenshot({ path: `${screenshots}automation-draft-${look.name}.png`, fullPage: true });
    }

    const name = page.getByLabel('Name', { exact: true });
    await name.fill('');
    await ask.click();
    await page.getByRole('alert').getByText('Nobody can be told yet. What is wrong:').waitFor();
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
    await page.getByText('must not be empty').first().waitFor();
    // The saved one is what it was, and the tile beside the form is about it.
    await page
      .getByRole('region', { name: 'Who would get it now', exact: true })
      .getByText('Nobody right now')
      .waitFor();
    const saved = await api<AutomationAnswer>('GET', `/api/sites/shop/automations/${id}`);
    expect([saved.version, saved.automation.trigger]).toMatchObject([1, { event: 'Delivered' }]);
  },
);
