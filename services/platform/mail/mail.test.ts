import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Mail, Mailer, MailResult } from './mailer.ts';
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

const mailerTo = (url: string): Mailer => {
  const mailer = createSmtpMailer({ url, clock: systemClock, dkim: null });
  onTestFinished(() => mailer.close());
  return mailer;
};

const servers = new Set<SMTPServer>();
/** The server's side of a session. */
const connectionsOf = (id: string): { close(): void }[] =>
  [...servers]
    .flatMap((server) => [...(server as unknown as { connections: Set<{ id: string; close(): void }> }).connections])
    .filter((connection) => connection.id === id);

/** A server that does what `onData` says. */
const serve = async (onData: SMTPServerOptions['onData'], options: SMTPServerOptions = {}): Promise<Mailer> => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 500,
    ...options,
    ...(onData ? { onData } : {}),
  });
  // A connection that we cut on purpose is no fault of the test.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  servers.add(server);
  const address = server.server.address();
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return mailerTo(`smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
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

test.each([
  ['550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown', true],
  ['550 5.2.1 The mailbox is disabled', true],
  ['550 5.4.1 Recipient address rejected: Access denied', true],
  ['550 No such user here', true],
  ['550 5.7.1 User unknown to be trusted', false],
  ['550 5.1.8 Bad sender', false],
  ['552 5.2.2 Mailbox full', false],
  ['550 Rejected by policy', false],
  ['554 5.5.1 Error: no valid recipients', false],
  ['451 4.1.1 User unknown', false],
])('%s: is there no such mailbox? %s', async (reply, isBounce) => {
  const mailer = await script((line) => (/^RCPT/.test(line) ? `${reply}\r\n` : polite(line)), login);
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'refused', isBounce });
});

test.each([
  '550 5.1.0 <hello@shop.example>: Sender address rejected: User unknown in local recipient table',
  '550 5.1.0 Sender denied',
  '550 hello@shop.example: invalid address',
  '550 5.1.1 no such user',
  '553 5.7.1 not one of your addresses',
])(
  '%s: what refuses the sender is about us, it can be tried again and says nothing of the addressee',
  async (reply) => {
    const mailer = await script((line) => (/^MAIL/.test(line) ? `${reply}\r\n` : polite(line)), login);
    expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'refused', permanent: false, isBounce: false });
  },
);

test('the same where the server waits for the addressee with it, as Postfix does', async () => {
  const reply = '550 5.1.0 <hello@shop.example>: Sender address rejected: User unknown in local recipient table';
  const mailer = await script((line) => (/^RCPT/.test(line) ? `${reply}\r\n` : polite(line)), login);
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'refused', permanent: false, isBounce: false });
});

test('a mail that is too large is refused for good before its addressee is named', async () => {
  const reply = '552 5.3.4 Message too big for system';
  const mailer = await script((line) => (/^MAIL/.test(line) ? `${reply}\r\n` : polite(line)), login);
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'refused', permanent: true, isBounce: false });
});

/** A server that answers line by line: a text is sent, null hangs up. */
const script = async (answers: (line: string) => string | null, extensions = ''): Promise<Mailer> => {
  const server = createServer((socket) => {
    socket.write('220 here\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        const reply = /^EHLO/.test(line) ? `250${extensions === '' ? ' ' : '-'}here\r\n${extensions}` : answers(line);
        if (reply === null) return void socket.destroy();
        socket.write(reply);
      }
    });
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return mailerTo(`smtp://ada:secret@127.0.0.1:${port}`);
};
/** What a server says that takes everything: nothing to the lines of a message. */
const polite = (line: string): string => {
  if (/^AUTH/.test(line)) return '235 hello\r\n';
  if (/^DATA/.test(line)) return '354 go on\r\n';
  return /^(MAIL FROM|RCPT TO|RSET|QUIT|\.$)/.test(line) ? '250 ok\r\n' : '';
};
const login = '250 AUTH PLAIN\r\n';
const lostAt = (command: RegExp) => (line: string) => (command.test(line) ? null : polite(line));

test.each([['250-PIPELINING\r\n'], ['']])('where a server hangs up says what is known (%j)', async (extensions) => {
  const outcomeOf = async (command: RegExp): Promise<MailResult> =>
    (await script(lostAt(command), extensions + login)).send(mail, nothing);
  for (const early of [/^AUTH/, /^MAIL/, /^RCPT/, /^DATA/])
    expect(await outcomeOf(early), `lost at ${early}`).toMatchObject({ kind: 'refused', permanent: false });
  expect(await outcomeOf(/^Subject:/), 'lost with the message on its way').toMatchObject({ kind: 'unknown' });
  expect(await outcomeOf(/^\.$/), 'lost before the answer').toMatchObject({ kind: 'unknown' });
});

test('a server that says yes before it has the message is not believed, nor held to have refused', async () => {
  const hasty = await script(
    (line) =>
      /^DATA/.test(line) ? '354 go on\r\n250 taken\r\n250 taken\r\n' : /^\.$/.test(line) ? null : polite(line),
    login,
  );
  expect((await hasty.send(mail, nothing)).kind).not.toBe('refused');
});

test('a real server that breaks off in the middle of the message leaves the outcome unknown', async () => {
  const mailer = await serve((stream, session) => {
    stream.resume().on('end', () => {
      for (const connection of connectionsOf(session.id)) connection.close();
    });
  });
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'unknown' });
});

test('a connection that is lost while we get ready is no hand-over', async () => {
  const server = createServer((socket) => {
    socket.write('220 here\r\n');
    socket.on('data', () => socket.write('250 here\r\n', () => setTimeout(() => socket.resetAndDestroy(), 30)));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const mailer = mailerTo(`smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  const result = await mailer.send(mail, () => new Promise((resolve) => setTimeout(resolve, 150)));
  expect(result).toMatchObject({ kind: 'refused', permanent: false });
});

test('what this server can never take is refused for good, unsent', async () => {
  const got: number[] = [];
  const mailer = await serve(
    (stream, _session, done) =>
      void stream.resume().on('end', () => {
        got.push(1);
        done();
      }),
    { size: 2000 },
  );
  expect(await mailer.send({ ...mail, text: 'x'.repeat(5000) }, nothing)).toMatchObject({
    kind: 'refused',
    permanent: true,
  });
  expect(got).toEqual([]);
});

test('a server that wants a login first is about us, not about the mail: it can be tried again', async () => {
  const mailer = await script((line) => (/^MAIL/.test(line) ? '530 log in first\r\n' : polite(line)), login);
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'refused', permanent: false });
});

test('of many mails at once each goes out, over 50 connections at most', async () => {
  const open = { now: 0, most: 0 };
  const mailer = await serve((stream, _session, done) => void stream.resume().on('end', () => setTimeout(done, 20)), {
    onConnect: (_session, done) => {
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      done();
    },
    onClose: () => {
      open.now -= 1;
    },
  });
  const results = await Promise.all(Array.from({ length: 120 }, () => mailer.send(mail, nothing)));
  expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(120);
  expect([open.most > 10, open.most <= 50]).toEqual([true, true]);
});

test('mails share connections, also after a refusal; one that the server has closed is replaced unnoticed', async () => {
  const connections: { close(): void }[] = [];
  const mailer = await serve(
    (stream, session, done) =>
      void stream.resume().on('end', () => {
        if (!connections.includes(...(connectionsOf(session.id) as [{ close(): void }])))
          connections.push(...connectionsOf(session.id));
        done(stream.byteLength > 3000 ? Object.assign(new Error('too long'), { responseCode: 552 }) : null);
      }),
  );
  const results: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    const text = index === 2 ? 'long '.repeat(1000) : 'short';
    results.push((await mailer.send({ ...mail, id: `action-${index}`, text }, nothing)).kind);
  }
  expect([results, connections.length]).toEqual([['accepted', 'accepted', 'refused', 'accepted', 'accepted'], 1]);
  connections[0]?.close();
  expect(await mailer.send(mail, nothing)).toMatchObject({ kind: 'accepted' });
  const warnings: string[] = [];
  const warn = ({ message }: Error) => void warnings.push(message);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  for (let index = 0; index < 15; index += 1) await mailer.send({ ...mail, id: `row-${index}` }, nothing);
  expect(warnings).toEqual([]);
  await Promise.all(Array.from({ length: 8 }, (_, index) => mailer.send({ ...mail, id: `many-${index}` }, nothing)));
  expect(connections.length).toBeLessThanOrEqual(2 + 8);
  await mailer.close();
});

test('nobody there: it can be tried again, and nothing was announced', async () => {
  const mailer = createSmtpMailer({ url: 'smtp://127.0.0.1:9', clock: systemClock, dkim: null });
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
  ['a header in the id', { id: 'action-1>\r\nBcc: eve@example.com' }],
  ['a command in the address', { to: { name: '', address: 'ada@example.com>\r\nRCPT TO:<eve@example.com' } }],
];
test.each(hostile)('%s is refused before anything is sent', async (_name, part) => {
  const outbox = createOutbox({
    path: await mkdtemp(join(tmpdir(), 'desirepath-outbox-')),
    clock: systemClock,
    dkim: null,
  });
  const mailer = createSmtpMailer({ url: 'smtp://127.0.0.1:9', clock: systemClock, dkim: null });
  for (const each of [outbox, mailer])
    expect(await each.send({ ...mail, ...part }, nothing)).toMatchObject({ kind: 'refused', permanent: true });
});

test('the outbox keeps a mail once, shows it to its site only, and knows what it has', async () => {
  const path = await mkdtemp(join(tmpdir(), 'desirepath-outbox-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const outbox = createOutbox({ path, clock: systemClock, dkim: null });
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

test('the outbox lists the newest first, also those of before a restart, and at most what is asked for', async () => {
  const path = await mkdtemp(join(tmpdir(), 'desirepath-outbox-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const time = { now: 1_700_000_000_000 };
  const clock = { ...systemClock, now: () => (time.now += 1000) };
  const before = createOutbox({ path, clock, dkim: null });
  for (let index = 0; index < 70; index += 1) await before.send({ ...mail, id: `a-${index}` }, nothing);
  const outbox = createOutbox({ path, clock, dkim: null });
  await outbox.send({ ...mail, id: 'unseen' }, nothing);
  const ids = async (limit: number) => (await outbox.list('shop', limit)).map(({ id }) => id);
  expect(await ids(3)).toEqual(['unseen', 'a-69', 'a-68']);
  await outbox.send({ ...mail, id: 'newest' }, nothing);
  expect(await ids(2)).toEqual(['newest', 'unseen']);
  expect((await ids(200)).length).toBe(72);
  expect(await outbox.list('other', 10)).toEqual([]);
  expect((await readdir(join(path, 'shop'))).filter((name) => name.endsWith('.part'))).toEqual([]);
});
