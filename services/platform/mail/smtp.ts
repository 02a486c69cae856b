import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { isAboutSender, isNoMailbox } from './bounce.ts';
import type { DkimKey } from './dkim.ts';
import type { Mail, Mailer, MailResult } from './mailer.ts';
import { composeMime, faultOf } from './mime.ts';
import { type Connection, createConnections, type Settings, type SmtpError } from './smtp-connections.ts';

const settingsOf = (url: string): Settings => {
  const parsed = new URL(url);
  const secure = parsed.protocol === 'smtps:';
  const user = decodeURIComponent(parsed.username);
  return {
    // The brackets of an IPv6 address belong to the URL.
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    auth: user === '' ? null : { user, pass: decodeURIComponent(parsed.password) },
  };
};

/** Replies about our login. */
const loginReplies = [530, 534, 535, 538];
/** Also at MAIL FROM, about the message: too large. */
const tooLarge = 552;
/** What nodemailer says of a message that this server cannot take: too large, or an address that cannot be sent. */
const unfitCodes = ['EENVELOPE', 'EMESSAGE'];

const reasonOf = (error: SmtpError): string => (error.response || error.message).slice(0, 500);

/** A refusal of us, not of this mail or its addressee: whoever runs this mends it, and the mail is as good as before. */
const isAboutUs = ({ command, responseCode }: SmtpError, reason: string): boolean =>
  loginReplies.includes(responseCode || 0) ||
  (command === 'MAIL FROM' && responseCode !== tooLarge) ||
  isAboutSender(reason);

/**
 * A refusing reply of the server is an answer (5xx: for good, 4xx: for now). Without one it counts whether the server had begun to get the
 * message: if so, it may have taken it.
 */
const outcomeOf = (error: SmtpError, isBegun: boolean): MailResult => {
  const reason = reasonOf(error);
  const reply = error.responseCode || 0;
  if (reply >= 400 && reply < 600) {
    const permanent = reply >= 500 && !isAboutUs(error, reason);
    return { kind: 'refused', permanent, isBounce: permanent && isNoMailbox(reason), reason };
  }
  if (isBegun) return { kind: 'unknown', reason };
  return { kind: 'refused', permanent: unfitCodes.includes(error.code ?? ''), isBounce: false, reason };
};

/** The message, and whether anything of it was asked for: nodemailer does so once the server has said yes to DATA. */
const watch = (message: Buffer): { stream: Readable; state: { isBegun: boolean } } => {
  const state = { isBegun: false };
  const read = function* () {
    state.isBegun = true;
    yield message;
  };
  return { stream: Readable.from(read(), { objectMode: false }), state };
};

/** Envelope and message in one go. */
const handOver = ({ smtp }: Connection, mail: Mail, message: Buffer): Promise<MailResult> =>
  new Promise((resolve) => {
    const { stream, state } = watch(message);
    const settle = (result: MailResult): void => {
      smtp.removeListener('error', fail);
      smtp.removeListener('end', ended);
      resolve(result);
    };
    const fail = (error: SmtpError): void => settle(outcomeOf(error, state.isBegun));
    // An answer that came with the end goes first.
    const ended = (): void => void setImmediate(() => fail(new Error('the server closed the connection')));
    smtp.once('error', fail);
    smtp.once('end', ended);
    const envelope = { from: mail.from.address, to: [mail.to.address], size: message.length };
    smtp.send(envelope, stream, (error, info) => {
      if (error) fail(error);
      else settle({ kind: 'accepted', response: info?.response ?? '' });
    });
  });

/** Mails by SMTP, side by side over some connections that are kept open between them. */
export const createSmtpMailer = (deps: { url: string; clock: Clock; dkim: DkimKey | null }): Mailer => {
  const connections = createConnections({ settings: settingsOf(deps.url), clock: deps.clock });
  const underWay = new Set<Promise<MailResult>>();

  const deliver = async (mail: Mail, beforeHandOver: () => Promise<void>): Promise<MailResult> => {
    const fault = faultOf(mail);
    if (fault !== null) return { kind: 'refused', permanent: true, isBounce: false, reason: fault };
    const message = await composeMime(mail, new Date(deps.clock.now()), deps.dkim);
    let connection: Connection;
    try {
      connection = await connections.take();
    } catch (error) {
      // Nothing was handed over: it can be tried again, also after a wrong password was mended.
      return { kind: 'refused', permanent: false, isBounce: false, reason: reasonOf(error as SmtpError) };
    }
    let result: MailResult = { kind: 'unknown', reason: 'not handed over' };
    try {
      await beforeHandOver();
      result = await handOver(connection, mail, message);
    } finally {
      connections.giveBack(connection, result.kind !== 'unknown');
    }
    return result;
  };

  return {
    send: (mail, beforeHandOver) => {
      const result = deliver(mail, beforeHandOver);
      underWay.add(result);
      return result.finally(() => underWay.delete(result));
    },
    close: async () => {
      await Promise.allSettled(underWay);
      connections.close();
    },
  };
};
