import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { basketRescue } from '../../services/automations/ready-made.ts';
import { createApi } from '../support/api.ts';
import { long } from '../support/faults.ts';
import { createMailServer } from '../support/mail-server.ts';
import { freePort, spawnProduct } from '../support/process.ts';
import { eventually } from '../support/product.ts';

const kills = long(100, 6);
const people = Array.from({ length: 40 }, (_, index) => `user-${index}`);

test(`nobody gets a mail twice and nobody is forgotten through ${kills} kills`, {
  timeout: 180_000 + kills * 10_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desirepath-mails-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const post = await createMailServer();
  const options = { dataDir, port: await freePort(), environment: { SMTP_URL: post.url } };
  let product = await spawnProduct(options);
  onTestFinished(() => product.kill9());
  const call = createApi(product.base);
  const site = await call<{ writeKeys: string[] }>('POST', '/api/sites', { id: 'shop', name: 'Shop' });
  const trigger = { kind: 'abandoned-basket', idleSeconds: 10, maxAgeSeconds: 3600 };
  await call('POST', '/api/sites/shop/automations', { ...basketRescue, enabled: true, holdoutPercent: 0, trigger });

  /** Baskets are left one after the other, so that at every kill some mail is under way. */
  const leave = async (userId: string): Promise<void> => {
    const batch = [
      { type: 'identify', userId, messageId: `${userId}-1`, traits: { email: `${userId}@example.com` } },
      {
        type: 'track',
        userId,
        messageId: `${userId}-2`,
        event: 'Product Added',
        properties: { product_id: 'tent', name: 'Tent', price: 99, currency: 'EUR' },
      },
    ];
    await eventually(() => call('POST', `/v1/batch?writeKey=${site.writeKeys[0]}`, { batch }), 30);
  };
  const leaving = (async () => {
    for (const person of people) {
      await leave(person);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 9000));
  for (let round = 0; round < kills; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 2500));
    await product.kill9();
    product = await spawnProduct(options);
  }
  await leaving;

  type Actions = { actions: { userId: string; phase: string }[] };
  const actions = await eventually(async () => {
    const { actions: found } = await call<Actions>('GET', '/api/sites/shop/actions?limit=200');
    const over = found.filter(({ phase }) => ['sent', 'uncertain'].includes(phase));
    if (over.length < people.length)
      throw new Error(`${over.length} of ${people.length}: ${JSON.stringify(found.map(({ phase }) => phase))}`);
    return found;
  }, 90);
  const addresses = post.mails
    .flatMap(({ to }) => (Array.isArray(to) ? to : [to]))
    .flatMap((to) => to?.value.map(({ address }) => address) ?? []);
  expect(addresses.length, 'each address at most once').toBe(new Set(addresses).size);
  const sent = actions.filter(({ phase }) => phase === 'sent').map(({ userId }) => `${userId}@example.com`);
  expect(
    sent.filter((address) => !addresses.includes(address)),
    'said to be sent and not there',
  ).toEqual([]);
  expect(new Set(actions.map(({ userId }) => userId)).size).toBe(people.length);
  console.log(
    `${kills} kills: ${sent.length} sent, ${people.length - sent.length} uncertain, ${addresses.length} mails arrived`,
  );
});
