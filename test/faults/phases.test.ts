import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { createApi } from '../support/api.ts';
import { freePort, spawnProduct } from '../support/process.ts';
import { eventually } from '../support/product.ts';

/** What the product is doing when it is killed, by what the other side sees of it. */
type Moment = 'connects' | 'names the addressee' | 'begins the message' | 'waits for the answer' | 'was answered';

/** Killed once, when the trapped moment comes. The moment itself waits until the process is gone. */
const createTrap = () => {
  const state = {
    moment: null as Moment | null,
    kill: async (): Promise<void> => undefined,
  };
  return {
    state,
    /** Whether it sprang. */
    at: async (moment: Moment): Promise<boolean> => {
      if (state.moment !== moment) return false;
      state.moment = null;
      await state.kill();
      return true;
    },
  };
};
type Trap = ReturnType<typeof createTrap>;

/** A real SMTP server; `taken`: addressees whose message it had whole. */
const openMailServer = async (trap: Trap) => {
  const taken: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onConnect: (_session, done) => void trap.at('connects').then(() => done()),
    onRcptTo: (_address, _session, done) => void trap.at('names the addressee').then(() => done()),
    onData: (stream, { envelope }, done) => {
      void (async () => {
        if (await trap.at('begins the message')) return done(new Error('we never got it'));
        await stream.resume().toArray();
        taken.push(...envelope.rcptTo.map(({ address }) => address));
        await trap.at('waits for the answer');
        done();
        await trap.at('was answered');
      })();
    },
  });
  // Its clients are killed in the middle.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { taken, url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
};

/** A receiver of webhooks; `taken`: by id, how often its body came whole. */
const openReceiver = async (trap: Trap) => {
  const taken = new Map<string, number>();
  const server = createServer(async (request, response) => {
    if (await trap.at('connects')) return;
    await request.resume().toArray();
    const id = String(request.headers['webhook-id']);
    taken.set(id, (taken.get(id) ?? 0) + 1);
    await trap.at('waits for the answer');
    response.writeHead(204).end();
    await trap.at('was answered');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { taken, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const email = {
  subject: 'Thank you',
  heading: 'Thank you',
  body: 'It is on its way.',
  button: 'See it',
  buttonUrl: 'https://shop.example/',
};
const automation = (name: string, event: string, step: object) => ({
  name,
  enabled: true,
  purpose: 'service',
  trigger: { kind: 'event', event },
  steps: [step],
});

test('killed at every moment of a message, nobody gets it twice, and each is told to be sent or uncertain', {
  timeout: 240_000,
}, async () => {
  const trap = createTrap();
  const [post, receiver] = await Promise.all([openMailServer(trap), openReceiver(trap)]);
  const dataDir = await mkdtemp(join(tmpdir(), 'desirepath-phases-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const environment = { SMTP_URL: post.url, WEBHOOK_PRIVATE_HOSTS: receiver.host };
  const options = { dataDir, port: await freePort(), environment };
  let product = await spawnProduct(options);
  onTestFinished(() => product.kill9());
  const call = createApi(product.base);
  const { writeKeys } = await call<{ writeKeys: string[] }>('POST', '/api/sites', { id: 'shop', name: 'Shop' });
  await call(
    'POST',
    '/api/sites/shop/automations',
    automation('Thanks', 'Order Completed', { id: 'mail', kind: 'email', email }),
  );
  const hook = { id: 'hook', kind: 'webhook', url: `http://${receiver.host}/` };
  await call('POST', '/api/sites/shop/automations', automation('Ticket', 'Ticket Opened', hook));

  /** Something happens to a person that is to be answered. */
  const happen = (userId: string, event: string) =>
    call('POST', `/v1/batch?writeKey=${writeKeys[0]}`, {
      batch: [
        { type: 'identify', userId, messageId: `${userId}-1`, traits: { email: `${userId}@example.com` } },
        {
          type: 'track',
          userId,
          messageId: `${userId}-2`,
          event,
          properties: { order_id: userId, currency: 'EUR', revenue: 1 },
        },
      ],
    });
  const actionOf = async (userId: string): Promise<{ id: string; phase: string } | undefined> => {
    const { actions } = await call<{ actions: { id: string; userId: string; phase: string }[] }>(
      'GET',
      '/api/sites/shop/actions?limit=200',
    );
    return actions.find((each) => each.userId === userId);
  };
  const restart = async (): Promise<void> => {
    product = await spawnProduct(options);
  };
  const settled = (userId: string): Promise<{ id: string; phase: string }> =>
    eventually(async () => {
      const action = await actionOf(userId);
      if (action === undefined || !['sent', 'uncertain'].includes(action.phase))
        throw new Error(`${userId}: ${action?.phase}`);
      return action;
    }, 60);
  const killedAt = async (moment: Moment, userId: string, event: string): Promise<{ id: string; phase: string }> => {
    const killed = Promise.withResolvers<void>();
    trap.state.kill = async () => {
      await product.kill9();
      killed.resolve();
    };
    trap.state.moment = moment;
    await happen(userId, event);
    await killed.promise;
    await restart();
    return settled(userId);
  };

  const mailed = async (moment: Moment, userId: string): Promise<[phase: string, mails: number]> => {
    const { phase } = await killedAt(moment, userId, 'Order Completed');
    return [phase, post.taken.filter((address) => address === `${userId}@example.com`).length];
  };
  expect(await mailed('connects', 'ada')).toEqual(['sent', 1]);
  // From here on the ledger says that it is being handed over; nobody can know how far it came.
  expect(await mailed('names the addressee', 'bob')).toEqual(['uncertain', 0]);
  expect(await mailed('begins the message', 'cleo')).toEqual(['uncertain', 0]);
  expect(await mailed('waits for the answer', 'dora')).toEqual(['uncertain', 1]);
  const [phase, mails] = await mailed('was answered', 'emil');
  expect(['sent', 'uncertain']).toContain(phase);
  expect(mails).toBe(1);

  // The second to that domain within the minute waits its turn: planned and noted, not begun.
  await call('PUT', '/api/sites/shop/contact-rules', { mailsPerDomainMinute: 1 });
  await happen('first', 'Order Completed');
  await settled('first');
  await happen('later', 'Order Completed');
  await eventually(async () => expect((await actionOf('later'))?.phase).toBe('requested'), 30);
  await product.kill9();
  await restart();
  expect((await settled('later')).phase).toBe('sent');

  // A receiver knows by its id what it has had already, so a webhook is repeated.
  for (const [moment, least] of [
    ['connects', 1],
    ['waits for the answer', 2],
    ['was answered', 1],
  ] as const) {
    const { id, phase: said } = await killedAt(moment, `hook-${moment.replaceAll(' ', '-')}`, 'Ticket Opened');
    expect([moment, said]).toEqual([moment, 'sent']);
    expect(receiver.taken.get(id)).toBeGreaterThanOrEqual(least);
    expect(receiver.taken.get(id)).toBeLessThanOrEqual(2);
  }
  expect(receiver.taken.size).toBe(3);

  // Looked at again by the planner, after all of that: nothing more comes.
  await new Promise((resolve) => setTimeout(resolve, 7000));
  expect([...post.taken].sort()).toEqual(
    ['ada', 'dora', 'emil', 'first', 'later'].map((user) => `${user}@example.com`),
  );
});
