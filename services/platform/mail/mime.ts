import { encode as toBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import MailComposer from 'nodemailer/lib/mail-composer';
import type MimeNode from 'nodemailer/lib/mime-node';
import { encode as toPrintable, wrap as wrapPrintable } from 'nodemailer/lib/qp';
import { Failure } from '../failure.ts';
import { type DkimKey, signMessage } from './dkim.ts';
import type { Mail } from './mailer.ts';

/** One mailbox, nothing that could be read as two or as another header. Stricter than RFC 5322 on purpose. */
const oneAddress = /^[^\s@"(),:;<>[\]\\]{1,64}@[^\s@"(),:;<>[\]\\]{1,255}$/u;
const lineBreak = /[\r\n]/;
/** What may be a file's name and stand before the @ of a Message-ID. */
const safeId = /^[A-Za-z0-9_-]{1,120}$/;

/** Why this mail must not go out, or null. Whoever writes names and subjects may be hostile. */
export const faultOf = (mail: Mail): string | null => {
  if (!safeId.test(mail.id)) return `"${mail.id.slice(0, 100)}" is no id: letters, digits, - and _`;
  if (!oneAddress.test(mail.to.address)) return `"${mail.to.address.slice(0, 100)}" is not exactly one address`;
  if (!oneAddress.test(mail.from.address)) return `"${mail.from.address.slice(0, 100)}" is not exactly one address`;
  const lines = [mail.subject, mail.to.name, mail.from.name, ...Object.entries(mail.headers).flat()];
  return lines.some((line) => lineBreak.test(line)) ? 'a header holds a line break' : null;
};

/** The same for the same mail, so that a server or a reader can tell a repetition. */
export const messageIdOf = (mail: Mail): string => `<${mail.id}@${mail.from.address.split('@')[1] ?? 'localhost'}>`;

const contentOf = (node: MimeNode): string => {
  const content = typeof node.content === 'string' ? node.content : '';
  switch (node.getTransferEncoding()) {
    case 'quoted-printable':
      return wrapPrintable(toPrintable(content));
    case 'base64':
      return wrapBase64(toBase64(content));
    default:
      return content;
  }
};

/** The library writes by way of streams, which takes a millisecond of a core for each mail: ours are texts in memory. */
const messageOf = (node: MimeNode): string => {
  const headers = node.buildHeaders();
  const { boundary, childNodes } = node;
  const body = boundary
    ? `${childNodes.map((child) => `--${boundary}\r\n${messageOf(child)}\r\n`).join('')}--${boundary}--\r\n`
    : contentOf(node);
  return `${headers}\r\n\r\n${body}`;
};

/** The message as bytes: multipart/alternative, text and HTML, signed where there is a key. @throws Failure `bad_request` for a mail with a fault. */
export const composeMime = async (mail: Mail, at: Date, dkim: DkimKey | null): Promise<Buffer> => {
  const fault = faultOf(mail);
  if (fault !== null) throw new Failure('bad_request', fault);
  const composer = new MailComposer({
    from: mail.from,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: at,
    messageId: messageIdOf(mail),
    headers: Object.entries(mail.headers).map(([key, value]) => ({ key, value })),
    // Templates name files and addresses as text only.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // As it goes over the wire: what is signed is what arrives.
  const message = Buffer.from(messageOf(composer.compile()).replace(/\r?\n|(?<!\n)$/g, '\r\n'));
  return dkim === null ? message : await signMessage(message, dkim);
};
