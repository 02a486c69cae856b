import { once } from 'node:events';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Phase } from '../../schemas/action.ts';
import type { Automation } from '../../schemas/automation.ts';
import type { Channel } from '../../schemas/event.ts';
import { performerGroup } from '../../services/automations/performer.ts';
import { createLook } from '../../services/automations/planner.ts';
import { basketRescue } from '../../services/automations/ready-made.ts';
import type { Platform } from '../../services/platform/platform.ts';
import { sql } from '../../services/platform/warehouse/sql.ts';
import { blockMilliseconds } from '../../services/sink/block.ts';
import { start as startSink } from '../../services/sink/sink.ts';
import { createShiftedClock } from './clock.ts';
import { openPlatform } from './services.ts';

export const hour = 3_600_000;
export const site = {
  id: 'shop',
  name: 'Shop',
  currency: 'EUR',
  timeZone: 'UTC',
  holdoutPercent: 0,
  allowedOrigins: [],
  writeKeys: ['k'],
  secretKeyHashes: [],
};

/** A shop with its log, engine and sink, and a clock that can be set forward; planner and performer are started by the test. */
export const openShop = async (
  more: { smtpUrl?: string; automation?: Partial<Automation>; environment?: Readonly<Record<string, string>> } = {},
) => {
  const clock = createShiftedClock();
  const { platform } = await openPlatform({
    clock,
    environment: { ...more.environment, ...(more.smtpUrl ? { SMTP_URL: more.smtpUrl } : {}) },
  });
  await platform.definitions.put('site', '', 'shop', site, { author: 'test' });
  await platform.definitions.put(
    'automation',
    'shop',
    'basket-rescue',
    { ...basketRescue, enabled: true, holdoutPercent: 0, ...more.automation },
    { author: 'test' },
  );
  const sink = await startSink(platform);
  onTestFinished(() => sink.close(), 20_000);
  const send = async (userId: string, events: object[], channel: Channel = 'server'): Promise<void> => {
    const now = clock.now();
    const header = {
      v: 1,
      site: 'shop',
      receivedAt: now,
      sentAt: null,
      channel,
      type: null,
      ip: '',
      userAgent: '',
    };
    const batch = events.map((event, index) => ({
      type: 'track',
      userId,
      messageId: `${userId}-${now}-${index}-${Math.random()}`,
      timestamp: new Date(now + index).toISOString(),
      ...event,
    }));
    await platform.log.append('events', [
      {
        key: `shop/${userId}`,
        label: 'shop',
        count: batch.length,
        value: Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify({ batch })}`),
      },
    ]);
    const stored = async () =>
      (
        await platform.warehouse.query(
          sql`SELECT count() AS count FROM events WHERE user_id = ${userId} AND received_at >= ${new Date(now)}`,
          z.object({ count: z.coerce.number() }),
        )
      ).rows[0]?.count;
    // The sink writes a block once it is so old, by the shop's clock: it need not be waited for by ours.
    const until = now + 2 * blockMilliseconds;
    await expect
      .poll(
        () => {
          if (clock.now() < until) clock.advance(blockMilliseconds / 4);
          return stored();
        },
        { timeout: 20_000, interval: 40 },
      )
      .toBe(batch.length);
  };
  const leaveBasket = (userId: string, email = `${userId}@example.com`) =>
    send(userId, [
      { type: 'identify', traits: { email, firstName: 'Ada <b>' } },
      {
        event: 'Product Added',
        properties: {
          product_id: 'tent',
          name: 'Tent <script>alert(1)</script>',
          price: '119.90',
          quantity: 2,
          currency: 'EUR',
          cart_id: 'c1',
          url: 'javascript:alert(1)',
        },
      },
      {
        event: 'Product Added',
        properties: { product_id: 'lamp', name: 'Lamp', price: 20, currency: 'EUR', url: 'https://shop.example/lamp' },
      },
      { event: 'Product Removed', properties: { product_id: 'lamp' } },
    ]);
  return { platform, clock, send, leaveBasket };
};

const phases = async ({ warehouse }: Platform): Promise<string[]> => {
  const { rows } = await warehouse.query(
    sql`SELECT argMax(phase, sequence) AS phase FROM ledger GROUP BY action_id`,
    z.object({ phase: z.string() }),
  );
  return rows.map(({ phase }) => phase).sort();
};
/** A whole look at who is due, beside those of a planner that runs, and time for a performer to do what came of it. */
export const aLook = async (platform: Platform): Promise<void> => {
  await createLook(platform)(new AbortController().signal);
  await expect.poll(() => platform.log.lag('actions', performerGroup), { timeout: 15_000, interval: 50 }).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 1000));
};
export const settle = (platform: Platform, expected: Phase[]) =>
  expect.poll(() => phases(platform), { timeout: 15_000, interval: 100 }).toEqual(expected);

export const openMailServer = async () => {
  const mails: ParsedMail[] = [];
  /** `sender`: with what words the server refuses whoever writes; `refused`: how often it did. */
  const state = { reply: null as number | null, sender: null as string | null, refused: 0 };
  /** Addresses that the server refuses for good, and its words. */
  const refuse = new Map<string, string>();
  const server = new SMTPServer({
    onMailFrom: (_address, _session, done) => {
      if (state.sender === null) return done();
      state.refused += 1;
      done(Object.assign(new Error(state.sender), { responseCode: 550 }));
    },
    onRcptTo: ({ address }, _session, done) => {
      const words = refuse.get(address);
      done(words === undefined ? null : Object.assign(new Error(words), { responseCode: 550 }));
    },
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: async (stream, _session, done) => {
      const mail = await simpleParser(stream);
      if (state.reply !== null) return done(Object.assign(new Error('not now'), { responseCode: state.reply }));
      mails.push(mail);
      done();
    },
  });
  const listen = async (port: number): Promise<number> => {
    server.server.listen(port, '127.0.0.1');
    await once(server.server, 'listening');
    const address = server.server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };
  const port = await listen(0);
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    mails,
    state,
    refuse,
    url: `smtp://127.0.0.1:${port}`,
    /** Nobody listens at its address any more, until it starts again. Before the first mail: connections that are open stay so. */
    stop: async (): Promise<void> => {
      server.server.close();
      await once(server.server, 'close');
    },
    start: (): Promise<number> => listen(port),
  };
};
