import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Mail } from './mailer.ts';
import { createOutbox } from './outbox.ts';
import { createSmtpMailer } from './smtp.ts';

const mail: Mail = {
  id: 'action-1',
  site: 'shop',
  from: { name: 'Wren & Sons', address: 'hello@shop.example' },
  to: { name: 'Ada Łovelace', address: 'ada@example.com' },
  subject: 'Your basket – still here 🧺',
  html: '<p>Hello</p>',
  text: 'Hello',
  headers: { 'List-Unsubscribe': '<https://shop.example/u/1>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
};

/** A server that does what `onData` says. */
const serve = async (onData: SMTPServerOptions['onData']) => {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], ...(onData ? { onData } : {}) });
  // A connection that we cut on purpose is no fault of the test.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return createSmtpMailer({
    url: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    clock: systemClock,
  });
};

const nothing = async (): Promise<void> => undefined;

test('a mail arrives as it was meant, in both forms, with its headers', async () => {
  const got: ParsedMail[] = [];
  const mailer = await serve(
    (stream, _session, done) =>
      void simpleParser(stream).then((parsed) => {
        got.push(parsed);
        done();
      }, done),
  );
  const steps: string[] = [];
  expect(await mailer.send(mail, async () => void steps.push(`handing over, got ${got.length}`))).toMatchObject({
    kind: 'accepted',
  });
  expect(steps).toEqual(['handing over, got 0']);
  expect(got[0]).toMatchObject({
    subject: mail.subject,
    text: 'Hello',
    html: '<p>Hello</p>',
    messageId: '<action-1@shop.example>',
  });
  expect(got[0]?.from?.value).toEqual([{ name: 'Wren & Sons', address: 'hello@shop.example' }]);
  expect(got[0]?.headerLines.find(({ key }) => key === 'list-unsubscribe-post')?.line).toBe(
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  );
});

const answer = (code: number) => Object.assign(new Error('not today'), { responseCode: code });

test('a refusal for good and a refusal for now are told apart', async () => {
  const refusing =
    (code: number): SMTPServerOptions['onData'] =>
    (stream, _session, done) =>
      void stream.resume().on('end', () => done(answer(code)));
  expect(await (await serve(refusing(550))).send(mail, nothing)).toMatchObject({
    kind: 'refused',
    permanent: true,
    reason: expect.stringContaining('not today'),
  });
  expect(await (await serve(refusing(451))).send(mail, nothing)).toMatchObject({ kind: 'refused', permanent: false });
});

test('a server that hangs up after DATA leaves the outcome unknown', async () => {
  const { createServer } = await import('node:net');
  const server = createServer((socket) => {
    socket.write('220 here\r\n');
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      if (/^EHLO/i.test(text)) socket.write('250 here\r\n');
      else if (/^(MAIL|RCPT)/i.test(text)) socket.write('250 ok\r\n');
      else if (/^DATA/i.test(text)) socket.write('354 go on\r\n');
      else socket.destroy();
    });
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const mailer = createSmtpMailer({
    url: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    clock: systemClock,
  });
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'unknown' });
});

test('nobody there: it can be tried again, and nothing was announced', async () => {
  const mailer = createSmtpMailer({ url: 'smtp://127.0.0.1:9', clock: systemClock });
  const steps: string[] = [];
  expect(await mailer.send(mail, async () => void steps.push('announced'))).toMatchObject({
    kind: 'refused',
    permanent: false,
  });
  expect(steps).toEqual([]);
});

const hostile: [string, Partial<Mail>][] = [
  ['a second recipient', { to: { name: '', address: 'ada@example.com, eve@example.com' } }],
  ['a recipient in brackets', { to: { name: '', address: 'Ada <ada@example.com>' } }],
  ['a header in the name', { to: { name: 'Ada\r\nBcc: eve@example.com', address: 'ada@example.com' } }],
  ['a header in the subject', { subject: 'Hello\nBcc: eve@example.com' }],
  ['a command in the address', { to: { name: '', address: 'ada@example.com>\r\nRCPT TO:<eve@example.com' } }],
];
test.each(hostile)('%s is refused before anything is sent', async (_name, part) => {
  const outbox = createOutbox({ path: await mkdtemp(join(tmpdir(), 'desirepath-outbox-')), clock: systemClock });
  const mailer = createSmtpMailer({ url: 'smtp://127.0.0.1:9', clock: systemClock });
  for (const each of [outbox, mailer])
    expect(await each.send({ ...mail, ...part }, nothing)).toMatchObject({ kind: 'refused', permanent: true });
});

test('the outbox keeps a mail once, shows it to its site only, and knows what it has', async () => {
  const path = await mkdtemp(join(tmpdir(), 'desirepath-outbox-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const outbox = createOutbox({ path, clock: systemClock });
  const announced: number[] = [];
  for (let round = 0; round < 3; round += 1)
    expect(await outbox.send(mail, async () => void announced.push(round))).toMatchObject({ kind: 'accepted' });
  expect(announced, 'the second time it is there already').toEqual([0]);
  expect(await outbox.list('shop', 10)).toMatchObject([
    { id: 'action-1', to: 'ada@example.com', subject: mail.subject },
  ]);
  const kept = await outbox.read('shop', 'action-1');
  expect((await simpleParser(kept?.source ?? '')).subject).toBe(mail.subject);
  expect(await outbox.read('other', 'action-1')).toBeNull();
  expect(await outbox.read('shop', '../shop/action-1')).toBeNull();
});
