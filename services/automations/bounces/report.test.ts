import { expect, test } from 'vitest';
import { readReport } from './report.ts';

/** Whom a report is about. */
const whom = (text: string) => readReport(text)?.map(({ kind, address }) => ({ kind, address })) ?? null;

/** A report as a mail server writes it, with the mail that it is about. */
const report = (type: string, fields: string, more: { head?: string; original?: string } = {}): string =>
  [
    'From: MAILER-DAEMON@mx.example',
    'Subject: Undelivered Mail',
    'Content-Type: multipart/report;',
    ' report-type=delivery-status; boundary="=_b 1"',
    '',
    'This is a MIME message.',
    '--=_b 1',
    'Content-Type: text/plain',
    '',
    'Action: failed',
    'Final-Recipient: rfc822; not-a-field@example.com',
    '--=_b 1',
    `Content-Type: ${type}`,
    ...(more.head === undefined ? [] : [more.head]),
    '',
    fields,
    '--=_b 1',
    'Content-Type: message/rfc822',
    '',
    more.original ?? 'To: Ada <ada@example.com>\nSubject: Your basket\n\nHello',
    '--=_b 1--',
  ].join('\r\n');

const status = (action: string, code: string, more = ''): string =>
  `Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; Ada@Example.com\r\nAction: ${action}\r\nStatus: ${code}${more}\r\n`;
const soft = [{ kind: 'soft', address: 'ada@example.com' }];
const bounce = [{ kind: 'bounce', address: 'ada@example.com' }];

test.each([
  ['an unknown mailbox', status('failed', '5.1.1'), bounce],
  ['a domain that is gone', status('failed', '5.1.2 (bad domain)'), bounce],
  ['a failure that nothing more is said of', status('failed', '5.0.0'), bounce],
  ['a delay', status('delayed', '4.4.1'), []],
  ['a delay with the code of a failure', status('delayed', '5.1.1'), []],
  ['a failure for now, tried for too long', status('failed', '4.4.7'), soft],
  ['a delivery', status('delivered', '2.0.0'), []],
  ['a full mailbox', status('failed', '5.2.2'), soft],
  ['a full mailbox, for now', status('failed', '4.2.2'), soft],
  ['a delay because of a full mailbox', status('delayed', '4.2.2'), []],
  ['a refusal of us for now', status('failed', '4.7.1'), []],
  ['a refusal of us by policy', status('failed', '5.7.1'), []],
  [
    'a refusal of our address',
    status('failed', '5.1.0', '\r\nDiagnostic-Code: smtp; 550 5.1.0 <hello@shop.example>: Sender address rejected'),
    [],
  ],
  [
    'the same, in the words of the other server',
    status('failed', '5.0.0', '\r\nDiagnostic-Code: smtp; 550 5.7.1 blocked'),
    [],
  ],
])('%s', (_name, fields, expected) => {
  expect(whom(report('message/delivery-status', fields))).toEqual(expected);
});

test.each([
  ['554 Message rejected due to spam content', []],
  ['550 Blocked: your IP is on our list', []],
  ['552 mailbox is full', []],
  ['550 5.1.0 <hello@shop.example>: Sender address rejected: User unknown', []],
  ['550 No such user here', bounce],
  ['550 5.1.1 gone', bounce],
])('where the code says nothing the words count: %s', (words, expected) => {
  const fields = status('failed', '5.0.0', `\r\nDiagnostic-Code: smtp; ${words}`);
  expect(whom(report('message/delivery-status', fields))).toEqual(expected);
});

test('of a forwarded mail it is the address that we wrote to', () => {
  const forwarded = status('failed', '5.1.1', '\r\nOriginal-Recipient: rfc822;\r\n eve@example.com');
  expect(whom(report('message/delivery-status', forwarded))).toEqual([{ kind: 'bounce', address: 'eve@example.com' }]);
});

test('a report in base 64, and one with the line ends of Unix, are read too', () => {
  const packed = Buffer.from(status('failed', '5.1.1')).toString('base64');
  const head = 'Content-Transfer-Encoding: base64';
  expect(whom(report('message/delivery-status', packed, { head }))).toEqual(bounce);
  const unix = report('message/delivery-status', status('failed', '5.1.1')).replaceAll('\r\n', '\n');
  expect(whom(unix)).toEqual(bounce);
});

const feedback = (kind: string, more = ''): string => `Feedback-Type: ${kind}\r\nUser-Agent: x/1\r\nVersion: 1${more}`;
const complaint = [{ kind: 'complaint', address: 'ada@example.com' }];

test.each([
  ['abuse, with whom it was sent to', feedback('abuse', '\r\nOriginal-Rcpt-To: <ADA@example.com>'), complaint],
  ['abuse, where only the mail says it', feedback('abuse'), complaint],
  ['a complaint that is taken back', feedback('not-spam', '\r\nOriginal-Rcpt-To: <ada@example.com>'), []],
])('%s', (_name, fields, expected) => {
  expect(whom(report('message/feedback-report', fields))).toEqual(expected);
});

test('a mail that is no report is none, however it is made', () => {
  expect(whom('From: ada@example.com\r\n\r\nStatus: 5.1.1\r\nAction: failed')).toBeNull();
  expect(whom('Content-Type: multipart/report\r\n\r\n')).toBeNull();
  expect(whom(report('text/plain', status('failed', '5.1.1')))).toBeNull();
  expect(whom(`x${'\n'.repeat(1_000_000)}`)).toBeNull();
});

test('which mail it was is read of the mail that comes along, whole or its header', () => {
  const original = 'To: Ada <ada@example.com>\nMessage-ID:\n <k3@shop.example>\n\nMessage-ID: <not-this@shop.example>';
  const why = '\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user';
  expect(readReport(report('message/delivery-status', status('failed', '5.1.1', why), { original }))).toEqual([
    {
      kind: 'bounce',
      address: 'ada@example.com',
      messageId: 'k3@shop.example',
      reason: 'smtp; 550 5.1.1 no such user',
    },
  ]);
  const header = report('message/delivery-status', status('failed', '5.1.1'), { original });
  expect(readReport(header.replace('Content-Type: message/rfc822', 'Content-Type: text/rfc822-headers'))).toEqual([
    { kind: 'bounce', address: 'ada@example.com', messageId: 'k3@shop.example', reason: '5.1.1' },
  ]);
  const hidden = 'To: [redacted]\nMessage-ID: <k3@shop.example>\n\nHello';
  expect(
    readReport(report('message/feedback-report', feedback('abuse'), { original: hidden })),
    'whose is left out',
  ).toEqual([{ kind: 'complaint', address: null, messageId: 'k3@shop.example', reason: 'abuse' }]);
});
