import type { ParsedMail } from 'mailparser';
import { expect, test } from 'vitest';
import type { AbandonmentAnswer } from '../../schemas/api/abandonment.ts';
import type { AutomationAnswer } from '../../schemas/api/automations.ts';
import type { FunnelAnswer } from '../../schemas/api/funnels.ts';
import type { PathsAnswer } from '../../schemas/api/paths.ts';
import type { RetentionAnswer } from '../../schemas/api/retention.ts';
import type { TrendAnswer } from '../../schemas/api/trends.ts';
import { basketRescue } from '../../services/automations/ready-made.ts';
import { createShiftedClock } from '../support/clock.ts';
import { createMailServer } from '../support/mail-server.ts';
import { createTestProduct, eventually } from '../support/product.ts';
import { createShopper, lamp, mug, tent } from '../support/shopper.ts';

const hour = 3_600_000;

/** A shop with the automation of the story switched on, a mail server, and a clock that can be set forward. */
const openShop = async () => {
  const clock = createShiftedClock();
  const post = await createMailServer();
  const product = await createTestProduct({ clock, environment: { SMTP_URL: post.url } });
  const site = await product.createSite();
  await product.api<AutomationAnswer>(
    'POST',
    '/api/sites/shop/automations',
    { ...basketRescue, enabled: true, holdoutPercent: 0 },
    201,
  );
  const shopper = (userId: string) =>
    createShopper(
      { base: product.base, writeKey: site.writeKeys[0] ?? '', now: clock.now },
      userId,
      `${userId}@example.com`,
    );
  /** Passes the time, and gives the planner the chance to look. */
  const pass = async (milliseconds: number) => {
    await product.settled();
    clock.advance(milliseconds);
  };
  const ask = <T>(question: string, body: object): Promise<T> =>
    product.api<T>('POST', `/api/sites/shop/${question}/query`, {
      from: new Date(clock.now() - 30 * 24 * hour).toISOString(),
      to: new Date(clock.now() + hour).toISOString(),
      ...body,
    });
  return { product, site, clock, post, shopper, pass, ask };
};

type Shop = Awaited<ReturnType<typeof openShop>>;

const mailTo = (shop: Shop, address: string): Promise<ParsedMail> =>
  eventually(async () => {
    const mail = shop.post.mails.find(({ to }) => JSON.stringify(to).includes(address));
    if (mail === undefined) throw new Error(`no mail to ${address}`);
    return mail;
  });

/** By the shop's clock long enough for the planner to look each time, by ours for what comes of it. */
const aFewLooks = async ({ clock }: Shop): Promise<void> => {
  for (let looks = 0; looks < 3; looks += 1) {
    clock.advance(4000);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};

test('a shopper leaves a basket, gets one mail with a personal code, comes back and buys', async () => {
  const shop = await openShop();
  const ada = shop.shopper('ada');
  const laptop = ada.device('laptop');
  await laptop.search('tent');
  await laptop.view(tent);
  await laptop.add(tent);
  await laptop.view(lamp);
  await laptop.add(lamp);
  await laptop.signIn();
  await laptop.remove(lamp);
  await shop.pass(hour + 60_000);

  const mail = await mailTo(shop, 'ada@example.com');
  expect(mail.html).toContain('Tent &quot;Nook&quot;');
  expect(mail.html, 'what was deleted, harmless').toContain('Lamp &lt;Glow&gt;');
  expect(mail.text).toContain('120');
  const code = /\b[A-Z0-9]{2,}(?:-[A-Z0-9]{3,}){1,4}\b/.exec(mail.text ?? '')?.[0] ?? '';
  expect(code).not.toBe('');
  expect(mail.headers.get('list-unsubscribe-post') ?? JSON.stringify(mail.headers.get('list'))).toBeTruthy();

  const abandoned = await shop.ask<AbandonmentAnswer>('abandonment', { kind: 'cart', idleSeconds: 3600 });
  expect(abandoned).toMatchObject({ abandoned: 1, recovered: 0, valueAtRisk: [{ currency: 'EUR' }] });
  expect(Number(abandoned.valueAtRisk[0]?.amount)).toBe(120);
  expect(abandoned.carts[0]?.removed.map(({ productId }) => productId)).toEqual(['lamp']);

  // She comes back on her phone, signs in, and uses the code.
  const phone = ada.device('phone');
  await phone.signIn();
  const redeem = () =>
    fetch(`${shop.product.base}/api/sites/shop/discounts/${code}/redeem`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shop.site.secretKeys[0]}`, 'content-type': 'application/json' },
      body: JSON.stringify({ orderId: 'o-1' }),
    });
  expect((await redeem()).status).toBe(200);
  expect((await redeem()).status, 'the same order again').toBe(200);
  await phone.order('o-1', 108, { coupon: code, products: [tent] });
  await shop.pass(2 * hour);

  const answer = await shop.ask<AbandonmentAnswer>('abandonment', { kind: 'cart', idleSeconds: 3600 });
  expect(answer).toMatchObject({ abandoned: 0, recovered: 1 });
  expect(Number(answer.recoveredValue[0]?.amount)).toBe(108);
  const funnel = await shop.ask<FunnelAnswer>('funnels', {
    steps: ['Products Searched', 'Product Viewed', 'Product Added', 'Order Completed'].map((event) => ({ event })),
  });
  expect(
    funnel.steps.map(({ count }) => count),
    'from the anonymous search to the order on the phone',
  ).toEqual([1, 1, 1, 1]);
  const walked = await shop.ask<PathsAnswer>('paths', {
    start: { event: 'Products Searched' },
    end: { event: 'Order Completed' },
    steps: { events: ['Product Viewed', 'Product Added'] },
    maxSteps: 8,
  });
  expect(walked.paths.map(({ steps }) => steps)).toEqual([
    ['Products Searched', ...['Product Viewed', 'Product Added', 'Product Viewed', 'Product Added'], 'Order Completed'],
  ]);
  const cohorts = await shop.ask<RetentionAnswer>('retention', {
    start: { event: 'Products Searched' },
    return: { event: 'Order Completed' },
    interval: 'day',
    windows: 'elapsed',
    kind: 'unbounded',
  });
  expect(cohorts.cohorts.reduce((sum, { size }) => sum + size, 0)).toBe(1);
  expect(cohorts.cohorts.find(({ size }) => size === 1)?.cells[0]).toMatchObject({ count: 1, rate: 1 });
  const sums = await shop.ask<TrendAnswer>('trends', { event: 'Order Completed', measure: 'sum' });
  expect(sums.lines.map(({ currency, total }) => [currency, Number(total.amount)])).toEqual([['EUR', 108]]);
  await aFewLooks(shop);
  expect(shop.post.mails).toHaveLength(1);
});

test('an order in the meantime stops the mail; so does an unsubscription; who has no account gets none', async () => {
  const shop = await openShop();
  const buyer = shop.shopper('buyer').device('laptop');
  await buyer.signIn();
  await buyer.add(mug);
  await buyer.order('o-2', 8.5);
  const guest = shop.shopper('guest').device('laptop');
  await guest.add(mug);
  const leaver = shop.shopper('leaver');
  const tablet = leaver.device('tablet');
  await tablet.signIn();
  await tablet.add(mug);
  await shop.pass(hour + 60_000);

  const mail = await mailTo(shop, 'leaver@example.com');
  const link =
    /<(https?:\/\/[^>]+\/u\/[^>]+)>/.exec(
      JSON.stringify(mail.headerLines.find(({ key }) => key === 'list-unsubscribe')?.line),
    )?.[1] ?? '';
  expect(link).not.toBe('');
  const here = link.replace(/^https?:\/\/[^/]+/, shop.product.base);
  expect((await fetch(here)).status, 'looking changes nothing').toBe(200);
  const done = await fetch(here, {
    method: 'POST',
    body: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(done.status).toBe(200);

  await shop.pass(25 * hour);
  await tablet.add(tent);
  await shop.pass(hour + 60_000);
  await aFewLooks(shop);
  expect(shop.post.mails.map(({ to }) => JSON.stringify(to)).join(' ')).not.toContain('buyer@');
  expect(shop.post.mails).toHaveLength(1);
});

test('a restart sends nothing twice', async () => {
  const shop = await openShop();
  const ada = shop.shopper('ada').device('laptop');
  await ada.signIn();
  await ada.add(tent);
  await shop.pass(hour + 60_000);
  await mailTo(shop, 'ada@example.com');
  await shop.product.close();
  const again = await createTestProduct({
    clock: shop.clock,
    dataDir: shop.product.dataDir,
    environment: { SMTP_URL: shop.post.url },
  });
  expect(again.port).toBeGreaterThan(0);
  await aFewLooks(shop);
  expect(shop.post.mails).toHaveLength(1);
});
